import subprocess
import sys

import psutil
import pytest

from eventlab.processes import orphans
from eventlab.processes.orphans import end, end_orphans

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(1, flush=True); time.sleep(60)"
)
WAITS = "print(1, flush=True); input()"


@pytest.fixture
def running():
    """Return what starts a process with a word on its command line."""
    started = []

    def start(word: str, code: str = WAITS) -> subprocess.Popen:
        command = [sys.executable, "-c", code, word]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdout.readline()
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        with process:
            pass


def test_only_those_with_the_word_are_ended(running, tmp_path):
    """The whole word, and nothing that only begins with it."""
    word = str(tmp_path / "properties")
    orphan, other = running(word), running(word + "-of-another")
    end_orphans(word, supervisor="no such supervisor", patience_seconds=5)
    assert not psutil.pid_exists(orphan.pid)
    assert other.poll() is None


def test_a_program_that_is_still_held_is_left_alone(running, tmp_path):
    """Its parent has the supervisor's word on its own command line."""
    word = str(tmp_path / "properties")
    held = running(word)
    parent = psutil.Process().cmdline()[-1]
    end_orphans(word, supervisor=parent, patience_seconds=5)
    assert held.poll() is None


def test_one_that_will_not_end_is_killed(running, tmp_path):
    """SIGKILL, once the patience is over."""
    word = str(tmp_path / "properties")
    orphan = running(word, STUBBORN)
    end_orphans(word, supervisor="no such supervisor", patience_seconds=0.1)
    assert not psutil.pid_exists(orphan.pid)


def test_another_process_with_its_pid_is_not_touched(running, monkeypatch):
    """Known by the time of its creation too: the first has ended, and this one has its number."""
    other = running("other")
    process = psutil.Process(other.pid)
    process._ident = (process.pid, 1.0)
    process._create_time = 1.0
    process._gone = False
    end(process, 0.1)
    orphans._kill(process, 0.1)
    assert other.poll() is None
    end(psutil.Process(other.pid), 5)
    assert not psutil.pid_exists(other.pid)
