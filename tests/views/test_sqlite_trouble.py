import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from eventlab.errors import StorageError
from eventlab.views.sqlite_trouble import plain, storage_trouble

FILE = Path("views") / "sold" / "rows-1.db"


def error(code: int) -> sqlite3.Error:
    """Return an error of SQLite with a code."""
    made = sqlite3.OperationalError("its words")
    made.sqlite_errorcode = code
    return made


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (sqlite3.SQLITE_FULL, "is full"),
        (sqlite3.SQLITE_READONLY, "cannot be written"),
        (sqlite3.SQLITE_CANTOPEN, "cannot be written"),
        (sqlite3.SQLITE_BUSY, "sold is written by somebody else"),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, "sold is written by somebody else"),
        (sqlite3.SQLITE_CORRUPT, "is not the store of a view"),
        (sqlite3.SQLITE_NOTADB, "is not the store of a view"),
        (sqlite3.SQLITE_IOERR_WRITE, "cannot be read or written"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_plainly(code, words):
    """Extended codes too."""
    assert words in str(storage_trouble(FILE, error(code)))
    with pytest.raises(StorageError, match=words), plain(FILE):
        raise error(code)


def test_what_is_wrong_with_a_statement_is_not_the_files():
    """It stays what it is."""
    assert storage_trouble(FILE, ValueError("another")) is None
    with (
        closing(sqlite3.connect(":memory:")) as db,
        pytest.raises(sqlite3.Error, match="nowhere"),
        plain(FILE),
    ):
        db.execute("select * from nowhere")


def test_what_a_fold_was_told_is_the_files_too():
    """It is the cause of another error there."""
    wrapped = RuntimeError("the fold failed")
    wrapped.__cause__ = error(sqlite3.SQLITE_FULL)
    with pytest.raises(StorageError, match="is full"), plain(FILE):
        raise wrapped
