"""Rows in a database of PostgreSQL, which any program reads while the view goes on.

Each generation is a schema of its own, `"sold.1"`, with the view's tables. In the schema `eventlab`
the table `views` says which of them is shown.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eventlab.checked import checked
from eventlab.database.connecting import connected
from eventlab.errors import DatabaseError
from eventlab.views.database_generation import (
    UNFINISHED,
    DatabaseGeneration,
    ended_by_itself,
)
from eventlab.views.postgres_reader import (
    PostgresRows,
    label_of,
    mark_in,
    search_in,
    shown_schema,
)
from eventlab.views.postgres_trouble import plain
from eventlab.views.store_trouble import (
    of_another_version,
    other_tables,
    refused_schema,
    written_by_another,
)
from eventlab.views.stores import SNAPSHOT, Generation, Mark, Store, same_kind

if TYPE_CHECKING:  # a view in memory needs none of it
    import psycopg

VERSION = 1

_CATALOGUE = """
create schema if not exists eventlab;
create table if not exists eventlab.views(name text primary key, shown text not null);
"""
_OURS = """
create table eventlab_position(
    topic text, partition integer, "offset" bigint, primary key(topic, partition));
create table eventlab_topic(topic text primary key, identity text);
create table eventlab_view(version integer, schema text, newest bigint);
"""
# `create ... if not exists` is no safe thing for two at once.
_CATALOGUE_LOCK = "select pg_advisory_xact_lock(hashtextextended('eventlab.views', 0))"
_VIEW_LOCK = "select pg_try_advisory_lock(hashtextextended(%s, 1))"
_LOCK_MILLISECONDS = 200  # PostgreSQL looks for a deadlock after a second
_UNLOCK = "select pg_advisory_unlock(hashtextextended(%s, 1))"
_LEFT = r"""
select regexp_replace(nspname, '\.\d+$', '') as name, array_agg(nspname::text)
from pg_namespace where nspname like %s and nspname ~ '\.\d+$' group by 1
"""


@checked
@dataclass(frozen=True)
class Postgres(Store):
    """Keep a view's rows in a database of PostgreSQL: `schema` are the statements for its tables.

    `url` is the database's, as `lab.new_database("name").url`. The fold gets a cursor of psycopg,
    in a transaction that the view begins and ends. Raises UsageError for a schema that PostgreSQL
    does not take, DatabaseError where it does not answer.
    """

    url: str = field(repr=False)  # it has a password
    schema: str

    def open(self, folder: Path) -> "OpenPostgres":
        """Return what the view of this folder's name has in the database."""
        return OpenPostgres(self.url, folder.name)

    def check(self) -> None:
        """Raise UsageError where PostgreSQL does not take the schema; nothing of it stays."""
        name = f"{SNAPSHOT}check {uuid4().hex}"
        with connected(self.url, autocommit=True, name=name) as connection, plain(connection):
            try:
                connection.execute("begin")
                _make_tables(connection, name, self.schema)
            finally:
                connection.rollback()
                _drop(connection, [name])


class PostgresGeneration(DatabaseGeneration):
    """One schema, and the connection of its writer."""

    def __init__(
        self,
        view: str,
        schema: str,
        connection: "psycopg.Connection[Any]",
        on_close: Callable[[], object],
    ) -> None:
        self.schema = schema
        self._connection = connection
        super().__init__(view, mark_in(connection), on_close)

    def _plain(self) -> AbstractContextManager[None]:
        return plain(self._connection)

    def _begin(self) -> None:
        self._connection.execute("begin")
        # Whoever else writes this row waits, so that the position is compared by one at a time.
        self._connection.execute("update eventlab_view set newest = %s", [UNFINISHED])

    def _writer(self) -> "psycopg.Cursor[Any]":
        return self._connection.cursor()

    def _require_open(self) -> None:
        from psycopg.pq import TransactionStatus

        status = self._connection.info.transaction_status
        if status != TransactionStatus.INTRANS:
            raise ended_by_itself(
                "a transaction that is over"
                if status == TransactionStatus.IDLE
                else "an error of PostgreSQL that the function has caught",
                "Leave commit and rollback out; what may fail goes into a savepoint: "
                "with rows.connection.transaction(): ...",
            )

    def _stored(self) -> Mark:
        return mark_in(self._connection)

    def _write(self, mark: Mark, before: Mark) -> None:
        cursor = self._connection.cursor()
        for topic, offsets in mark.offsets.items():
            if offsets != before.offsets.get(topic):
                cursor.executemany(
                    "insert into eventlab_position values (%s, %s, %s)"
                    ' on conflict(topic, partition) do update set "offset" = excluded."offset"',
                    [(topic, number, offset) for number, offset in offsets.items()],
                )
        if mark.identities != before.identities:
            cursor.executemany(
                "insert into eventlab_topic values (%s, %s)"
                " on conflict(topic) do update set identity = excluded.identity",
                list(mark.identities.items()),
            )
        cursor.execute("update eventlab_view set newest = %s", [mark.newest])

    def _commit(self) -> None:
        self._connection.execute("commit")

    def _roll_back(self) -> None:
        if not self._connection.broken:
            self._connection.rollback()

    def _disconnect(self) -> None:
        self._connection.close()


