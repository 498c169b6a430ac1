"""What the learner has done, kept on this machine: guesses, claims that held, exercises solved.

A small SQLite database in the data folder, so that kernels may write at the same time and one that
is killed leaves nothing half. Keeping progress never stands in the way of a chapter: where it
cannot be kept (a read-only home, a damaged file) the chapter goes on, and `trouble` says why.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from eventlab.errors import StorageError
from eventlab.folders import data_folder, forbidden_folder, writing_to

Kind = Literal["prediction", "claim", "exercise"]

_WAIT_SECONDS = 2.0  # for another kernel's write, which takes milliseconds
_TABLE = "CREATE TABLE IF NOT EXISTS done (kind, name, facts, PRIMARY KEY (kind, name))"


def progress_file() -> Path:
    """Return where progress is kept."""
    return data_folder() / "progress.sqlite"


def remember(kind: Kind, name: str, facts: Any = None) -> None:
    """Keep that something was done, with `facts` that JSON can hold, in place of those before.

    Does nothing where it cannot be kept. May be called from any thread.
    """
    row = (kind, name, json.dumps(facts))
    with suppress(StorageError), _written() as store:
        store.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", row)


def remembered(kind: Kind) -> dict[str, Any]:
    """Return what was done of a kind: its facts by its name; nothing where none can be read."""
    try:
        rows = _read("SELECT name, facts FROM done WHERE kind = ?", kind)
        return {name: json.loads(facts) for name, facts in rows}
    except (StorageError, ValueError):
        return {}


def forget_everything() -> int:
    """Forget all progress, for the next class, and return how much there was; StorageError."""
    if not _is_there():
        return 0
    with _written() as store:
        return store.execute("DELETE FROM done").rowcount


def trouble() -> StorageError | None:
    """Return why progress cannot be kept, None where it can."""
    try:
        with _written() as store:
            store.execute("PRAGMA user_version = 1")  # a write that changes nothing
    except StorageError as error:
        return error
    return None


@contextmanager
def _written() -> Iterator[sqlite3.Connection]:
    """Yield the store, made if need be; what is done to it is done as a whole. StorageError."""
    with writing_to(data_folder()), _spoken(), closing(_connected()) as store, store:
        store.execute(_TABLE)
        yield store


def _read(query: str, kind: Kind) -> list[tuple[str, str]]:
    if not _is_there():
        return []
    with _spoken(), closing(_connected()) as store:
        return store.execute(query, (kind,)).fetchall()


def _is_there() -> bool:
    try:
        return progress_file().exists()
    except OSError:  # a folder that may not even be looked into
        return False


def _connected() -> sqlite3.Connection:
    return sqlite3.connect(progress_file(), timeout=_WAIT_SECONDS)


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn SQLite's error into one of ours."""
    try:
        yield
    except sqlite3.OperationalError as error:  # the folder's or the disk's, not the file's own
        raise forbidden_folder(data_folder(), str(error)) from error
    except sqlite3.Error as error:
        raise StorageError(
            f"Progress cannot be kept in {progress_file()}",
            expected="a file that eventlab has made",
            found=str(error),
            remedy="Delete it, and begin anew; the chapters run without it too.",
        ) from error
