import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator

import psutil
import pytest

from eventlab.processes import forking
from eventlab.processes.child import Child
from eventlab.processes.forking import CAN_FORK, Forking
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="a fork is not safe on this system")

LEFT_RUNNING = """
import os, sys, tempfile
from eventlab.processes.forking import Forking

forking = Forking(["tests.processes.kinds"])
children = []
for kind in ("echo", "obey", "stubborn"):
    child, _ = forking.fork("tests.processes.kinds", errors=tempfile.TemporaryFile())
    child.send(kind)
    child.send(1) if kind == "echo" else child.command(b"a")
    child.receive()
    children.append(child)
child.suspend()
print(forking._template.pid, *(one.pid for one in children), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def template(monkeypatch) -> Iterator[Forking]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    made = Forking(["tests.processes.kinds"])
    yield made
    made.stop()


@pytest.fixture
def forked(template) -> Iterator[Callable[..., Child]]:
    """Return what forks a child of a kind; the pipes of each are closed at the end."""
    children: list[Child] = []

    def fork(kind: str, **options) -> Child:
        with tempfile.TemporaryFile() as errors:
            child, _ = template.fork("tests.processes.kinds", **({"errors": errors} | options))
        child.send(kind)
        children.append(child)
        return child

    yield fork
    for one in children:
        one.close()


def echoed(child: Child) -> Child:
    """Return it when it answers."""
    child.send("there")
    assert child.receive() == "there"
    return child


def is_there(pid: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def descriptors(pid: int | str = "self") -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def test_frames_go_both_ways_until_it_ends(forked):
    """As with one that was spawned: its status is that of the signal."""
    child = echoed(forked("echo"))
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.send("too late")
    with pytest.raises(EOFError):
        child.receive()


def test_what_it_prints_goes_to_its_own_file(forked, tmp_path):
    """And never between its frames, nor to another fork's."""
    with (tmp_path / "log").open("w+b") as log:
        child = forked("speak", errors=log)
        child.receive()
        assert child.wait() == 0
    assert (tmp_path / "log").read_text(encoding="utf-8") == "printed\nprinted too\n"


def test_descriptors_stay_open_in_it_alone(template, forked):
    """A port that was bound here is served there, and gone as soon as that one ends."""
    echoed(forked("echo"))
    with socket.create_server(("127.0.0.1", 0)) as server, tempfile.TemporaryFile() as errors:
        port = server.getsockname()[1]
        child, numbers = template.fork(
            "tests.processes.kinds", errors=errors, descriptors=[server.fileno()]
        )
    child.send("echo")
    echoed(child)
    assert len(numbers) == 1
    socket.create_connection(("127.0.0.1", port)).close()
    child.kill()
    child.wait()
    child.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_it_can_be_frozen_woken_and_asked_to_end(forked):
    """By way of the template: nobody else can have got its number."""
    child = echoed(forked("echo"))
    process = psutil.Process(child.pid)
    child.suspend()
    until(lambda: process.status() == psutil.STATUS_STOPPED)
    child.resume()
    echoed(child)
    assert child.end() == -signal.SIGTERM
    stubborn = forked("stubborn")
    stubborn.receive()
    assert stubborn.end(0.05) == -signal.SIGKILL


def test_waiting_ends_when_the_time_is_up(forked):
    """As Popen says it."""
    child = echoed(forked("echo"))
    with pytest.raises(subprocess.TimeoutExpired):
        child._process.wait(0.01)


def test_fifty_forks_leave_no_zombie_and_no_descriptor(template, forked):
    """Neither here nor in the template, however they end."""
    echoed(forked("echo")).kill()
    here = descriptors()
    there = descriptors(template._template.pid)
    for number in range(50):
        child = forked("echo")
        if number % 2:
            echoed(child).kill()
        child.close()
        assert child.wait() in (1, -signal.SIGKILL)
    assert psutil.Process(template._template.pid).children() == []
    assert descriptors() <= here  # what earlier tests have left may go meanwhile
    assert descriptors(template._template.pid) <= there
    assert template._forked == {}


