"""A user's connection to the supervisor: what it is told, and what it asks for."""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from eventlab.errors import BrokerError

_WELCOME_SECONDS = 5.0


@dataclass(frozen=True)
class BrokerState:
    """What the supervisor last told: state, reason, notice, port, pid, users, kept."""

    state: str = "lost"
    reason: str = "its supervisor is gone"
    notice: str = ""
    port: int = 0
    pid: int | None = None
    users: list[str] = field(default_factory=list)
    kept: bool = False


class Lease:
    """Hold the broker for this process until `close`, or until the process ends.

    A daemon thread reads what the supervisor tells. All methods may be called from any thread.
    """

    def __init__(self, port: int, token: str, name: str, on_change: Callable[[BrokerState], None]):
        self._socket = socket.create_connection(("127.0.0.1", port), _WELCOME_SECONDS)
        self._socket.settimeout(None)
        self._changed = threading.Condition()
        self._on_change = on_change
        self._told, self._handled, self._asked = BrokerState("unknown", ""), -1, 0
        # A forked child would keep the lease after this process is gone.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._socket.close)
        threading.Thread(target=self._read, name="eventlab-lease", daemon=True).start()
        self._send({"token": token, "name": name, "pid": os.getpid()})
        self._await(lambda: self._handled >= 0 or self._told.state == "lost", _WELCOME_SECONDS)
        if self._handled < 0:
            self.close()
            raise ConnectionError("the supervisor did not welcome this process")

    @property
    def told(self) -> BrokerState:
        """Return what the supervisor last told."""
        return self._told

    def ask(self, wish: str, until: set[str], seconds: float) -> BrokerState:
        """Send `wish` and return the state, once it is one of `until` (or failed, or lost)."""
        with self._changed:
            self._asked += 1
            asked = self._asked
        self._send({"do": wish, "id": asked})
        ends = until | {"failed", "lost"}
        arrived = self._await(
            lambda: (
                (self._handled >= asked or self._told.state == "lost") and self._told.state in ends
            ),
            seconds,
        )
        if not arrived:
            raise BrokerError(
                f"The broker did not {wish}",
                expected=f"it to be {' or '.join(sorted(until))} within {seconds:g} s",
                found=f"it is {self._told.state}",
                remedy="Run `eventlab broker stop`, then the set-up cell again.",
            )
        return self._told

    def await_state(self, until: set[str], seconds: float) -> BrokerState:
        """Return the state once it is one of `until`, or what it is when the time is up."""
        self._await(lambda: self._told.state in until, seconds)
        return self._told

    def close(self) -> None:
        """Give the lease up; the broker ends when this was the last."""
        with contextlib.suppress(OSError):  # the other side may have gone first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _await(self, condition: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        with self._changed:
            return self._changed.wait_for(condition, max(0.0, deadline - time.monotonic()))

    def _send(self, message: dict) -> None:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._hear({"state": "lost", "reason": BrokerState.reason})

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                self._hear(json.loads(line))
        self._hear({"state": "lost", "reason": BrokerState.reason})

    def _hear(self, message: dict) -> None:
        handled = message.pop("handled", None)
        before = self._told
        with self._changed:
            self._told = BrokerState(**message)
            self._handled = self._handled if handled is None else handled
            self._changed.notify_all()
        if self._told != before:
            self._on_change(self._told)
