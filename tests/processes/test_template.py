"""What a template answers, request by request; its owner here is the test itself."""

import pickle
import signal
import socket
import sys
from collections.abc import Iterator

import psutil
import pytest

from eventlab.processes import child, template
from eventlab.processes.forking import CAN_FORK
from eventlab.processes.template import (
    MOST_BYTES,
    Ended,
    Forked,
    ForkRequest,
    Plan,
    Refused,
    SignalRequest,
)
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="a fork is not safe on this system")


class Line:
    """The other end of a template's socket."""

    def __init__(self, modules: list[str]) -> None:
        self.ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.ours.settimeout(30)
        self.child = child.spawn("eventlab.processes.template", descriptors=[its.fileno()])
        self.child.send(Plan(its.fileno(), modules))
        its.close()

    def ask(self, request: object) -> None:
        with open("/dev/null", "r+b") as null:
            socket.send_fds(self.ours, [pickle.dumps(request)], [null.fileno()] * 3)

    def answer(self) -> object:
        return pickle.loads(self.ours.recv(MOST_BYTES))


@pytest.fixture
def line(monkeypatch) -> Iterator[Line]:
    """A template that has imported the kinds of children."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = Line(["tests.processes.kinds"])
    yield made
    made.ours.close()
    made.child.kill()
    made.child.wait()
    made.child.close()


def test_an_answer_has_the_number_of_its_request(line):
    """Then comes the end of what was forked: there was no plan for it."""
    line.ask(ForkRequest(17, "tests.processes.kinds", sys.path))
    forked = line.answer()
    assert isinstance(forked, Forked)
    assert (forked.number, forked.descriptors) == (17, [])
    assert line.answer() == Ended(forked.pid, 1)


def test_a_module_that_cannot_be_imported_ends_the_fork_alone(line):
    """The template goes on, and forks the next one."""
    line.ask(ForkRequest(1, "tests.no.such.module", sys.path))
    first = line.answer()
    assert line.answer() == Ended(first.pid, 1)
    line.ask(ForkRequest(2, "tests.processes.kinds", sys.path))
    assert line.answer().number == 2


def test_only_what_it_has_forked_is_sent_a_signal(line):
    """A number that another process has by now is let alone, our own too."""
    line.ask(SignalRequest(psutil.Process().pid, signal.SIGKILL))
    line.ask(ForkRequest(1, "tests.processes.kinds", sys.path))
    assert isinstance(line.answer(), Forked)


def test_it_has_one_thread_whatever_it_has_imported():
    """What is forked beside another one may find a lock that nobody holds."""
    one = Line(["eventlab.services.server", "eventlab.services.consuming"])
    one.ask(ForkRequest(1, "tests.no.such.module", sys.path))
    one.answer()
    assert psutil.Process(one.child.pid).num_threads() == 1
    one.ours.close()
    assert one.child.wait() == 0
    one.child.close()


def test_it_ends_without_a_word_when_its_answers_are_not_read(line, capfd):
    """An owner that is killed leaves answers unread, which the system calls a reset."""
    line.ask(ForkRequest(1, "tests.processes.kinds", sys.path))
    until(lambda: line.ours.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
    line.ours.close()
    assert line.child.wait() == 0
    assert capfd.readouterr().err == ""


def test_a_system_that_makes_no_more_processes_is_said(monkeypatch):
    """Refused, with the system's own words; the template is there for the next request."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def fork():
        raise BlockingIOError("no more processes")

    monkeypatch.setattr(template.os, "fork", fork)
    before = signal.getsignal(signal.SIGCHLD)
    one = template.Template(its)
    with open("/dev/null", "rb") as null:
        socket.send_fds(ours, [pickle.dumps(ForkRequest(3, "m", []))], [null.fileno()] * 3)
    assert one._take_request()
    assert pickle.loads(ours.recv(MOST_BYTES)) == Refused(3, "no more processes")
    ours.close()
    assert not one._take_request()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    for end in (its, one._wake_up, one._wakes_up):
        end.close()
