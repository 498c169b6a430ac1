"""The process that holds Flink: nothing of it stays, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from eventlab.broker.java import java_environment
from eventlab.flink.holder import MODULE, Ended, Plan, Up
from eventlab.processes.child import Child, spawn
from tests.waiting import until

pytestmark = pytest.mark.processes

_OWNER = """
import sys, threading
from eventlab.flink.holder import MODULE, Plan
from eventlab.processes.child import spawn
from eventlab.broker.java import java_environment
child = spawn(MODULE)
child.send(Plan(sys.argv[1], [], java_environment(), sys.argv[2]))
print(child.receive().port, child.pid, flush=True)
threading.Event().wait()
"""


@pytest.fixture
def runs(tmp_path) -> Path:
    """Return the folder of runs."""
    return tmp_path / "runs"


@pytest.fixture
def held(java, runs):
    """Return what starts a process that holds the fake Flink; it is ended after the test."""
    started: list[Child] = []

    def start(path=java) -> Child:
        child = spawn(MODULE)
        started.append(child)
        child.send(Plan(str(path), [], java_environment(), str(runs)))
        return child

    yield start
    for child in started:
        child.end()
        child.close()


def program_of(pid: int) -> psutil.Process:
    """The one child of the process with this id."""
    (program,) = until(lambda: psutil.Process(pid).children())
    return program


def left_in(runs: Path) -> list[Path]:
    """What is left of runs."""
    return list(runs.glob("run-*"))


def test_it_says_where_flink_answers_and_ends_it_when_asked(held, runs):
    """Nothing of the run stays."""
    child = held()
    assert child.receive() == Up(until(lambda: port_of(program_of(child.pid))))
    program = program_of(child.pid)
    assert len(left_in(runs)) == 1
    child.send(None)
    assert child.wait() == 0
    assert not program.is_running()
    assert left_in(runs) == []


def port_of(program: psutil.Process) -> int | None:
    """The port at which a process listens."""
    ports = [one.laddr.port for one in program.net_connections() if one.status == "LISTEN"]
    return ports[0] if ports else None


def test_asked_by_the_system_it_ends_in_peace_too(held, runs):
    """SIGTERM, as at the end of a session."""
    child = held()
    child.receive()
    program = program_of(child.pid)
    assert child.end(10) == 0
    assert not program.is_running()
    assert left_in(runs) == []


def test_a_flink_that_is_killed_is_reported(held, runs):
    """By the number of the signal, once; and its folder goes."""
    child = held()
    child.receive()
    program_of(child.pid).kill()
    assert child.receive() == Ended("it was ended by signal 9")
    assert child.wait() == 0
    assert left_in(runs) == []


def test_one_that_does_not_start_says_why(held, runs, monkeypatch):
    """The line of its log that has the exception."""
    monkeypatch.setenv("FAKE_FLINK", "fails")
    reason = "java.net.BindException: Could not start rest endpoint on any port"
    assert held().receive() == Ended(f"it ended with status 1: {reason}")
    until(lambda: left_in(runs) == [])


def test_a_java_that_is_not_there_says_so(held):
    """The system's own words."""
    assert "No such file" in held("/no/java").receive().reason


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the next start ends it")
def test_killed_itself_it_takes_flink_with_it(held):
    """By the system: it has no time for anything."""
    child = held()
    child.receive()
    program = program_of(child.pid)
    child.kill()
    until(lambda: not program.is_running() or program.status() == psutil.STATUS_ZOMBIE)


def test_an_owner_that_is_killed_leaves_nothing(java, runs):
    """kill -9 of the notebook's kernel: holder, Flink and folder are gone."""
    command = [sys.executable, "-c", _OWNER, str(java), str(runs)]
    owner = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    _, pid = map(int, owner.stdout.readline().split())
    holder = psutil.Process(pid)
    program = program_of(pid)
    os.kill(owner.pid, signal.SIGKILL)
    owner.communicate()
    until(lambda: not holder.is_running() and not program.is_running())
    assert left_in(runs) == []
