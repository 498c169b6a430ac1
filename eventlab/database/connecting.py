"""Connect to PostgreSQL by psycopg; whoever is not let in gets one clear error."""

from typing import TYPE_CHECKING, Any

from eventlab.database.urls import without_password
from eventlab.errors import DatabaseError

if TYPE_CHECKING:  # a notebook without a database needs none of it
    import psycopg

CONNECT_SECONDS = 10
_ADVICE = "Is the server running"


def connected(url: str, *, autocommit: bool, name: str = "") -> "psycopg.Connection[Any]":
    """Return a connection; the server shows it by this name. Raises DatabaseError."""
    import psycopg

    options: dict[str, Any] = {"application_name": name} if name else {}
    try:
        return psycopg.connect(
            url, autocommit=autocommit, connect_timeout=CONNECT_SECONDS, **options
        )
    except (psycopg.Error, ValueError) as error:  # a name of no text at all is a ValueError
        raise DatabaseError(
            "PostgreSQL did not let us in",
            expected=f"a server that answers at {without_password(url)}",
            found=_last_words(error),
            remedy="Start the server, or correct its URL, user or password.",
        ) from error


def refused_query(error: Exception) -> DatabaseError:
    """Return the error of a query that was not carried out, with the server's own words."""
    return DatabaseError(
        "PostgreSQL did not carry out the query",
        expected="SQL that it understands, with a parameter for each place in it",
        found=_first_words(error),
        remedy="Correct the query; on a connection of connect() the error is psycopg's own.",
    )


def _first_words(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def _last_words(error: Exception) -> str:
    """Return what an error says; of several addresses that were tried, of the last."""
    lines = [line.strip() for line in str(error).splitlines()]
    said = [line for line in lines if line and not line.startswith(_ADVICE)]
    return said[-1] if said else type(error).__name__
