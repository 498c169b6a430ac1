"""A user's connection to the supervisor: what it is told, and what it asks for."""

import json
import logging
import os
import socket
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, fields

from eventlab.errors import BrokerError

_WELCOME_SECONDS = 5.0
_LOG = logging.getLogger("eventlab.broker")


@dataclass(frozen=True)
class BrokerState:
    """What the supervisor last told: state, reason, notice, port, pid, users, kept."""

    state: str = "unknown"
    reason: str = ""
    notice: str = ""
    port: int = 0
    pid: int | None = None
    users: list[str] = field(default_factory=list)
    kept: bool = False

    def lost(self) -> "BrokerState":
        """Return what is left to know when the supervisor is gone: where the broker was."""
        return BrokerState("lost", "its supervisor is gone", port=self.port)


_KNOWN = {item.name for item in fields(BrokerState)}


@dataclass
class _Wish:
    """Something asked for: its number, the states that end it, and the one that did."""

    number: int
    ends: set[str]
    answer: BrokerState | None = None


class Lease:
    """Hold the broker for this process until `close`, or until the process ends.

    A daemon thread reads what the supervisor tells, and calls `on_change` at every change: that
    function must not ask for anything itself. All methods may be called from any thread.
    """

    def __init__(self, port: int, token: str, name: str, on_change: Callable[[BrokerState], None]):
        self._socket = socket.create_connection(("127.0.0.1", port), _WELCOME_SECONDS)
        _HELD.add(self)
        self._socket.settimeout(None)
        self._changed = threading.Condition()
        self._on_change = on_change
        self._told, self._handled, self._asked = BrokerState(), -1, 0
        self._wishes: list[_Wish] = []
        threading.Thread(target=self._read, name="eventlab-lease", daemon=True).start()
        self._send({"token": token, "name": name, "pid": os.getpid()})
        self._await(lambda: self._handled >= 0 or self._is_lost(), _WELCOME_SECONDS)
        if self._handled < 0:
            self.close()
            raise ConnectionError("the supervisor did not welcome this process")

    @property
    def told(self) -> BrokerState:
        """Return what the supervisor last told."""
        return self._told

    def ask(self, wish: str, until: set[str], seconds: float) -> BrokerState:
        """Send `wish` and return the first state after it that is one of `until`, failed or lost.

        Another user's wish may follow at once: the state may be another one by now.
        """
        asked = self._record(until | {"failed", "lost"})
        self._send({"do": wish, "id": asked.number})
        self._await(lambda: asked.answer or self._is_lost(), seconds)
        with self._changed:
            self._wishes.remove(asked)
        if asked.answer or self._is_lost():
            return asked.answer or self._told
        raise BrokerError(
            f"The broker did not {wish}",
            expected=f"it to be {' or '.join(sorted(until))} within {seconds:g} s",
            found=f"it is {self._told.state}",
            remedy="Run `eventlab broker stop`, then the set-up cell again.",
        )

    def await_state(self, until: set[str], seconds: float) -> BrokerState:
        """Return the state once it is one of `until`, or what it is when the time is up."""
        self._await(lambda: self._told.state in until, seconds)
        return self._told

    def close(self) -> None:
        """Give the lease up; the broker ends when this was the last."""
        with suppress(OSError):  # the other side may have gone first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def forget_in_child(self) -> None:
        """Let a forked child not hold what its parent holds."""
        # The reader's file keeps `close` from closing the descriptor, so it is taken away.
        if (descriptor := self._socket.detach()) >= 0:
            os.close(descriptor)

    def _is_lost(self) -> bool:
        return self._told.state == "lost"

    def _record(self, ends: set[str]) -> _Wish:
        with self._changed:
            self._asked += 1
            self._wishes.append(_Wish(self._asked, ends))
            return self._wishes[-1]

    def _await(self, condition: Callable[[], object], seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(condition, seconds)

    def _send(self, message: dict) -> None:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._hear(self._told.lost())

    # -- in the reader's thread -----------------------------------------------------------------

    def _read(self) -> None:
        # Whoever listens on a port of the past may say anything: then this is not our supervisor.
        with suppress(OSError, ValueError, AttributeError), self._socket.makefile("rb") as lines:
            for line in lines:
                message = json.loads(line)
                known = {name: message[name] for name in _KNOWN & message.keys()}
                self._hear(BrokerState(**known), message.get("handled"))
        self._hear(self._told.lost())

    def _hear(self, told: BrokerState, handled: int | None = None) -> None:
        with self._changed:
            before, self._told = self._told, told
            self._handled = self._handled if handled is None else handled
            for wish in self._wishes:
                if wish.number <= self._handled and told.state in wish.ends:
                    wish.answer = wish.answer or told
            self._changed.notify_all()
        if told != before:
            self._tell(told)

    def _tell(self, told: BrokerState) -> None:
        try:
            self._on_change(told)
        except Exception:  # a listener's fault must not end the reading
            _LOG.exception("A listener to the broker's state failed")


# One hook for all leases of the process: a forked child would keep them after it is gone.
_HELD: "weakref.WeakSet[Lease]" = weakref.WeakSet()


def _forget_in_child() -> None:
    for lease in list(_HELD):
        lease.forget_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
