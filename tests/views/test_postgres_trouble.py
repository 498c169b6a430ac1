from types import SimpleNamespace

import psycopg
import pytest

from eventlab.errors import StorageError
from eventlab.views.postgres_trouble import plain

ALIVE, BROKEN = SimpleNamespace(broken=False), SimpleNamespace(broken=True)


@pytest.mark.parametrize(
    ("connection", "error", "words"),
    [
        (ALIVE, psycopg.errors.DiskFull("could not extend file"), "no room .* could not extend"),
        (BROKEN, psycopg.OperationalError("gone\nwith more"), "any longer.* found gone. Start"),
        (BROKEN, psycopg.OperationalError(), "any longer.* found OperationalError"),
    ],
)
def test_what_is_wrong_with_the_server_is_said_plainly(connection, error, words):
    """Also where a fold was the first to hear it."""
    with pytest.raises(StorageError, match=words), plain(connection):
        raise error
    with pytest.raises(StorageError, match=words), plain(connection):
        raise ZeroDivisionError from error


def test_what_is_wrong_with_a_statement_is_not_the_servers():
    """It stays what it is."""
    with pytest.raises(psycopg.OperationalError), plain(ALIVE):
        raise psycopg.OperationalError("a lock timed out")
    with pytest.raises(psycopg.errors.UndefinedTable), plain(BROKEN):
        raise psycopg.errors.UndefinedTable("no table")
