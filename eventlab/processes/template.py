"""A process that has imported what many of ours need, and forks them; `forking` is its owner.

Standard library only, and one thread only: what is forked beside another thread may find a lock
that nobody holds any more. Each fork runs the `main` of a module as a spawned child would, with its
pipes as standard input and output.
"""

import gc
import os
import pickle
import select
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import NoReturn

from eventlab.processes.owner import Owner
from eventlab.processes.program import die_with_parent

MOST_BYTES = 65_536
MOST_DESCRIPTORS = 16
_STDIN, _STDOUT, _STDERR = range(3)


@dataclass(frozen=True)
class Plan:
    """What a template is told at first: where requests come in, and what to import."""

    descriptor: int
    modules: Sequence[str]


@dataclass(frozen=True)
class ForkRequest:
    """Fork one; with it come its pipes (input, output, errors) and what it keeps open.

    The answer has the same number: nobody takes that of an earlier request for it.
    """

    number: int
    module: str
    path: Sequence[str]


@dataclass(frozen=True)
class SignalRequest:
    """Send a signal to one that was forked, if it is still there."""

    pid: int
    signal: int


@dataclass(frozen=True)
class Forked:
    """The answer to a ForkRequest: what it is known by, and the numbers of what it keeps open."""

    number: int
    pid: int
    descriptors: Sequence[int]


@dataclass(frozen=True)
class Refused:
    """The other answer to a ForkRequest: why the system makes no more processes."""

    number: int
    reason: str


@dataclass(frozen=True)
class Ended:
    """One has ended: its status, of a signal the negative number."""

    pid: int
    status: int


def main() -> None:
    """Import what the plan says, and fork until the owner is gone."""
    plan: Plan = Owner().receive()
    for module in plan.modules:
        import_module(module)
    gc.collect()
    gc.freeze()  # a collection in a fork would copy every page that it looks at
    Template(socket.socket(fileno=plan.descriptor)).run()


class Template:
    """Take requests one by one; the forks end with this process, those that are frozen too."""

    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._pids: set[int] = set()
        self._wake_up, wake_up = socket.socketpair()
        wake_up.setblocking(False)
        signal.set_wakeup_fd(wake_up.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # without a handler nothing is woken up
        self._wakes_up = wake_up

    def run(self) -> None:
        """Return when the owner is gone."""
        while self._goes_on():
            continue
        # The forks end now, one by one, while the interpreter takes the sockets down.
        signal.set_wakeup_fd(-1)

    def _goes_on(self) -> bool:
        ready, _, _ = select.select([self._requests, self._wake_up], [], [])
        if self._wake_up in ready:
            self._wake_up.recv(MOST_BYTES)
            self._report_ends()
        return self._requests not in ready or self._take_request()

    def _take_request(self) -> bool:
        data, descriptors = self._received()
        if not data:
            return False
        request = pickle.loads(data)
        if isinstance(request, ForkRequest):
            self._fork(request, descriptors)
        elif request.pid in self._pids:
            os.kill(request.pid, request.signal)
        return True

    def _received(self) -> tuple[bytes, Sequence[int]]:
        try:
            received = socket.recv_fds(self._requests, MOST_BYTES, MOST_DESCRIPTORS)
        except ConnectionResetError:  # the owner has gone before it had read all answers
            return b"", []
        return received[0], received[1]

    def _fork(self, request: ForkRequest, descriptors: Sequence[int]) -> None:
        try:
            pid = self._forked(request, descriptors)
        except OSError as error:
            self._answer(Refused(request.number, str(error)))
        else:
            self._pids.add(pid)
            self._answer(Forked(request.number, pid, descriptors[3:]))
        for descriptor in descriptors:
            os.close(descriptor)

    def _forked(self, request: ForkRequest, descriptors: Sequence[int]) -> int:
        end_with_us = die_with_parent()
        pid = os.fork()
        if pid == 0:
            end_with_us()
            self._become(request, descriptors)
        return pid

    def _become(self, request: ForkRequest, descriptors: Sequence[int]) -> NoReturn:
        """Be the one that was asked for, in a fork of this process; there is no way back."""
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for one in (self._requests, self._wake_up, self._wakes_up):
                one.close()
            for descriptor, standard in zip(descriptors, (_STDIN, _STDOUT, _STDERR), strict=False):
                os.dup2(descriptor, standard)
                os.close(descriptor)
            sys.path[:] = request.path
            import_module(request.module).main()
        except BaseException:  # it must never go on as a second template
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)

    def _report_ends(self) -> None:
        for pid in list(self._pids):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self._pids.discard(pid)
                self._answer(Ended(pid, os.waitstatus_to_exitcode(status)))

    def _answer(self, answer: Forked | Refused | Ended) -> None:
        with suppress(ConnectionError):  # the owner is gone, which the next look at requests tells
            self._requests.send(pickle.dumps(answer))
