"""A folder with one file for each generation of a view, and in `current` the one that is shown.

A file is never renamed or replaced while somebody may read it.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from eventlab.errors import EventlabError, shown
from eventlab.folders import writing_to
from eventlab.processes.locking import locked
from eventlab.views.store_trouble import other_store, unusable, written_by_another

CURRENT = "current"
LOCK = "lock"
_NAME = re.compile(r"rows-\d+\.\w+")
_BESIDE = ("", "-wal", "-shm", "-journal", ".wal")  # what databases put beside their files


class GenerationFiles:
    """The files of one view, `rows-1.db` and so on, and its lock."""

    def __init__(self, folder: Path, ending: str) -> None:
        self.folder = folder
        self._ending = ending
        self._lock: TextIO | None = None
        self._in_use: set[Path] = set()  # what is being built beside the one that is shown

    def begin(self) -> None:
        """Keep every other writer out. Raises StorageError where there is one."""
        if self._lock is not None and _is_there(self._lock, self.folder / LOCK):
            return
        self.end()
        with _within(self.folder):
            self._lock = locked(self.folder / LOCK)
        if self._lock is None:
            raise written_by_another(
                self.folder.name, f"{self.folder / LOCK} locked by another process"
            )

    def end(self) -> None:
        """Let others write."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def kept(self) -> Path | None:
        """Return the file that is shown, None if none is there. Raises as `current_file` does."""
        path = current_file(self.folder, self._ending)
        return path if path is not None and path.exists() else None

    def fresh(self) -> Path:
        """Return a file that is not there yet; those that nobody needs any longer are deleted.

        It is needed until it is released.
        """
        needed = {self._shown(), *self._in_use}
        with _within(self.folder):
            numbers = self._numbers()
        for number in numbers:
            if self._file(number) not in needed:
                delete(self._file(number))
        file = self._file(max(numbers, default=0) + 1)
        self._in_use.add(file)
        return file

    def release(self, file: Path) -> None:
        """Say that nobody writes to a file any longer."""
        self._in_use.discard(file)

    def show(self, file: Path) -> None:
        """Let readers see this file from now on."""
        new = self.folder / f"{CURRENT}.new"
        with _within(self.folder):
            new.write_text(file.name, encoding="utf-8")
            new.replace(self.folder / CURRENT)

    def _shown(self) -> Path | None:
        try:
            return current_file(self.folder, self._ending)
        except EventlabError:  # whatever it says, it is replaced
            return None

    def _file(self, number: int) -> Path:
        return self.folder / f"rows-{number}.{self._ending}"

    def _numbers(self) -> list[int]:
        wanted = re.compile(rf"rows-(\d+)\.{self._ending}")
        found = (wanted.fullmatch(path.name) for path in self.folder.iterdir())
        return [int(match[1]) for match in found if match is not None]


def _is_there(lock: TextIO, path: Path) -> bool:
    """Tell whether a lock is still that of the file at a path, which may have been deleted."""
    try:
        return os.path.samestat(os.fstat(lock.fileno()), path.stat())
    except OSError:
        return False


def current_file(folder: Path, ending: str) -> Path | None:
    """Return the file of the generation that is shown, None if none is.

    Raises StorageError where that cannot be known, UsageError where it is of another store.
    """
    path = folder / CURRENT
    try:
        name = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as error:
        raise unusable(path, "the name of the file that is shown", _why(error)) from error
    if not _NAME.fullmatch(name):
        raise unusable(path, "the name of the file that is shown", shown(name))
    if not name.endswith(f".{ending}"):
        raise other_store(folder.name, f"rows in a file .{ending}", f"rows in the file {name}")
    return folder / name


@contextmanager
def _within(folder: Path) -> Iterator[None]:
    """Let whatever is wrong with a folder be one error."""
    try:
        with writing_to(folder):
            yield
    except OSError as error:
        where = Path(error.filename2 or error.filename or folder)
        raise unusable(where, "a file of a view", _why(error)) from error


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return "what is no text"


def delete(file: Path) -> None:
    """Delete a file, and what its database has put beside it."""
    for ending in _BESIDE:
        with suppress(OSError):  # where files that are read cannot be deleted, it stays for now
            Path(f"{file}{ending}").unlink()
