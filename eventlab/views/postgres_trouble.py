"""What psycopg's errors mean for a view's rows: a server that is gone, a full disk."""

import re
from contextlib import AbstractContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from eventlab.errors import EventlabError, StorageError
from eventlab.views.store_trouble import said_plainly

if TYPE_CHECKING:  # a view in memory needs none of it
    import psycopg

_OURS = re.compile(r'"eventlab_(position|topic|view)"|"eventlab.views"')


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
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return StorageError(
            "PostgreSQL does not let the view do this",
            expected="a role that has the view's schemas, or may read them",
            found=_first_words(error),
            remedy='Let its owner grant it: "grant create on database ... to ..." to whoever builds'
            ' the view, "grant usage on schema ..." and "grant select ..." to whoever reads it.',
        )
    if isinstance(error, psycopg.errors.UndefinedTable) and _OURS.search(str(error)):
        return StorageError(
            "The rows in PostgreSQL are not those of a view, or no longer",
            expected="a schema that a view has written",
            found=_first_words(error),
            remedy="Build the view anew, with keep=False: its rows come from the log.",
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
