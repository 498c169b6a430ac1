"""The folder of a run: nobody else's, and gone after it, however it ended."""

import subprocess
import sys

import psutil
import pytest

from eventlab.flink.configuration import mark
from eventlab.flink.run_folder import new_run_folder
from tests.waiting import until

_SUPERVISOR = "a-supervisor-of-this-test"


def test_two_at_once_have_two(tmp_path):
    """The second leaves what the first one uses."""
    first, first_lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
    with first_lock:
        second, second_lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
        second_lock.close()
        assert first.is_dir()
        assert first != second


def test_what_a_killed_run_has_left_is_cleared(tmp_path):
    """Its lock is free: nobody uses it any more."""
    left, lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
    (left / "planner.jar").write_bytes(b"x" * 1000)
    lock.close()
    _, own_lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
    own_lock.close()
    assert not left.exists()


@pytest.fixture
def sleeping():
    """Return what starts a process with a word on its command line, which ends with the test."""
    started = []

    def start(word: str) -> subprocess.Popen:
        program = "import signal; signal.pause()"
        started.append(subprocess.Popen([sys.executable, "-c", program, word]))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_flink_without_its_supervisor_is_ended(tmp_path, sleeping):
    """Where the system does not do it; a process of another run is left alone."""
    left, lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
    lock.close()
    orphan = sleeping(mark(left))
    other = sleeping(mark(tmp_path / "other"))
    until(lambda: psutil.Process(orphan.pid).cmdline()[-1:] == [mark(left)])
    until(lambda: psutil.Process(other.pid).cmdline()[-1:] == [mark(tmp_path / "other")])
    _, own_lock = new_run_folder(tmp_path / "runs", _SUPERVISOR)
    own_lock.close()
    assert not psutil.pid_exists(orphan.pid)
    assert other.poll() is None
