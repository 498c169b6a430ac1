"""What SQLite's errors mean for a view's file: a full disk, another writer, damage."""

import sqlite3
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from eventlab.errors import EventlabError, StorageError
from eventlab.folders import forbidden_folder, full_disk
from eventlab.views.store_trouble import (
    damaged,
    said_plainly,
    unusable,
    written_by_another,
)

_PRIMARY = 0xFF  # the lower byte of an extended code
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_OURS = ("table: eventlab_position", "table: eventlab_topic", "table: eventlab_view")
_FORBIDDEN = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN}


def storage_trouble(path: Path, error: BaseException | None) -> EventlabError | None:
    """Return what an error of SQLite says about its file, None where it is about the statement."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code == sqlite3.SQLITE_FULL:
        return full_disk(path.parent)
    if code in _FORBIDDEN:
        return forbidden_folder(path.parent, str(error))
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return written_by_another(path.parent.name, f"{path} locked by another process")
    if code in _DAMAGED:
        return damaged(path, "SQLite", str(error))
    if code == sqlite3.SQLITE_IOERR:
        return StorageError(
            f"The file {path} cannot be read or written",
            expected="a disk that answers",
            found=str(error),
            remedy="Look at the disk and its free space, and start the view again.",
        )
    if any(table in str(error) for table in _OURS):
        return damaged(path, "SQLite", str(error))
    return None


def plain_to_readers(path: Path) -> AbstractContextManager[None]:
    """Let what SQLite says about a file that is read be one error of ours.

    That it cannot be written is about the statement then.
    """
    return said_plainly(partial(_reading_trouble, path))


def _reading_trouble(path: Path, error: BaseException | None) -> EventlabError | None:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return None
    if code == sqlite3.SQLITE_CANTOPEN:
        return unusable(path, "a file that you can read", str(error))
    return storage_trouble(path, error)


def plain(path: Path) -> AbstractContextManager[None]:
    """Let what SQLite says about this file be one error of ours; what else it says stays."""
    return said_plainly(partial(storage_trouble, path))
