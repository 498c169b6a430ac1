import os
import subprocess
import sys

import psutil
import pytest

from tests.waiting import until

pytestmark = pytest.mark.processes


def test_commands_are_obeyed(spawned):
    """One byte each, in their order, also those sent with the plan."""
    child = spawned("obey")
    for command in (b"a", b"b"):
        child.command(command)
    assert [child.receive(), child.receive()] == [b"a", b"b"]


def test_it_ends_when_the_owner_closes_the_pipe(spawned):
    """Status 1: nobody wanted that end."""
    child = spawned("obey")
    child.command(b"a")
    child.receive()
    child._to_child.close()
    assert child.wait() == 1


def test_it_ends_when_a_command_fails_and_says_why(spawned, tmp_path):
    """A child that does not hear any more would not hear the end of its owner either."""
    with (tmp_path / "log").open("wb") as log:
        child = spawned("obey", errors=log)
        child.command(b"x")
        assert child.wait() == 1
    assert "ValueError('no such command')" in (tmp_path / "log").read_text(encoding="utf-8")


def test_nothing_outlives_an_owner_that_is_killed(spawned, tmp_path):
    """kill -9 of a process takes its children and its programs along."""
    holder = spawned("holder", folder=tmp_path)
    pids = holder.receive()
    assert all(map(psutil.pid_exists, pids))
    holder.kill()
    holder.wait()
    until(lambda: not any(map(psutil.pid_exists, pids)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_the_end_is_noticed_though_a_fork_of_its_own_lives_on(spawned):
    """Which has no part in what the two have to say to each other."""
    child = spawned("parent")
    grandchild = psutil.Process(child.receive())
    try:
        child.kill()
        with pytest.raises(EOFError):
            child.receive()
        assert grandchild.status() != psutil.STATUS_ZOMBIE
    finally:
        grandchild.kill()


def test_a_child_that_lets_go_imports_little():
    """A supervisor is up in a few hundredths of a second: it has little of the library."""
    code = (
        "import sys, eventlab.processes.owner, eventlab.processes.entry,"
        "eventlab.processes.program, eventlab.processes.locking;"
        "print({'logging', 'psutil', 'subprocess', 'json'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "{'subprocess'}\n"
