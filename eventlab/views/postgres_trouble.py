"""What psycopg's errors mean for a view's rows: a server that is gone, a full disk."""

from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from eventlab.errors import EventlabError, StorageError
from eventlab.views.store_trouble import said_plainly

if TYPE_CHECKING:  # a view in memory needs none of it
    import psycopg


def plain(connection: "psycopg.Connection[Any]") -> AbstractContextManager[None]:
    """Let what PostgreSQL says about itself be one error of ours; what else it says stays."""
    return said_plainly(partial(_trouble, connection))


def _trouble(
    connection: "psycopg.Connection[Any]", error: BaseException | None
) -> EventlabError | None:
    import psycopg

    if isinstance(error, psycopg.errors.DiskFull):
        return StorageError(
            "PostgreSQL has no room for the view's rows",
            expected="room on the disk of its data",
            found=_first_words(error),
            remedy="Make room, and start the view again.",
        )
    if isinstance(error, psycopg.OperationalError) and connection.broken:
        return StorageError(
            "The view's PostgreSQL does not answer any longer",
            expected="a server that runs; what was not committed is done again",
            found=_first_words(error),
            remedy="Start the server, and then the view again: view.start().",
        )
    return None


def _first_words(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
