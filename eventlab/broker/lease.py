"""A user's connection to the supervisor: what it reports, and what is asked of it."""

import json
import logging
import os
import socket
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from eventlab.broker.states import BrokerState, read_state
from eventlab.errors import BrokerError, EventlabError
from eventlab.processes.background import Background

_WELCOME_SECONDS = 5.0
_LOG = logging.getLogger("eventlab.broker")

Listener = Callable[[BrokerState], object]
Unheard = Callable[[str, str, str], EventlabError]


def _broker_unheard(command: str, expected: str, found: str) -> EventlabError:
    return BrokerError(
        f"The broker did not {command}",
        expected=expected,
        found=found,
        remedy="Run `eventlab broker stop`, then the set-up cell again.",
    )


@dataclass
class _Request:
    """Something asked for: its number, the states that end it, of which node, and the answer."""

    number: int
    ends: set[str]
    node: int | None
    answer: BrokerState | None = None

    def take(self, reported: BrokerState, handled: int) -> None:
        """Take the first state after it was handled that ends it."""
        is_end = self.number <= handled and reported.of(self.node) in self.ends
        if is_end and self.answer is None:
            self.answer = reported


class Lease:
    """Hold the broker for this process until `close`, or until the process ends; `opened` makes it.

    A daemon thread reads what the supervisor reports, and calls `on_change` at every change: that
    function must not ask for anything itself. All methods may be called from any thread. `unheard`
    makes the error of a command that has not been carried out, from it, what was expected, and what
    was found.
    """

    def __init__(
        self,
        port: int,
        token: str,
        name: str,
        on_change: Listener,
        unheard: Unheard = _broker_unheard,
    ) -> None:
        self._port = port
        self._introduction = {"token": token, "name": name, "pid": os.getpid()}
        self._on_change = on_change
        self._unheard = unheard
        self._changed = threading.Condition()
        self._reported = BrokerState()
        self._handled = -1
        self._asked = 0
        self._requests: list[_Request] = []
        self._reading = Background("lease", self._read, halt=self._shut, on_end=self._ended)

    def open(self) -> None:
        """Connect, and return when the supervisor has welcomed this process. Raises OSError."""
        self._socket = socket.create_connection(("127.0.0.1", self._port), _WELCOME_SECONDS)
        _HELD.add(self)
        self._socket.settimeout(None)
        self._reading.start()
        self._send(self._introduction)
        self._await(lambda: self._handled >= 0 or self._is_lost(), _WELCOME_SECONDS)
        if self._handled < 0:
            self.close()
            raise ConnectionError("the supervisor did not welcome this process")

    @property
    def reported(self) -> BrokerState:
        """Return what the supervisor reported last."""
        return self._reported

    def ask(
        self, command: str, until: set[str], seconds: float, node: int | None = None
    ) -> BrokerState:
        """Send `command` and return the first state after it that is one of `until`, failed, lost.

        With `node` it is meant for that node alone, and so is `until`. Another user's command may
        follow at once: the state may be another one by now.
        """
        request = self._requested(until | {"failed", "lost"}, node)
        message: dict[str, Any] = {"do": command, "id": request.number}
        self._send(message if node is None else message | {"node": node})
        self._await(lambda: request.answer or self._is_lost(), seconds)
        with self._changed:
            self._requests.remove(request)
        if request.answer is not None:
            return request.answer
        if self._is_lost():
            return self._reported
        expected = f"it to be {' or '.join(sorted(until))} within {seconds:g} s"
        raise self._unheard(command, expected, f"it is {self._reported.of(node)}")

    def await_state(self, until: set[str], seconds: float) -> BrokerState:
        """Return the state once it is one of `until`, or what it is when the time is up."""
        self._await(lambda: self._reported.state in until, seconds)
        return self._reported

    def close(self) -> None:
        """Give the lease up; the broker ends when this was the last. A second time is harmless."""
        self._reading.ask_to_stop()

    def forget_in_child(self) -> None:
        """Let a forked child not hold what its parent holds."""
        # The reader's file keeps `close` from closing the descriptor, so it is taken away.
        if (descriptor := self._socket.detach()) >= 0:
            os.close(descriptor)

    def _is_lost(self) -> bool:
        return self._reported.state == "lost"

    def _requested(self, ends: set[str], node: int | None) -> _Request:
        with self._changed:
            self._asked += 1
            request = _Request(self._asked, ends, node)
            self._requests.append(request)
            return request

    def _await(self, condition: Callable[[], object], seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(condition, seconds)

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._take(self._reported.lost())

    def _shut(self) -> None:
        with suppress(OSError):  # the other side may have gone first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    # -- in the reader's thread -----------------------------------------------------------------

    def _read(self) -> None:
        # Whoever listens on a port of the past may say anything: then this is not our supervisor.
        with suppress(OSError, ValueError, AttributeError), self._socket.makefile("rb") as lines:
            for line in lines:
                message = json.loads(line)
                self._take(read_state(message), message.get("handled"))

    def _ended(self, error: BaseException | None) -> None:
        if error is not None:
            _LOG.error("The lease of the broker ended with an error", exc_info=error)
        self._take(self._reported.lost())

    def _take(self, reported: BrokerState, handled: int | None = None) -> None:
        with self._changed:
            before = self._reported
            self._reported = reported
            if handled is not None:
                self._handled = handled
            for request in self._requests:
                request.take(reported, self._handled)
            self._changed.notify_all()
        if reported != before:
            self._pass_on(reported)

    def _pass_on(self, reported: BrokerState) -> None:
        try:
            self._on_change(reported)
        except Exception:  # a listener's fault must not end the reading
            _LOG.exception("A listener to the broker's state failed")


def opened(
    port: int,
    token: str,
    name: str,
    on_change: Listener,
    unheard: Unheard = _broker_unheard,
) -> Lease:
    """Return a lease that holds what the supervisor on this port has. Raises OSError."""
    lease = Lease(port, token, name, on_change, unheard)
    lease.open()
    return lease


# One hook for all leases of the process: a forked child would keep them after it is gone.
_HELD: "weakref.WeakSet[Lease]" = weakref.WeakSet()


def _forget_in_child() -> None:
    for lease in list(_HELD):
        lease.forget_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)
