import os
import signal
import subprocess
import sys

import psutil
import pytest

from eventlab.processes.locking import locked
from eventlab.processes.program import Program, launch
from tests.processes.kinds import FOREVER
from tests.waiting import until

BUSY = "while True: pass"


@pytest.fixture
def launched(tmp_path):
    """Return what launches a program; each is killed at the end."""
    programs = []

    def start(command, **options) -> Program:
        with (tmp_path / "output").open("ab") as output:
            programs.append(
                launch(
                    command, folder=tmp_path, output=output, environment={"NAME": "é"}, **options
                )
            )
        return programs[-1]

    yield start
    for program in programs:
        program.kill()


def status_of(program: Program) -> int:
    return until(lambda: (program.status(),) if program.status() is not None else None)[0]


def test_it_runs_in_its_folder_with_its_environment(launched, tmp_path):
    """What it says, on either way out, is in its file, and nobody answers it."""
    code = (
        "import os, sys; print(os.getcwd(), os.environ['NAME'], flush=True);"
        "print(sys.stdin.read(), file=sys.stderr); sys.exit(3)"
    )
    program = launched([sys.executable, "-c", code])
    assert status_of(program) == 3
    assert program.pid is None
    assert (tmp_path / "output").read_text(encoding="utf-8") == f"{tmp_path} é\n\n"


def test_it_can_be_frozen_woken_and_asked_to_end(launched):
    """A frozen program that is asked to end does so."""
    program = launched(FOREVER)
    process = psutil.Process(program.pid)
    for _ in range(2):
        program.suspend()
        program.suspend()
        until(lambda: process.status() == psutil.STATUS_STOPPED)
        program.resume()
        until(lambda: process.status() != psutil.STATUS_STOPPED)
    program.suspend()
    program.ask_to_end()
    assert status_of(program) == -signal.SIGTERM
    program.ask_to_end()
    program.kill()
    assert program.status() == -signal.SIGTERM


@pytest.mark.skipif(not hasattr(os, "waitid"), reason="elsewhere it may go on for a moment")
@pytest.mark.processes
def test_it_is_frozen_when_that_is_done(launched):
    """On a busy machine too, where the signal waits until it has its turn."""
    busy = [launched([sys.executable, "-c", BUSY]) for _ in range(4 * (os.cpu_count() or 1))]
    processes = [psutil.Process(program.pid) for program in busy]
    until(lambda: all(one.cpu_times().user > 0.05 for one in processes), what="all at work")
    for program, process in zip(busy, processes, strict=True):
        program.suspend()
        assert process.status() == psutil.STATUS_STOPPED


def test_a_kill_returns_when_it_has_ended(launched):
    """Nothing has to be waited for after it."""
    program = launched(FOREVER)
    pid = program.pid
    assert program.status() is None
    program.kill()
    assert (program.pid, program.status(), psutil.pid_exists(pid)) == (None, -9, False)


def test_what_it_holds_stays_locked_as_long_as_it_lives(launched, tmp_path):
    """Though whoever took the lock has closed it."""
    lock = locked(tmp_path / "lock")
    program = launched(FOREVER, held=[lock.fileno()])
    lock.close()
    assert locked(tmp_path / "lock") is None
    program.kill()
    again = locked(tmp_path / "lock")
    assert again is not None
    again.close()


def test_a_command_that_is_not_there_is_an_error(launched):
    """The caller decides what that means."""
    with pytest.raises(FileNotFoundError):
        launched([os.devnull + "/nothing"] if os.name == "nt" else ["/nowhere/at-all"])


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root may do so")
def test_it_can_run_as_another_user(launched, tmp_path):
    """It has that user's rights and no group of ours, and what it has to become comes first."""
    program = launched(
        ["/bin/sh", "-c", "echo $(id -u) $(id -g) $(id -G) $(umask)"],
        user=12345,
        group=12346,
        become=lambda: os.umask(0o027),
    )
    assert status_of(program) == 0
    assert (tmp_path / "output").read_text(encoding="utf-8") == "12345 12346 12346 0027\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a signal")
def test_at_the_end_of_its_holder_it_gets_the_signal_that_was_asked_for(tmp_path):
    """A program that has to end its own processes gets the chance to."""
    program = "import signal; signal.sigwait([signal.SIGUSR1]); open('said', 'w').close()"
    holder = f"""
import os, pathlib, signal, sys
from eventlab.processes.program import launch
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
with open("output", "wb") as output:
    launch([sys.executable, "-c", {program!r}], folder=pathlib.Path("."), output=output,
           environment=dict(os.environ), death_signal=signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", holder], cwd=tmp_path, check=False)
    until(lambda: (tmp_path / "said").exists())
