"""Fork processes of ours from one that has imported what they need: a hundredth of a second each.

For Linux: elsewhere a fork is not safe beside the system's own libraries, and `child.spawn` serves.
The process that forks is a `template`, never the notebook's kernel, whose threads a fork would lose
in the middle of what they do.
"""

import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import IO

from eventlab.processes.background import Background
from eventlab.processes.child import Child, spawn
from eventlab.processes.template import (
    MOST_BYTES,
    Ended,
    Forked,
    ForkRequest,
    Plan,
    Refused,
    SignalRequest,
)

_ANSWER_SECONDS = 60.0  # it imports first; its end is noticed at once
_GONE = -signal.SIGKILL  # what the system ends them with when their template ends

CAN_FORK = sys.platform == "linux"


class Forking:
    """Fork processes from a template of its own, which ends, with all of them, at `stop`.

    `modules` are what the template imports; none of them may start a thread. All methods may be
    called from any thread. The template begins with the first fork.
    """

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._lock = threading.RLock()
        self._answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
        self._number = 0
        self._forked: dict[int, _Process] = {}
        self._requests: socket.socket | None = None
        self._template: Child | None = None
        self._reading: Background | None = None

    def fork(
        self, module: str, *, errors: IO[bytes], descriptors: Sequence[int] = ()
    ) -> tuple[Child, Sequence[int]]:
        """Run the `main` of a module in a fork; return it, and its numbers of the `descriptors`.

        Its standard error goes to `errors`. Raises OSError where no process can be had.
        """
        with self._lock:
            try:
                return self._fork(module, errors, descriptors)
            except BrokenPipeError:  # the template has ended, which nobody knew yet
                self.stop()
                return self._fork(module, errors, descriptors)

    def start(self) -> socket.socket:
        """Start the template, once, or again after its end; return where it takes requests."""
        with self._lock:
            if self._requests is not None and self._reading is not None and self._reading.is_alive:
                return self._requests
            self.stop()
            ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            template = spawn("eventlab.processes.template", descriptors=[its.fileno()])
            template.send(Plan(its.fileno(), self._modules))
            its.close()
            self._answers = queue.SimpleQueue()
            self._reading = Background(
                "template",
                self._read_answers,
                halt=lambda: ours.shutdown(socket.SHUT_RDWR),
                on_end=self._lost,
            )
            self._requests = ours
            self._template = template
            self._reading.start()
            return ours

    def stop(self) -> None:
        """End the template and all that it has forked; the next `fork` begins anew."""
        with self._lock:
            if self._template is not None:
                self._template.kill()
                self._template.wait()
                self._template.close()
                self._template = None
            if self._reading is not None:
                self._reading.stop()
            if self._requests is not None:
                self._requests.close()
                self._requests = None

    # -- how --------------------------------------------------------------------------------------

    def _fork(
        self, module: str, errors: IO[bytes], descriptors: Sequence[int]
    ) -> tuple[Child, Sequence[int]]:
        requests = self.start()
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        try:
            self._number += 1
            given = [read_in, write_out, errors.fileno(), *descriptors]
            request = pickle.dumps(ForkRequest(self._number, module, sys.path))
            socket.send_fds(requests, [request], given)
            process, numbers = self._answer_to(self._number)
        except BaseException:  # a fork that nobody waits for any more ends without its owner
            os.close(write_in)
            os.close(read_out)
            raise
        finally:
            os.close(read_in)
            os.close(write_out)
        return Child(process, os.fdopen(write_in, "wb"), os.fdopen(read_out, "rb")), numbers

    def _answer_to(self, number: int) -> "tuple[_Process, Sequence[int]]":
        while True:
            try:
                answer, process = self._answers.get(timeout=_ANSWER_SECONDS)
            except queue.Empty:
                raise TimeoutError("the process that forks others does not answer") from None
            if answer is None:
                raise BrokenPipeError("the process that forks others has ended")
            if answer.number != number:  # of a request that was given up
                continue
            if isinstance(answer, Refused) or process is None:
                raise OSError(str(answer))
            return process, answer.descriptors

    def _read_answers(self) -> None:
        requests = self._requests
        if requests is None:
            return
        answers = self._answers
        while data := _received(requests):
            answer = pickle.loads(data)
            if isinstance(answer, Ended):
                self._forked.pop(answer.pid).ended(answer.status)
            elif isinstance(answer, Refused):
                answers.put((answer, None))
            else:
                # Before anybody knows of it: its end may be the very next answer.
                process = _Process(answer.pid, requests)
                self._forked[answer.pid] = process
                answers.put((answer, process))

    def _lost(self, _error: BaseException | None) -> None:
        """Let nobody wait for a template that has ended, nor for those that went with it."""
        for process in list(self._forked.values()):
            process.ended(_GONE)
        self._forked.clear()
        self._answers.put((None, None))


class _Process:
    """One that was forked, as Popen is one that was spawned."""

    def __init__(self, pid: int, requests: socket.socket) -> None:
        self.pid = pid
        self._requests = requests
        self._has_ended = threading.Event()
        self._status = 0

    def wait(self, timeout: float | None = None) -> int:
        """Return its status when it has ended."""
        if not self._has_ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
        return self._status

    def send_signal(self, number: int) -> None:
        """Send it a signal, by way of its template: nobody else can have got its pid."""
        if not self._has_ended.is_set():
            try:
                self._requests.send(pickle.dumps(SignalRequest(self.pid, number)))
            except OSError:  # the template has ended, and it with that
                return

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def ended(self, status: int) -> None:
        """Note its end."""
        self._status = status
        self._has_ended.set()


_Answer = tuple[Forked | Refused | None, _Process | None]


def _received(requests: socket.socket) -> bytes:
    try:
        return requests.recv(MOST_BYTES)
    except OSError:  # closed, or the template was killed
        return b""
