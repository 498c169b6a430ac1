"""A flow in processes of its own: one, or several on this machine that share its work.

A heavy flow in a thread takes turns with the kernel; in a process of its own it has a core for
itself. Several processes are bytewax's own cluster, as under `python -m bytewax.run -i -a`.
"""

import contextlib
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import cloudpickle
import psutil
from bytewax.dataflow import Dataflow

from eventlab.errors import ProcessEndedError, UsageError
from eventlab.log import background
from eventlab.streams.hand import require_runnable
from eventlab.streams.recovery import recovery_config
from eventlab.streams.running import Running
from eventlab.streams.status import Status, together
from eventlab.streams.worker import CLOSE_WINDOWS, GO, STOP, Plan, receive, send

MOST = 16
_STOP_SECONDS = 10.0
_END_SECONDS = 2.0
_LOOK_SECONDS = 0.005
_ABORT = f"signal {signal.SIGABRT.value}"


class InProcesses(Running):
    """Run a flow in `processes` processes; raises UsageError and RecoveryError before it begins.

    `pids` are those of the processes, the first one first. When one of them dies the others end
    too, and `error` says so; run again with its recovery store the flow goes on where it was.
    """

    def __init__(self, flow: Dataflow, *, processes: int, recovery: Path | None, epoch: timedelta):
        require_runnable(flow)
        number = _required_number(processes)
        super().__init__(flow)
        pickled = _pickled(flow)
        if recovery is not None:
            recovery_config(recovery, flow)
        store, addresses = recovery and str(recovery), _addresses(number)
        self._is_stopping, self._ended = False, queue.SimpleQueue()
        self._processes = [
            _Process(Plan(pickled, sys.path, one, addresses, epoch, store), self._ended)
            for one in range(number)
        ]
        self._thread = background.run(f"flow {self.name}", self._watch, self._end)

    @property
    def pids(self) -> list[int]:
        """Return the process ids."""
        return [process.pid for process in self._processes]

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._thread.is_alive()

    @property
    def status(self) -> Status:
        """Return how far it is, as plain data; a twentieth of a second old."""
        return together(process.status for process in self._processes)

    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""
        self._is_stopping = True
        for process in self._processes:
            process.command(CLOSE_WINDOWS if close_windows else STOP)
        self._thread.join(_STOP_SECONDS)
        self._end()
        self._thread.join(_END_SECONDS)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return True when it has ended, False when the time is up before; raise its error."""
        self._thread.join(timeout_seconds)
        if self._error is not None:
            raise self._error
        return not self.is_alive

    def _watch(self) -> None:
        # Each connects to those before it; where nobody listens yet, timely waits for a second.
        for process in self._processes:
            process.begin(until_it_listens=process is not self._processes[-1])
        ended: list[Exception | None] = []
        while len(ended) < len(self._processes):
            with contextlib.suppress(queue.Empty):
                ended.append(self._ended.get(timeout=_END_SECONDS if any(ended) else None))
                continue
            self._kill()  # one has failed, and the others wait for it to connect
        # When one fails the others lose it, and say so; the cause is what counts.
        causes = [error for error in ended if error is not None]
        if causes and not self._is_stopping:
            self._error = min(causes, key=_is_a_consequence)

    def _end(self) -> None:
        self._is_stopping = True
        self._kill()

    def _kill(self) -> None:
        for process in self._processes:
            process.kill()


class _Process:
    """One process: its last status, and what went wrong, put into `ended` at its end."""

    def __init__(self, plan: Plan, ended: queue.SimpleQueue):
        self.status, self._said, self._number = Status(), None, plan.number
        self._is_killed, self._has_begun = False, threading.Event()
        # A session of its own: an interrupt of the kernel must not reach it. -P: a learner's
        # json.py in the current folder is not the library's before the plan is read.
        self._popen = subprocess.Popen(
            [sys.executable, "-P", "-c", "from eventlab.streams.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self.pid = self._popen.pid
        with contextlib.suppress(BrokenPipeError):  # it died at once; its end says so
            send(self._popen.stdin, plan)
        threading.Thread(target=self._listen, args=[ended], daemon=True).start()

    def begin(self, *, until_it_listens: bool) -> None:
        """Let the flow begin; return when it has, and others may connect, or it has ended."""
        self.command(GO)
        self._has_begun.wait()
        with contextlib.suppress(psutil.Error):  # it has ended, or this system does not tell
            while until_it_listens and not _listens(psutil.Process(self.pid)):
                time.sleep(_LOOK_SECONDS)

    def command(self, word: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ValueError):  # it has ended already
            self._popen.stdin.write(word)
            self._popen.stdin.flush()

    def kill(self) -> None:
        self._is_killed = True
        self._popen.kill()

    def _listen(self, ended: queue.SimpleQueue) -> None:
        with contextlib.suppress(EOFError):
            while True:
                frame = receive(self._popen.stdout)
                if isinstance(frame, Status):
                    self.status = frame
                    self._has_begun.set()
                else:
                    self._said = frame
        code = self._popen.wait()
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.close()
        self._popen.stdout.close()
        ended.put(self._failure(code))
        self._has_begun.set()

    def _failure(self, code: int) -> Exception | None:
        if self._said is not None or code == 0 or self._is_killed:
            return self._said
        return ProcessEndedError(
            f"Process {self._number} (pid {self.pid}) of the flow ended",
            found=f"signal {-code}" if code < 0 else f"status {code}",
            remedy="Run the flow again; with recovery=True it goes on where it was.",
        )


def _listens(process: psutil.Process) -> bool:
    return any(one.status == psutil.CONN_LISTEN for one in process.net_connections("tcp"))


def _is_a_consequence(error: Exception) -> int:
    """Rank what the processes said: the cause first, last what bytewax says of a lost peer."""
    if isinstance(error, ProcessEndedError):
        return 2 if _ABORT in error.found else 1
    return 3 if "panic" in error.found else 0


def _pickled(flow: Dataflow) -> bytes:
    try:
        return cloudpickle.dumps(flow)
    except Exception as error:  # whatever an object of the learner's raises there
        raise UsageError(
            f"The flow {flow.flow_id!r} cannot be sent to a process of its own",
            expected="steps that use what can be pickled: functions, numbers, topics",
            found=f"{type(error).__name__}: {error}",
            remedy='Run it with where="thread", or make such objects inside of the steps.',
        ) from None


def _required_number(processes: int) -> int:
    if isinstance(processes, int) and 1 <= processes <= MOST:
        return processes
    raise UsageError(
        "A flow cannot run in so many processes",
        expected=f"1 to {MOST}",
        found=repr(processes),
    )


def _addresses(number: int) -> list[str]:
    """Return as many free addresses; bytewax takes none whose port it may choose itself."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [f"127.0.0.1:{one.getsockname()[1]}" for one in sockets]
