"""A service in a thread of the notebook's own process: it sees what the notebook has."""

import os
import threading
from functools import partial
from socket import socket
from typing import Any

from eventlab.errors import UsageError
from eventlab.processes.background import Background
from eventlab.services.http_service import HttpService
from eventlab.services.inside import Place
from eventlab.services.life import Life
from eventlab.services.reporting import Reports
from eventlab.services.serving import Serving

_STOP_SECONDS = 4.0


class ThreadService(HttpService):
    """Serve an app in a thread; it can be stopped and started again, not killed or frozen."""

    _app: Any = None

    def _take(self, work: object) -> None:
        self._app = work

    def _begun(self) -> Life:
        life = ThreadLife(self.name)
        life.begin(self._app, self._place, self._port.bound())
        return life


class ThreadLife(Life):
    """The thread of a service while it lives."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._reports = Reports(name, self._on_frame)
        self._lock = threading.Lock()
        self._serving: Serving | None = None
        self._background: Background | None = None

    @property
    def pid(self) -> int:
        """Return the id of the notebook's process."""
        return os.getpid()

    def begin(self, app: Any, place: Place, listener: socket) -> None:
        """Let it begin, and return when it takes requests. Raises ServiceError."""
        serving = Serving(app, place, self._reports)
        self._serving = serving
        self._background = Background(
            f"service {self._name}",
            partial(_run, serving, listener),
            halt=self.ask_to_stop,
            on_end=self._on_end,
        )
        self._background.start()
        try:
            self._await_start()
        except BaseException:  # an interrupt too: nobody would ever end it
            self.stop()
            raise

    def ask_to_stop(self) -> None:
        """Ask it to end in peace, and return at once."""
        if not self.has_ended.is_set():
            self._end = "stopped"
            if self._serving is not None:
                self._serving.stop()

    def stop(self) -> None:
        """End it in peace; a request that goes on for longer keeps its thread."""
        self.ask_to_stop()
        if self._background is not None:
            self._background.stop(_STOP_SECONDS)

    def kill(self) -> None:
        """Refuse: who kills a thread of the kernel kills the kernel. Raises UsageError."""
        raise self._refused("killed")

    def suspend(self) -> None:
        """Refuse, as `kill` does. Raises UsageError."""
        raise self._refused("frozen")

    def resume(self) -> None:
        """Do nothing: it is never frozen."""

    def output(self) -> str:
        """Return nothing: what it prints is in the notebook."""
        return ""

    def close(self) -> None:
        """Do nothing: it has no output of its own."""

    def _on_end(self, error: BaseException | None) -> None:
        if error is not None:
            self._reports.failed(error)
        self._has_come_to_its_end("its end")

    def _refused(self, what: str) -> UsageError:
        return UsageError(
            f"The service {self._name!r} cannot be {what}",
            expected="a service in a process of its own",
            found="one in a thread of the notebook",
            remedy='Serve it with where="process".',
        )


def _run(serving: Serving, listener: socket) -> None:
    with listener:  # uvicorn closes only that of an app which has started
        serving.run(listener)
