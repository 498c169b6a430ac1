"""What a running service says to its owner: that it is ready, what failed, what ended it."""

import threading
import traceback
from collections.abc import Callable
from typing import Any

from eventlab.errors import EventlabError, ServiceError
from eventlab.processes.own_lines import own_line
from eventlab.services.plan import Failed, Ready, Trouble

_EVERY_SECONDS = 0.5


class Reports:
    """Send it to the owner; troubles at most twice a second, with how many there were."""

    def __init__(self, name: str, send: Callable[[Any], object]) -> None:
        self._name = name
        self._send = send
        self._lock = threading.Lock()
        self._unsaid = 0
        self._last: BaseException | None = None
        self._timer: threading.Timer | None = None

    def ready(self) -> None:
        """Say that it has begun."""
        self._send(Ready())

    def failed(self, error: BaseException) -> None:
        """Say what ended it."""
        self.flush()
        self._send(Failed(self._shown(error)))

    def trouble(self, error: BaseException) -> None:
        """Say what has failed in one request or at one event."""
        with self._lock:
            self._unsaid += 1
            self._last = error
            if self._timer is None:
                self._say()

    def flush(self) -> None:
        """Say what is not said yet."""
        with self._lock:
            self._say()

    def _say(self) -> None:
        """Say what there is, and look again after a while; with the lock."""
        self._timer = None
        if self._last is None:
            return
        self._send(Trouble(self._shown(self._last), self._unsaid))
        self._unsaid = 0
        self._last = None
        self._timer = threading.Timer(_EVERY_SECONDS, self.flush)
        self._timer.daemon = True
        self._timer.start()

    def _shown(self, error: BaseException) -> EventlabError:
        """Return what the learner is shown of it; its traceback is in the output."""
        traceback.print_exception(error)
        return service_failure(self._name, error)


def service_failure(name: str, error: BaseException) -> EventlabError:
    """Return an error as its learner is shown it: the cause, and the line of their own."""
    if isinstance(error, EventlabError):
        return error
    return ServiceError(
        f"The service {name!r} failed",
        expected="code that takes every request and event",
        found=f"{type(error).__name__}: {error}",
        remedy=own_line(error) or "Its output has the rest: service.output",
    )
