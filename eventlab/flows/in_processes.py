"""A flow in processes of its own: one, or several on this machine that share its work.

A heavy flow in a thread takes turns with the kernel; in a process of its own it has a core for
itself. Several processes are bytewax's own cluster, as under `python -m bytewax.run -i -a`.
"""

import contextlib
import queue
import signal
import socket
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import cloudpickle
import psutil
from bytewax.dataflow import Dataflow

from eventlab.checked import checked
from eventlab.errors import EventlabError, ProcessEndedError, UsageError, shown
from eventlab.flows.control import require_runnable
from eventlab.flows.recovery import recovery_config, require_own
from eventlab.flows.running import OnError, Running
from eventlab.flows.status import Status, together
from eventlab.flows.worker import CLOSE_WINDOWS, GO, STOP, Plan
from eventlab.processes.child import Child, spawn

MOST = 16
_STOP_SECONDS = 10.0
_END_SECONDS = 2.0
_LOOK_SECONDS = 0.005
_ABORT = f"signal {signal.SIGABRT.value}"

Ended: TypeAlias = "queue.SimpleQueue[EventlabError | None]"


class InProcesses(Running):
    """Run a flow in `processes` processes; raises UsageError and RecoveryError before it begins.

    `pids` are those of the processes, the first one first. When one of them dies the others end
    too, and `error` says so; run again with its recovery store the flow goes on where it was.
    """

    def __init__(
        self,
        flow: Dataflow,
        *,
        processes: int,
        recovery: Path | None,
        epoch: timedelta,
        on_error: OnError | None = None,
    ) -> None:
        require_runnable(flow)
        number = _required_number(processes)
        super().__init__(flow, on_error, recovery)
        pickled = _pickled(flow)
        if recovery is not None:
            require_own(recovery, flow)
        store = None if recovery is None else str(recovery)
        addresses = _addresses(number)
        self._is_stopping = False
        self._process_ends: Ended = queue.SimpleQueue()
        self._plans = [
            Plan(pickled, sys.path, one, addresses, epoch, store) for one in range(number)
        ]
        self._processes: list[_Process] = []

    @property
    def pids(self) -> list[int]:
        """Return the process ids."""
        return [process.pid for process in self._processes]

    @property
    def status(self) -> Status:
        """Return how far it is, as plain data; a twentieth of a second old."""
        return together(process.status for process in self._processes)

    def start(self) -> None:
        """Open the store and spawn the processes, once; a second call does nothing.

        Raises RecoveryError and StorageError.
        """
        if self._processes:
            return
        if self._store is not None:
            recovery_config(self._store, self._flow)
        try:
            for plan in self._plans:
                self._processes.append(_Process(plan, self._process_ends))
        except OSError:
            self._kill()
            raise
        super().start()

    @checked
    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""
        self._is_stopping = True
        for process in self._processes:
            process.child.command(CLOSE_WINDOWS if close_windows else STOP)
        if not self._background.join(_STOP_SECONDS):
            for process in self._processes:
                process.end()
        self._background.stop(_END_SECONDS)

    @checked
    def kill(self) -> None:
        """End its processes at once, as kill -9 or a crash does; nothing of it is an error.

        What they had in memory is gone. With a recovery store, a new run goes on from there.
        """
        self._background.stop(_STOP_SECONDS)

    # -- in the background ----------------------------------------------------------------------

    def _run(self) -> None:
        # Each connects to those before it; where nobody listens yet, timely waits for a second.
        for process in self._processes:
            process.begin(until_it_listens=process is not self._processes[-1])
        # When one fails the others lose it, and say so; the cause is what counts.
        causes = [error for error in self._ends() if error is not None]
        if causes and not self._is_stopping:
            raise min(causes, key=_is_a_consequence)

    def _ends(self) -> list[EventlabError | None]:
        """Return how each has ended; kill the others when one has failed."""
        ends: list[EventlabError | None] = []
        while len(ends) < len(self._processes):
            has_failed = any(error is not None for error in ends)
            try:
                timeout = _END_SECONDS if has_failed else None
                ends.append(self._process_ends.get(timeout=timeout))
            except queue.Empty:
                self._kill()  # the others wait for the one that has failed to connect
        return ends

    def _halt(self) -> None:
        self._is_stopping = True
        self._kill()

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()


