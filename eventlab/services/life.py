"""One life of a service, from its start to its end, as its owner sees it."""

import os
import threading
import weakref
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import IO, Literal

from eventlab.errors import EventlabError, ServiceError
from eventlab.processes.child import Child
from eventlab.services.plan import STOP, Failed, Plan, Ready, Trouble

State = Literal["new", "starting", "up", "frozen", "stopped", "killed", "failed"]

_START_SECONDS = 20.0
_STOP_SECONDS = 4.0
_OUTPUT_BYTES = 20_000


class Life(ABC):
    """One life of a service; `ProcessLife` and `ThreadLife` are the two kinds.

    All methods may be called from any thread.
    """

    def __init__(self, name: str) -> None:
        self.has_ended = threading.Event()
        self.error: EventlabError | None = None
        self.failures = 0
        self._name = name
        self._is_ready = threading.Event()
        self._has_failed = False
        self._is_frozen = False
        self._end: Literal["stopped", "killed", "failed"] = "failed"

    @property
    def state(self) -> State:
        """Return how it fares."""
        if self.has_ended.is_set():
            return self._end
        if self._is_frozen:
            return "frozen"
        return "up" if self._is_ready.is_set() else "starting"

    @property
    @abstractmethod
    def pid(self) -> int:
        """Return the id of the process in which it runs."""

    @abstractmethod
    def ask_to_stop(self) -> None:
        """Ask it to end in peace, and return at once."""

    @abstractmethod
    def stop(self) -> None:
        """End it in peace; what is under way is finished, for a second or two."""

    @abstractmethod
    def kill(self) -> None:
        """End its process at once."""

    @abstractmethod
    def suspend(self) -> None:
        """Freeze its process."""

    @abstractmethod
    def resume(self) -> None:
        """Let it go on."""

    @abstractmethod
    def output(self) -> str:
        """Return the end of what it has printed."""

    @abstractmethod
    def close(self) -> None:
        """Let go of its output."""

    def _await_start(self) -> None:
        if not self._is_ready.wait(_START_SECONDS):
            raise self._failed(f"none in {_START_SECONDS:g} s")
        if self.has_ended.is_set():
            raise self.error or self._failed("an end before it had begun")

    def _on_frame(self, frame: Ready | Trouble | Failed) -> None:
        if isinstance(frame, Ready):
            self._is_ready.set()
            return
        self.error = frame.error
        if isinstance(frame, Trouble):
            self.failures += frame.times
        else:
            self._has_failed = True

    def _has_come_to_its_end(self, found: str) -> None:
        """Let everybody know; `found` is what is said where it has not said itself why."""
        if self._end == "failed" and not self._has_failed:
            self.error = self._failed(found)
        self.has_ended.set()
        self._is_ready.set()

    def _failed(self, found: str) -> ServiceError:
        happened = "has ended" if self._is_ready.is_set() else "did not start"
        return ServiceError(
            f"The service {self._name!r} {happened}",
            expected="one that takes requests and events",
            found=found,
            remedy="Its output may say why: service.output. Start it again: service.start()",
        )


class ProcessLife(Life):
    """The process of a service while it lives.

    Its output can be read until `close`, which whoever made it calls when nobody asks any more.
    """

    def __init__(self, name: str, child: Child, output: IO[bytes]) -> None:
        super().__init__(name)
        self.child = child
        self._output = output
        weakref.finalize(self, output.close)  # of a service that nobody knows any more

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self.child.pid

    def begin(self, plan: Plan) -> None:
        """Let it begin, and return when it takes requests or events. Raises ServiceError."""
        self.child.listen(f"service {self._name}", self._on_frame, self._on_end)
        try:
            self.child.send(plan)
            self._await_start()
        except BaseException:  # an interrupt too: nobody would ever end it
            self.kill()
            raise

    def ask_to_stop(self) -> None:
        """Ask it to end in peace, and return at once."""
        if not self.has_ended.is_set():
            self._end = "stopped"
            self.child.resume()
            self.child.command(STOP)

    def stop(self) -> None:
        """End it in peace; what is under way is finished, for a second or two."""
        if self.has_ended.is_set():
            return
        self.ask_to_stop()
        if not self.has_ended.wait(_STOP_SECONDS):
            self.child.kill()
            self.has_ended.wait()

    def kill(self) -> None:
        """End its process at once."""
        if not self.has_ended.is_set():
            self._end = "killed"
            self.child.kill()
            self.has_ended.wait()

    def suspend(self) -> None:
        """Freeze its process."""
        if self.state == "up":
            self._is_frozen = True
            self.child.suspend()

    def resume(self) -> None:
        """Let it go on."""
        if self.state == "frozen":
            self.child.resume()
            self._is_frozen = False

    def output(self) -> str:
        """Return the end of what it has printed."""
        with suppress(ValueError):  # it is closed
            size = os.fstat(self._output.fileno()).st_size
            start = max(0, size - _OUTPUT_BYTES)
            return os.pread(self._output.fileno(), size - start, start).decode(errors="replace")
        return ""

    def close(self) -> None:
        """Let go of its output."""
        self._output.close()

    def _on_end(self, status: int, error: BaseException | None) -> None:
        words = f"signal {-status}" if status < 0 else f"status {status}"
        self._has_come_to_its_end(str(error or f"{words} {self._last_words()}".strip()))

    def _last_words(self) -> str:
        lines = self.output().splitlines()
        return f"after: {lines[-1]:.200}" if lines else ""