def test_many_threads_may_fork_at_once(template, forked):
    """Each gets its own child, which gives back what that thread has sent."""
    answers = queue.SimpleQueue()

    def ask(number: int) -> None:
        child = forked("echo")
        child.send(number)
        answers.put((number, child.receive()))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    found = [answers.get(timeout=30) for _ in threads]
    assert sorted(found) == [(number, number) for number in range(8)]
    for thread in threads:
        thread.join()


def test_nothing_outlives_an_owner_that_is_killed(monkeypatch):
    """kill -9 of a process takes its template along and all forks, one that is frozen too."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    owner = subprocess.Popen(
        [sys.executable, "-c", LEFT_RUNNING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pids = [int(word) for word in owner.stdout.readline().split()]
    assert len(pids) == 4
    assert all(map(is_there, pids))
    owner.kill()
    assert owner.communicate()[1] == b""
    until(lambda: not any(map(is_there, pids)))


def test_a_template_that_is_killed_takes_its_forks_along_and_is_made_anew(template, forked):
    """All of them are said to have ended, and the very next fork succeeds."""
    first = [echoed(forked("echo")), echoed(forked("echo"))]
    first[1].suspend()
    os.kill(template._template.pid, signal.SIGKILL)
    again = forked("echo")
    assert [one.wait() for one in first] == [-signal.SIGKILL] * 2
    until(lambda: not any(is_there(one.pid) for one in first))
    first[0].kill()
    echoed(again)


def test_a_stop_ends_all_and_the_next_fork_begins_anew(template, forked):
    """It may be stopped twice, and before anything was forked."""
    template.stop()
    child = echoed(forked("echo"))
    pid = template._template.pid
    template.stop()
    template.stop()
    assert child.wait() == -signal.SIGKILL
    until(lambda: not is_there(child.pid))
    assert not psutil.pid_exists(pid)
    echoed(forked("echo"))


def test_a_template_that_cannot_import_is_said(forked, template, capfd):
    """In place of a wait; its own words are on standard error."""
    template._modules = ["tests.no.such.module"]
    with pytest.raises(BrokenPipeError, match="that forks others has ended"):
        forked("echo")
    assert "tests.no" in capfd.readouterr().err


def test_an_answer_that_comes_too_late_is_nobody_s(template, forked, monkeypatch):
    """A frozen template answers later; whoever asks next gets the child that it has asked for."""
    echoed(forked("echo"))
    process = psutil.Process(template._template.pid)
    process.suspend()
    with monkeypatch.context() as patch:
        patch.setattr(forking, "_ANSWER_SECONDS", 0.05)
        with pytest.raises(TimeoutError, match="does not answer"):
            forked("echo")
    process.resume()
    echoed(forked("echo"))
    until(lambda: len(template._forked) == 2)


def test_one_that_ends_at_once_is_forked_all_the_same(template):
    """Its end may be known before whoever asked for it has looked."""
    for _ in range(20):
        with tempfile.TemporaryFile("w+b") as errors:
            child, _ = template.fork("tests.no.such.module", errors=errors)
            assert child.wait() == 1
            child.close()
            errors.seek(0)
            assert b"ModuleNotFoundError" in errors.read()


def test_a_system_without_another_process_is_an_oserror(template, monkeypatch):
    """The words are the system's; nothing is left open."""
    monkeypatch.setattr(template, "_answer_to", lambda number: 1 / 0)
    with tempfile.TemporaryFile() as errors:
        template.start()
        before = descriptors()
        with pytest.raises(ZeroDivisionError):
            template.fork("tests.processes.kinds", errors=errors)
        assert descriptors() == before


def test_what_the_template_refuses_is_raised(template):
    """As the OSError that a spawned child's would be."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    its.send(pickle.dumps(forking.Refused(1, "no more processes")))
    template._requests = ours
    reading = forking.Background("answers", template._read_answers, on_end=template._lost)
    reading.start()
    with pytest.raises(OSError, match="no more processes"):
        template._answer_to(1)
    its.close()
    reading.join(10)
