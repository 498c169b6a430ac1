from pathlib import Path

import duckdb
import pytest

from eventlab.errors import StorageError
from eventlab.views.duck_trouble import plain

FILE = Path("views") / "sold" / "rows-1.duckdb"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (duckdb.IOException("Could not write: No space left on device"), "is full"),
        (duckdb.IOException("Could not set lock on file"), "sold is open in another process"),
        (duckdb.IOException("it is not a valid DuckDB database file!"), "is not the store"),
        (duckdb.IOException("Input/output error"), "cannot be read or written"),
        (duckdb.TransactionException("Failed to commit: No space left on device"), "is full"),
        (duckdb.TransactionException("Failed to commit: x"), "cannot be read or written"),
        (duckdb.Error("Corrupt database file: computed checksum 1"), "is not the store"),
        (duckdb.FatalException(""), "cannot be read or written.*FatalException"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_plainly(error, words):
    """Also where a fold was the first to hear it."""
    with pytest.raises(StorageError, match=words), plain(FILE):
        raise error
    with pytest.raises(StorageError, match=words), plain(FILE):
        raise ZeroDivisionError from error


def test_what_is_wrong_with_a_statement_is_not_the_files():
    """It stays what it is."""
    with pytest.raises(duckdb.CatalogException), plain(FILE):
        raise duckdb.CatalogException("no table")
    with pytest.raises(duckdb.TransactionException), plain(FILE):
        raise duckdb.TransactionException("no transaction is active")
