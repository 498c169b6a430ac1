"""The folder of a program's queries: what they know, and by which statements they were begun.

A query is found again by its number: were it another statement, it would go on with what that one
knew. Standard library only.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlab.errors import ServiceError, UsageError, shown
from eventlab.folders import writing_to
from eventlab.processes.locking import locked


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
        self._texts: list[str] = self._read()

    @contextmanager
    def known(self, number: int, text: str) -> Iterator[None]:
        """Hold the query of this number, from 1, to what it was; remember it unless it fails.

        Raises UsageError where it was another one.
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
            yield
            return
        self._write([*self._texts, text])
        try:
            yield
        except BaseException:
            self._write(self._texts)
            raise
        self._texts.append(text)

    def close(self) -> None:
        """Let others have the folder."""
        self._lock.close()

    def _read(self) -> list[str]:
        if not self._file.exists():
            return []
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self._lock.close()
            raise UsageError(
                f"{self._file} cannot be read",
                expected="a list of statements",
                found="something else",
                remedy="Delete the folder: the queries then begin anew.",
            )
        return found

    def _write(self, texts: list[str]) -> None:
        fresh = self._file.with_suffix(".new")
        with writing_to(self.folder):
            fresh.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
            fresh.replace(self._file)
