"""What DuckDB's errors mean for a view's file: a full disk, another process, damage."""

from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from eventlab.errors import EventlabError, StorageError
from eventlab.folders import full_disk
from eventlab.views.store_trouble import damaged, said_plainly

# DuckDB has no codes: one exception for all that concerns files, told apart by its words.
_FULL = ("No space left", "Not enough space", "disk quota")
_LOCKED = ("Could not set lock", "being used by another process")
_NO_DATABASE = ("not a valid DuckDB database", "Corrupt database", "checksum")


def plain(path: Path) -> AbstractContextManager[None]:
    """Let what DuckDB says about this file be one error of ours; what else it says stays."""
    return said_plainly(partial(_trouble, path))


def _trouble(path: Path, error: BaseException | None) -> EventlabError | None:
    import duckdb

    is_of_a_file = isinstance(
        error, duckdb.IOException | duckdb.FatalException | duckdb.InternalException
    )
    # A commit that fails, and a block that is damaged, have no exception of their own.
    if not is_of_a_file and type(error) not in (duckdb.TransactionException, duckdb.Error):
        return None
    words = str(error).strip()
    if any(part in words for part in _FULL):
        return full_disk(path.parent)
    if any(part in words for part in _LOCKED):
        return StorageError(
            f"The view {path.parent.name} is open in another process",
            expected="a file of DuckDB, which one process has at a time",
            found=words.splitlines()[0],
            remedy="Ask that process: serve the view over HTTP, with eventlab.views.app. In "
            "SQLite and PostgreSQL any process may read it.",
        )
    if any(part in words for part in _NO_DATABASE):
        return damaged(path, "DuckDB", words.splitlines()[0])
    if type(error) is duckdb.TransactionException and "Failed to commit" not in words:
        return None
    return StorageError(
        f"The file {path} cannot be read or written",
        expected="a disk that answers",
        found=words.splitlines()[0] if words else type(error).__name__,
        remedy="Look at the disk and its free space, and start the view again.",
    )
