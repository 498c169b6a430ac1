"""Flink's process as the notebook sees it: started, asked where it listens, ended."""

import threading

from eventlab.broker.java import find_java, java_environment
from eventlab.errors import ServiceError
from eventlab.flink.configuration import LOOPBACK
from eventlab.flink.holder import MODULE, START_SECONDS, Ended, Plan, Up
from eventlab.flink.installing import flink_jars
from eventlab.folders import data_folder, writing_to
from eventlab.processes.child import Child, spawn

_STOP_SECONDS = 5.0
_AGAIN = "Write lab.flink() to start it again; its tables have to be made again too."


class Gateway:
    """One run of Flink's SQL gateway; its methods may be called from any thread."""

    def __init__(self) -> None:
        self.url = ""
        self._child: Child | None = None
        self._reason = "it has not been started"
        self._is_known = threading.Event()
        self._has_ended = threading.Event()

    @property
    def is_alive(self) -> bool:
        """Tell whether it answers, as far as is known."""
        return self.url != "" and not self._has_ended.is_set()

    def start(self) -> None:
        """Start it, and return when it answers. Raises SetupError and ServiceError."""
        with writing_to(data_folder() / "flink") as parent:
            plan = Plan(
                java=find_java().path,
                class_path=flink_jars().class_path(),
                environment=java_environment(),
                parent=str(parent),
            )
        self._reason = f"no answer within {START_SECONDS:g} s"
        try:
            self._child = spawn(MODULE)
            self._child.listen("Apache Flink", self._on_frame, self._on_end)
            self._child.send(plan)
            self._is_known.wait(START_SECONDS + _STOP_SECONDS)
        except OSError as error:
            self._reason = str(error)
        except BaseException:  # an interrupt: nobody would ever end it
            self.stop()
            raise
        if not self.is_alive:
            self.stop()
            raise self.gone("did not start")

    def stop(self) -> None:
        """End it; a second time is harmless."""
        child = self._child
        self._child = None
        if child is None:
            return
        if not self._has_ended.is_set():
            self._reason = "it was stopped, or its lab was closed" if self.url else self._reason
            child.send(None)
        if not self._has_ended.wait(_STOP_SECONDS):
            child.kill()
            self._has_ended.wait()

    def gone(self, happened: str = "has ended") -> ServiceError:
        """Return the error of a Flink that does not answer."""
        return ServiceError(
            f"Apache Flink {happened}",
            expected="a process that takes statements",
            found=self._reason,
            remedy=_AGAIN,
        )

    def lost(self, reason: str) -> ServiceError:
        """Return the error of a request that failed, with why Flink has ended if that is known."""
        if self._has_ended.wait(1.0):
            return self.gone()
        return ServiceError(
            "Apache Flink does not answer",
            expected=f"an answer from {self.url}",
            found=reason,
            remedy=f"Ask again; if it stays so: flink.stop(). {_AGAIN}",
        )

    def _on_frame(self, frame: Up | Ended) -> None:
        if isinstance(frame, Up):
            self.url = f"http://{LOOPBACK}:{frame.port}"
            self._is_known.set()
        else:
            self._reason = frame.reason

    def _on_end(self, status: int, error: BaseException | None) -> None:
        if error is not None:
            self._reason = repr(error)
        elif status != 0:
            self._reason = f"the process that holds it ended with status {status}"
        self._has_ended.set()
        self._is_known.set()
