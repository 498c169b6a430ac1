"""The two ends of a connection, and a pipe between them each way.

Everything here runs in the event loop of the proxy's process.
"""

import asyncio
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from eventlab.services.relay import Relay

# More than this is not taken before some of it has gone out: the sender has to wait, as for TCP.
MOST_WAITING = 262_144

_STEP_SECONDS = 0.05  # of a slow body; as much of it goes out at once
_SHORTEST_SECONDS = 0.001  # of a timer, which may be early by that
_RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER of no time: a close is a reset


class End(asyncio.Protocol):
    """One end of a connection: the client's, or the target's."""

    def __init__(self, relay: "Relay", take: "Callable[[bytes], None]") -> None:
        self.out: Pipe  # to the other end
        self.transport: asyncio.Transport | None = None
        self.is_full = False
        self._relay = relay
        self._is_paused = False
        # Not a method of ours that calls it: this is done for each piece of data.
        self.data_received = take  # type: ignore[assignment, method-assign]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what data is written to."""
        self.transport = cast(asyncio.Transport, transport)
        self._relay.on_end_open(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Let the other end know."""
        self.transport = None
        self._relay.on_end_lost(error)

    def eof_received(self) -> bool:
        """Keep the connection: the other direction may go on."""
        self._relay.on_end_of_stream(self)
        return True

    def pause_writing(self) -> None:
        """Take no more than goes out here."""
        self.is_full = True
        self._relay.into(self).regulate()

    def resume_writing(self) -> None:
        """Take more again."""
        self.is_full = False
        self._relay.into(self).regulate()

    def pause(self) -> None:
        """Read no more for now, so that the sender has to wait."""
        if self.transport is not None and not self._is_paused and not self.transport.is_closing():
            self._is_paused = True
            self.transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self.transport is not None and self._is_paused and not self.transport.is_closing():
            self._is_paused = False
            self.transport.resume_reading()

    def end_writing(self) -> None:
        """Say that nothing more comes."""
        if self.transport is not None and not self.transport.is_closing():
            with suppress(OSError):  # it has gone already, and will say so
                self.transport.write_eof()

    def close(self) -> None:
        """Close it when all is written."""
        if self.transport is not None:
            self.transport.close()

    def reset(self) -> None:
        """Break it off."""
        if self.transport is None:
            return
        with suppress(OSError):  # it has gone already
            raw = self.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        self.transport.abort()


class Pipe:
    """One direction: what came in at `source` goes out at `target`, in order, when it is due."""

    def __init__(self, relay: "Relay", source: End, target: End) -> None:
        self.source = source
        self.target = target
        self.waiting: deque[tuple[float, bytes | None]] = deque()  # None is the end of the stream
        self.is_done = False
        self._is_ended = False
        self._relay = relay
        self._waiting_bytes = 0
        self._last_due = 0.0
        self._next_write = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, data: bytes | None, *, ways: int = 1) -> None:
        """Let it go out when it is due; None is the end. `ways` is how often it is delayed."""
        if self._is_ended:
            return
        self._is_ended = data is None
        due = time.monotonic() + ways * self._delay()
        self._last_due = max(self._last_due, due)
        self.waiting.append((self._last_due, data))
        self._waiting_bytes += len(data or b"")
        self.drain()

    def renew(self) -> None:
        """Let nothing wait for longer than it would under the faults of now."""
        latest = time.monotonic() + self._delay()
        self._last_due = min(self._last_due, latest)
        self._next_write = 0.0
        self.waiting = deque((min(due, latest), data) for due, data in self.waiting)
        self.drain()

    def drain(self) -> None:
        """Write what is due, and come back for the rest."""
        self.forget_timer()
        rate = self._relay.way.faults.bytes_per_second
        while self.waiting and self._relay.is_passing and self.target.transport is not None:
            rest = max(self.waiting[0][0], self._next_write) - time.monotonic()
            if rest > 0:
                self._come_back(rest)
                break
            self._write_first(rate)
        self.regulate()

    def regulate(self) -> None:
        """Let the source wait while too much waits here, or at the target."""
        if self.target.is_full or self._waiting_bytes > MOST_WAITING:
            self.source.pause()
        elif self._waiting_bytes <= MOST_WAITING // 2:
            self.source.resume()

    def forget_timer(self) -> None:
        """Come back no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write_first(self, rate: float | None) -> None:
        due, data = self.waiting.popleft()
        if data is None:
            self._finish()
            return
        if rate is not None:
            now, later = _parted(data, rate)
            self._next_write = time.monotonic() + len(now) / rate
            if later:
                self.waiting.appendleft((due, later))
            data = now
        self._waiting_bytes -= len(data)
        if self.target.transport is not None:
            self.target.transport.write(data)

    def _finish(self) -> None:
        self.is_done = True
        self.target.end_writing()
        self._relay.on_pipe_done()

    def _delay(self) -> float:
        faults = self._relay.way.faults
        if not faults.jitter_seconds:
            return faults.latency_seconds
        jitter = self._relay.way.delays.uniform(-faults.jitter_seconds, faults.jitter_seconds)
        return max(0.0, faults.latency_seconds + jitter)

    def _come_back(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(seconds, _SHORTEST_SECONDS), self.drain)


def _parted(data: bytes, rate: float) -> tuple[bytes, bytes]:
    """Return what goes out at once, so many bytes a second, and the rest."""
    most = max(1, int(rate * _STEP_SECONDS))
    return data[:most], data[most:]