class _Process:
    """One process: its last status, and what went wrong, put into `ended` at its end."""

    def __init__(self, plan: Plan, ended: Ended) -> None:
        self.status = Status()
        self._number = plan.number
        self._ended = ended
        self._reported: EventlabError | None = None
        self._is_killed = False
        self._has_begun = threading.Event()
        self.child: Child = spawn("eventlab.flows.worker")
        self.child.send(plan)
        self.child.listen(f"process {plan.number} of a flow", self._on_frame, self._on_end)

    @property
    def pid(self) -> int:
        return self.child.pid

    def begin(self, *, until_it_listens: bool) -> None:
        """Let the flow begin; return when it has, and others may connect, or it has ended."""
        self.child.command(GO)
        self._has_begun.wait()
        with contextlib.suppress(psutil.Error):  # it has ended, or this system does not say
            while until_it_listens and not _listens(psutil.Process(self.pid)):
                time.sleep(_LOOK_SECONDS)

    def kill(self) -> None:
        self._is_killed = True
        self.child.kill()

    def end(self) -> None:
        self._is_killed = True
        self.child.end()

    def _on_frame(self, frame: Any) -> None:
        if isinstance(frame, Status):
            self.status = frame
            self._has_begun.set()
        else:
            self._reported = frame

    def _on_end(self, status: int, error: BaseException | None) -> None:
        self._ended.put(self._failure(status, error))
        self._has_begun.set()

    def _failure(self, status: int, error: BaseException | None) -> EventlabError | None:
        if error is not None:
            return ProcessEndedError(
                f"Process {self._number} (pid {self.pid}) of the flow cannot be understood",
                expected="what it reports",
                found=f"{type(error).__name__}: {error}",
                remedy="Let the flow's steps raise errors that can be pickled.",
            )
        if self._reported is not None or status == 0 or self._is_killed:
            return self._reported
        return ProcessEndedError(
            f"Process {self._number} (pid {self.pid}) of the flow ended",
            expected="the end of its input",
            found=f"signal {-status}" if status < 0 else f"status {status}",
            remedy="Run the flow again; with recovery=True it goes on where it was.",
        )


def _listens(process: psutil.Process) -> bool:
    return any(one.status == psutil.CONN_LISTEN for one in process.net_connections("tcp"))


def _is_a_consequence(error: EventlabError) -> int:
    """Rank what the processes reported: the cause first, last what bytewax says of a lost peer."""
    if isinstance(error, ProcessEndedError):
        return 2 if _ABORT in error.found else 1
    return 3 if "panic" in error.found else 0


def _pickled(flow: Dataflow) -> bytes:
    try:
        data: bytes = cloudpickle.dumps(flow)
    except Exception as error:  # whatever an object of the learner's raises there
        raise UsageError(
            f"The flow {flow.flow_id!r} cannot be sent to a process of its own",
            expected="steps that use what can be pickled: functions, numbers, topics",
            found=f"{type(error).__name__}: {error}",
            remedy='Run it with where="thread", or make such objects inside of the steps.',
        ) from None
    return data


def _required_number(processes: int) -> int:
    if isinstance(processes, int) and 1 <= processes <= MOST:
        return processes
    raise UsageError(
        "A flow cannot run in so many processes",
        expected=f"1 to {MOST}",
        found=shown(processes),
        remedy="As many as this machine has cores are enough.",
    )


def _addresses(number: int) -> list[str]:
    """Return as many free addresses; bytewax takes none whose port it may choose itself."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
