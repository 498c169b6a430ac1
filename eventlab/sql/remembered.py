"""The folder of a program's queries: what they know, and by which statements they were begun.

A query is found again by its number: were it another statement, it would go on with what that one
knew. One that was ended must not begin anew when the same statements are run again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from eventlab.errors import ServiceError, UsageError, shown
from eventlab.folders import writing_to
from eventlab.processes.locking import locked


class _Kept(msgspec.Struct):
    statements: list[str]
    ended: set[int]


class Remembered:
    """Hold a folder for one process, and its statements to those of the run before.

    Raises ServiceError where another process has it, StorageError where nothing can be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "statements.json"
        with writing_to(folder):
            lock = locked(folder / "lock")
        if lock is None:
            raise ServiceError(
                f"The folder {folder} is in use",
                expected="a folder of SQL that no other process has",
                found="another one that runs",
                remedy="Give each process a folder of its own.",
            )
        self._lock = lock
        self._texts: list[str] = []
        self._ended: set[int] = set()
        self._read()

    @contextmanager
    def known(self, number: int, text: str) -> Iterator[bool]:
        """Hold the query of this number, from 1, to what it was; remember it unless it fails.

        Yields whether it has ended in an earlier run. Raises UsageError where it was another one.
        """
        before = self._texts[number - 1 : number]
        if before and before[0] != text:
            raise UsageError(
                f"Query {number} of {self.folder} was another one",
                expected=shown(before[0]),
                found=shown(text),
                remedy="Run the statements of the run before, or delete the folder to begin anew.",
            )
        if before:
            yield number in self._ended
            return
        self._texts.append(text)
        self._write()
        try:
            yield False
        except BaseException:
            self._texts.pop()
            self._write()
            raise

    def end(self, number: int) -> None:
        """Remember that the query of this number has ended for good; to be called before it does.

        Of one that was ended and is not noted, what it knew is gone: it would begin anew.
        """
        if number not in self._ended:
            self._ended.add(number)
            self._write()

    def close(self) -> None:
        """Let others have the folder."""
        self._lock.close()

    def _read(self) -> None:
        if not self._file.exists():
            return
        try:
            found = msgspec.json.decode(self._file.read_bytes(), type=_Kept)
        except msgspec.DecodeError:
            self._lock.close()
            raise UsageError(
                f"{self._file} cannot be read",
                expected="statements, and the numbers of those that have ended",
                found="something else",
                remedy="Delete the folder: the queries then begin anew.",
            ) from None
        self._texts = found.statements
        self._ended = found.ended

    def _write(self) -> None:
        fresh = self._file.with_suffix(".new")
        with writing_to(self.folder):
            fresh.write_bytes(msgspec.json.encode(_Kept(self._texts, self._ended)))
            fresh.replace(self._file)