class OpenPostgres:
    """The schemas of one view, and its lock."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._lock: psycopg.Connection[Any] | None = None
        self._in_use: set[str] = set()  # what is being built beside the one that is shown
        self.reader = PostgresRows(url, name)

    def begin(self) -> None:
        """Keep every other writer out. Raises StorageError where there is one."""
        if self._lock is not None and _answers(self._lock):
            return
        self.end()
        with self._opened() as connection:
            if not _is_locked(connection, self._name):
                raise written_by_another(
                    self._name, "its lock in PostgreSQL, held by another process"
                )
            with connection.transaction():
                connection.execute(_CATALOGUE_LOCK)
                _make_catalogue(connection)
            _sweep(connection, but=self._name)
        self._lock = connection

    def kept(self, store: Store) -> PostgresGeneration | None:
        """Return the generation that was shown last, None if none is there.

        Raises StorageError for one of another version, and UsageError for one of other tables.
        """
        schema = same_kind(store, Postgres).schema
        with self._opened() as connection:
            name = shown_schema(connection, self._name)
            if name is None or name not in self._schemas(connection):
                connection.close()
                return None
            search_in(connection, name)
            _require_ours(self._name, connection, schema)
            return self._generation(name, connection)

    def fresh(self, store: Store) -> PostgresGeneration:
        """Return an empty generation; those that nobody needs any longer are dropped."""
        schema = same_kind(store, Postgres).schema
        with self._opened() as connection:
            there = self._schemas(connection)
            needed = {shown_schema(connection, self._name), *self._in_use}
            name = f"{label_of(self._name)}.{max(there.values(), default=0) + 1}"
            _drop_unread(connection, [one for one in there if one not in needed])
            with _made_whole(connection, name):
                _make_tables(connection, name, schema)
            search_in(connection, name)
            self._in_use.add(name)
            return self._generation(name, connection)

    def show(self, generation: Generation) -> None:
        """Let readers see this generation from now on."""
        assert isinstance(generation, PostgresGeneration)
        with self._opened() as connection, connection:
            connection.execute(
                "insert into eventlab.views values (%s, %s)"
                " on conflict(name) do update set shown = excluded.shown",
                [self._name, generation.schema],
            )

    def end(self) -> None:
        """Let others write. What is shown can be read on."""
        import psycopg

        if self._lock is not None:
            with suppress(psycopg.Error):  # the server notices by itself, but later
                self._lock.execute(_UNLOCK, [self._name])
            self._lock.close()
            self._lock = None

    def forget(self) -> None:
        """Drop all that it has, and close its connections."""
        self.end()
        self.reader.close()
        # A lab's server has been dropped with all its data by then, where it does not answer.
        with (
            suppress(DatabaseError),
            self._connected() as connection,
            connection.transaction(),
        ):
            _drop(connection, self._schemas(connection))
            connection.execute("delete from eventlab.views where name = %s", [self._name])

    def _generation(self, schema: str, connection: "psycopg.Connection[Any]") -> PostgresGeneration:
        on_close = partial(self._in_use.discard, schema)
        return PostgresGeneration(self._name, schema, connection, on_close)

    @contextmanager
    def _opened(self) -> Iterator["psycopg.Connection[Any]"]:
        """Return a connection, which is closed where something is wrong with it or by it."""
        connection = self._connected()
        with plain(connection):
            try:
                yield connection
            except BaseException:
                connection.close()
                raise

    def _connected(self) -> "psycopg.Connection[Any]":
        return connected(self._url, autocommit=True, name=f"view {self._name}"[:_LONGEST_NAME])

    def _schemas(self, connection: "psycopg.Connection[Any]") -> dict[str, int]:
        """Return the schemas of this view, each with its number."""
        wanted = re.compile(rf"{re.escape(label_of(self._name))}\.(\d+)")
        names = [name for (name,) in connection.execute("select nspname from pg_namespace")]
        matches = {name: wanted.fullmatch(name) for name in names}
        return {name: int(match[1]) for name, match in matches.items() if match is not None}


_LONGEST_NAME = 63  # PostgreSQL cuts off what is longer


def _answers(connection: "psycopg.Connection[Any]") -> bool:
    """Tell whether a connection is there: one that is idle does not notice that it is gone."""
    import psycopg

    try:
        connection.execute("select 1")
    except psycopg.Error:
        return False
    return True


def _is_locked(connection: "psycopg.Connection[Any]", name: str) -> bool:
    row = connection.execute(_VIEW_LOCK, [name]).fetchone()
    return row is not None and bool(row[0])


def _drop(connection: "psycopg.Connection[Any]", schemas: Iterable[str]) -> None:
    from psycopg import sql

    for name in schemas:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(name)))


def _sweep(connection: "psycopg.Connection[Any]", but: str) -> None:
    """Drop what snapshots have left whose process was killed: those that nobody has locked."""
    import psycopg

    found = connection.execute(_LEFT, [f"{SNAPSHOT}%"]).fetchall()
    for name, schemas in found:
        if name != but and _is_locked(connection, name):
            with suppress(psycopg.Error):  # another role's
                _drop(connection, schemas)
                connection.execute("delete from eventlab.views where name = %s", [name])
            connection.execute(_UNLOCK, [name])


def _make_catalogue(connection: "psycopg.Connection[Any]") -> None:
    """Make what all views share, where it is missing: who may write may not always create it."""
    (there,) = connection.execute("select to_regclass('eventlab.views')").fetchone() or [None]
    if there is None:
        connection.execute(_CATALOGUE)


def _drop_unread(connection: "psycopg.Connection[Any]", schemas: Iterable[str]) -> None:
    """Drop schemas; one that somebody still reads stays for now.

    To wait for its readers could be a deadlock: they take its tables in an order of their own.
    """
    from psycopg import errors

    connection.execute(f"set lock_timeout = {_LOCK_MILLISECONDS}")
    for name in schemas:
        with suppress(errors.LockNotAvailable, errors.DeadlockDetected):
            _drop(connection, [name])
    connection.execute("reset lock_timeout")


@contextmanager
def _made_whole(connection: "psycopg.Connection[Any]", name: str) -> Iterator[None]:
    """Let a schema be made in one transaction, and leave nothing where it was ended midway."""
    try:
        connection.execute("begin")
        yield
        connection.execute("commit")
    except BaseException:
        connection.rollback()
        _drop(connection, [name])
        raise


def _make_tables(connection: "psycopg.Connection[Any]", name: str, schema: str) -> None:
    import psycopg
    from psycopg import sql

    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
    search_in(connection, name)
    connection.execute(_OURS)
    try:
        connection.execute(schema.encode())
        _require_within(connection, name)
        # What it has left must be fit for the view's own tables too.
        connection.execute("insert into eventlab_view values (%s, %s, -1)", [VERSION, schema])
        mark_in(connection)
    except (psycopg.Error, ValueError) as error:
        raise refused_schema("PostgreSQL", error) from error


def _require_within(connection: "psycopg.Connection[Any]", name: str) -> None:
    """Raise ValueError where a schema's statements have gone elsewhere than a view's tables are."""
    from psycopg.pq import TransactionStatus

    if connection.info.transaction_status != TransactionStatus.INTRANS:
        raise ValueError("a commit or a rollback")
    (current,) = connection.execute("select current_schema()").fetchone() or [None]
    if current != name:
        raise ValueError(f"another search_path: {current}")


def _require_ours(name: str, connection: "psycopg.Connection[Any]", schema: str) -> None:
    row = connection.execute("select version, schema from eventlab_view").fetchone()
    if row is None or row[0] != VERSION:
        raise of_another_version(f"The rows of the view {name} are", VERSION, row[0] if row else 0)
    if row[1] != schema:
        raise other_tables(name, schema, row[1])
