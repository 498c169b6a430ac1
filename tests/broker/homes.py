"""Homes that one test may break, and what must not be left in them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from eventlab.broker.plan import state_file
from eventlab.processes.locking import locked
from tests.waiting import until

PROJECT = Path(__file__).parents[2]


def own_cache(home: Path) -> Path:
    """Put a copy of the suite's cache, times of change included, in the place of the link to it."""
    link = home / "cache"
    shared = link.resolve()
    link.unlink()
    return Path(shutil.copytree(shared, link))


def supervisor_pid(home: Path) -> int:
    """Return the process id of the home's supervisor."""
    return json.loads(state_file(home / "data").read_text(encoding="utf-8"))["supervisor"]


def processes_of(home: Path) -> list[psutil.Process]:
    """Return the brokers and supervisors that run for `home`."""
    return [process for process in psutil.process_iter() if _belongs(process, home)]


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        command = process.cmdline()
        ours = "kafka.Kafka" in command or "eventlab.broker.supervisor" in command
        return ours and Path(process.cwd()).is_relative_to(home.resolve())
    except (psutil.Error, OSError):
        return False


def assert_nothing_left(home: Path) -> None:
    """Fail unless soon no process runs for `home`, and its lock can be taken."""
    try:
        until(lambda: not processes_of(home), seconds=15, what="the end of every process")
    finally:
        for process in processes_of(home):
            process.kill()
    lock = home / "data" / "lock"
    if lock.exists():
        taken = locked(lock)
        assert taken is not None, f"{lock} is still locked"
        taken.close()
    # Another worker may just be making what all of them share.
    until(
        lambda: not [*home.glob("cache/*/incoming-*"), *home.glob("cache/*/making-*")],
        what="the end of everything half-made",
    )


class User:
    """A process that holds a seat, until it is dismissed or killed."""

    def __init__(self, name: str, **options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.broker.user", name],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            **options,
        )

    def hear(self) -> dict:
        """Return what the user says next; fail with its error if it says nothing."""
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    def ask(self, method: str) -> dict:
        """Let the user call a method of its seat, and return what is so then."""
        self.process.stdin.write(method + "\n")
        self.process.stdin.flush()
        return self.hear()

    def leave(self) -> None:
        """End the user, as a kernel ends that is shut down."""
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()
        self.process.stderr.close()

    def kill(self) -> None:
        """End the user with SIGKILL."""
        self.process.kill()
        self.leave()


def can_mount() -> bool:
    """Tell whether this process may mount a file system."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


@contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Make `folder` a disk of that size."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _unmount(folder)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Let nobody write to `folder`: by a mount for root, who ignores modes, else by modes."""
    if can_mount():
        _mount("--bind", str(folder), str(folder))
        _mount("-o", "remount,bind,ro", str(folder))
        try:
            yield folder
        finally:
            _unmount(folder)
        return
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        yield folder
    finally:
        for path in folders:
            path.chmod(0o755)
