"""What runs for a home's PostgreSQL, what must not be left of it, and users of it elsewhere."""

import json
import subprocess
import sys
from pathlib import Path

import psutil

from eventlab.database.ground import chosen_ground, server_folder
from eventlab.database.plan import state_file
from eventlab.processes.locking import locked
from tests.waiting import until

PROJECT = Path(__file__).parents[2]


def places() -> list[Path]:
    """Return the folders in which this home's processes work: its own, and the server's."""
    return [server_folder(), chosen_ground().place]


def processes_in(folders: list[Path]) -> list[psutil.Process]:
    """Return the servers, with all of their processes, and supervisors that work there."""
    return [process for process in psutil.process_iter() if _works_in(process, folders)]


def _works_in(process: psutil.Process, folders: list[Path]) -> bool:
    try:
        place = Path(process.cwd())
    except (psutil.Error, OSError):
        return False
    return any(place.is_relative_to(folder) for folder in folders)


def supervisor_pid() -> int:
    """Return the process id of this home's supervisor."""
    return json.loads(state_file(server_folder()).read_text(encoding="utf-8"))["supervisor"]


def assert_nothing_left(folders: list[Path]) -> None:
    """Fail unless soon no process works there, its lock can be taken, and no data are elsewhere."""
    try:
        until(lambda: not processes_in(folders), seconds=15, what="the end of every process")
    finally:
        for process in processes_in(folders):
            process.kill()
    if server_folder().exists():  # else nobody has had a server there
        lock = locked(server_folder() / "lock")
        assert lock is not None
        lock.close()
    elsewhere = [folder for folder in folders if folder != server_folder()]
    assert [path for folder in elsewhere for path in folder.glob("data-*")] == []


class User:
    """A user in a process of its own, which makes a database and obeys."""

    def __init__(self, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.database.user", name],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self.facts = self._heard()

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def do(self, line: str) -> dict:
        """Let it call a method of its database, and return what it says then."""
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return self._heard()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()
        self._process.communicate()

    def _heard(self) -> dict:
        return json.loads(self._process.stdout.readline())
