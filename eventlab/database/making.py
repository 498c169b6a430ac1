"""Make a database of a name anew and empty: on the server that is there, else on one of ours."""

import hashlib
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from eventlab.arguments import required_name
from eventlab.checked import checked
from eventlab.database.binaries import require_client
from eventlab.database.configuration import FIRST_DATABASE
from eventlab.database.connecting import connected
from eventlab.database.database import Database
from eventlab.database.external import ExternalServer
from eventlab.database.local import LocalServer
from eventlab.database.urls import VARIABLE, external_url, with_schema, without_password
from eventlab.errors import DatabaseError

if TYPE_CHECKING:  # a notebook without a database needs none of it
    import psycopg

_MOST_BYTES = 63  # of a name in PostgreSQL
_KEY_LETTERS = 8
_MOST_LETTERS = 100  # of a holder's name


@checked
def new_database(name: str, holder: str = "") -> Database:
    """Make a database anew and empty, and return it; whoever is connected to it is thrown out.

    On the server that EVENTLAB_POSTGRES names; without it on this home's own, which is started if
    nobody has. `holder` is the name by which its other users see who holds that. Where no database
    may be made, a schema is. Raises SetupError, DatabaseError and UsageError.
    """
    require_client()
    word = database_name(required_name("name", name, example='"orders"'))
    base_url = external_url()
    if base_url:
        return _made_externally(ExternalServer(base_url), word)
    return _made_locally(LocalServer(holder[:_MOST_LETTERS] or word), word)


def database_name(name: str) -> str:
    """Return a name as SQL takes it without quotes, and no two names' as the same one."""
    word = re.sub(r"[^a-z0-9_]", "_", name.lower())
    if not word[0].isalpha():
        word = f"db_{word}"
    if word == name.replace(".", "_") and len(word) <= _MOST_BYTES:
        return word
    key = hashlib.sha256(name.encode(errors="surrogateescape")).hexdigest()[:_KEY_LETTERS]
    return f"{word[: _MOST_BYTES - _KEY_LETTERS - 1]}_{key}"


def _made_locally(seat: LocalServer, name: str) -> Database:
    try:
        seat.start()
        with connected(seat.url(FIRST_DATABASE), autocommit=True) as connection:
            _make_database(connection, name)
            number = _number_of(connection, name)
    except BaseException:  # an interrupt, too, leaves no seat behind
        seat.close()
        raise
    return Database(seat, name, forget=lambda: _drop(seat, name, number))


def _made_externally(seat: ExternalServer, name: str) -> Database:
    import psycopg

    with connected(seat.base_url, autocommit=True) as connection:
        try:
            _make_database(connection, name)
        except psycopg.errors.InsufficientPrivilege:
            _make_schema(connection, name, seat)
            return Database(seat, name, url=with_schema(seat.base_url, name))
    return Database(seat, name)


def _make_database(connection: "psycopg.Connection[Any]", name: str) -> None:
    from psycopg import sql

    word = sql.Identifier(name)
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(word))
    # The other template may have somebody connected to it.
    connection.execute(sql.SQL("create database {} template template0").format(word))


def _number_of(connection: "psycopg.Connection[Any]", name: str) -> int | None:
    """Return what tells a database from a later one of the same name, None for none."""
    query = "select oid from pg_database where datname = %s"
    found = connection.execute(query, [name]).fetchone()
    return None if found is None else found[0]


def _drop(seat: LocalServer, name: str, number: int | None) -> None:
    """Drop a database whose lab closes it, unless another has made it anew since."""
    import psycopg
    from psycopg import sql

    if seat.state != "running":
        return
    drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
    # The server may end at any moment; made anew, the database is dropped too.
    with (
        suppress(DatabaseError, psycopg.Error),
        connected(seat.url(FIRST_DATABASE), autocommit=True) as connection,
    ):
        if _number_of(connection, name) == number:
            connection.execute(drop)


def _make_schema(connection: "psycopg.Connection[Any]", name: str, seat: ExternalServer) -> None:
    import psycopg
    from psycopg import sql

    word = sql.Identifier(name)
    try:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(word))
        connection.execute(sql.SQL("create schema {}").format(word))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"No database and no schema may be made at {without_password(seat.base_url)}",
            expected="a user with CREATEDB, or with CREATE on the database of the URL",
            found=str(error).strip(),
            remedy=f"Grant one of them, or let {VARIABLE} name another user.",
        ) from error
