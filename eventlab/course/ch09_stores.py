"""Chapter 09: what systems have, read from their files by whoever looks on from outside."""

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from eventlab.course.ch09_system import OWN

Versions = dict[str, str]  # which version of each row: the id of the event that made it

_WAIT_SECONDS = 5.0
_MINUTE_SECONDS = 60.0
_LOOK_SECONDS = 0.002  # the story goes on step by step, and there are hundreds


def until(condition: Callable[[], bool], seconds: float = _MINUTE_SECONDS) -> None:
    """Return when a condition has come true, or after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)


class Store:
    """Read what one system has, while it goes on or is down; nothing of one that never was."""

    def __init__(self, folder: Path, system: str) -> None:
        self._file = folder / f"{system}.sqlite"

    def own(self) -> Versions:
        """Return the newest version of each row of its own."""
        return dict(self._asked("select row, version from rows where way = ?", OWN))

    def copy(self, way: str, owner: str) -> Versions:
        """Return the version of each row of another system's that has come to it this way."""
        sentence = "select row, version from rows where way = ? and owner = ?"
        return dict(self._asked(sentence, way, owner))

    def owners(self, way: str) -> set[str]:
        """Return of whom it has copies that have come to it this way."""
        return {
            owner for (owner,) in self._asked("select distinct owner from rows where way = ?", way)
        }

    def milliseconds(self, way: str) -> float:
        """Return the median time that a change took to come to it this way, 0 for none."""
        taken = [
            one for (one,) in self._asked("select milliseconds from arrivals where way=?", way)
        ]
        return statistics.median(taken) if taken else 0.0

    def _asked(self, sentence: str, *words: str) -> list[Any]:
        try:
            with closing(self._opened()) as base:
                return base.execute(sentence, words).fetchall()
        except sqlite3.OperationalError as error:
            is_being_made = "no such table" in str(error)
            if self._file.exists() and not is_being_made:
                raise
            return []

    def _opened(self) -> sqlite3.Connection:
        # To read is not to make: a file that has gone with its run must not come back empty.
        return sqlite3.connect(f"{self._file.as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS)
