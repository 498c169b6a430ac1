"""Read a view's rows in PostgreSQL: each question in a transaction that sees what is shown then."""

import os
import threading
import zlib
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from eventlab.checked import checked
from eventlab.database.connecting import connected
from eventlab.errors import StorageError
from eventlab.views.answers import Found, by_key, found, refused_query
from eventlab.views.postgres_trouble import plain
from eventlab.views.rows import KeptRows
from eventlab.views.store_trouble import not_built
from eventlab.views.stores import Answer, Mark, Question, Tables

if TYPE_CHECKING:  # a view in memory needs none of it
    import psycopg

    Connection = psycopg.Connection[Any]

_MOST_BYTES = 50  # PostgreSQL takes 63, of which a number has some
_IDLE_CONNECTIONS = 4
_BEGIN = "begin isolation level repeatable read read only"

_TABLES = """
select c.relname, coalesce((
    select array_agg(a.attname order by array_position(i.indkey::int2[], a.attnum))
    from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
    where i.indrelid = c.oid and i.indisprimary), '{}')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = current_schema() and c.relkind in ('r', 'p') and not c.relispartition
and c.relname not like 'eventlab\\_%' order by 1
"""


@checked
class PostgresRows(KeptRows):
    """Read the rows of a view that another process builds, or this one, from its database.

    It goes to another process as URL and name, and asks there for itself. Raises StorageError while
    no view has been built, DatabaseError where the server does not answer.
    """

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._idle: list[Connection] = []
        self._owner = os.getpid()
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type["PostgresRows"], tuple[str, str]]:
        return PostgresRows, (self._url, self.name)

    @property
    def mark(self) -> Mark:
        """Return what stands beside the rows."""
        return self.read(mark_in)

    @property
    def _reader(self) -> "PostgresRows":
        return self

    @checked
    def read(self, question: Question[Answer]) -> Answer:
        """Return what `question` makes of a connection, within one transaction that reads."""
        import psycopg

        with self._reading() as connection:
            answer = question(connection)
            if isinstance(answer, psycopg.Cursor):
                return cast("Answer", answer.fetchall())
            return answer

    def query(self, query: str, parameters: Sequence[Any]) -> Found:
        """Return what a query finds. Raises UsageError for one that is not answered."""
        import psycopg

        try:
            with self._reading() as connection:
                if not parameters:  # else PostgreSQL itself takes one alone
                    _require_one(connection, query)
                return found(connection.execute(query.encode(), parameters or None))
        except (psycopg.Error, UnicodeError) as error:
            raise refused_query("PostgreSQL", "%s", query, error) from error

    def tables(self) -> Tables:
        """Return all rows as dicts, by the name of their table and by their primary key."""
        return self.read(_all_tables)

    def close(self) -> None:
        """Close the connections that it keeps for the next questions; it can still be asked."""
        with self._lock:
            idle = self._idle
            self._idle = []
        for connection in idle:
            connection.close()

    @contextmanager
    def _reading(self) -> Iterator["Connection"]:
        """Return a connection in a transaction, in the schema that is shown."""
        connection = self._begun()
        with plain(connection):
            try:
                shown = shown_schema(connection, self.name)
                if shown is None:
                    raise self._nothing()
                search_in(connection, shown, only_now=True)
                yield connection
                connection.rollback()
            except BaseException:
                connection.close()
                raise
        self._give_back(connection)

    def _begun(self) -> "Connection":
        import psycopg

        while (connection := self._borrowed()) is not None:
            try:
                connection.execute(_BEGIN)
                return connection
            except psycopg.OperationalError:  # the server was started again meanwhile
                connection.close()
        connection = connected(self._url, autocommit=True, name=f"reads {self.name}"[:63])
        connection.execute(_BEGIN)
        return connection

    def _borrowed(self) -> "Connection | None":
        with self._lock:
            if self._owner != os.getpid():  # a forked child must not use its parent's
                self._owner = os.getpid()
                self._idle = []
            return self._idle.pop() if self._idle else None

    def _give_back(self, connection: "Connection") -> None:
        from psycopg import Cursor
        from psycopg.rows import tuple_row

        connection.row_factory = tuple_row  # whatever the question has set
        connection.cursor_factory = Cursor
        with self._lock:
            if len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _nothing(self) -> StorageError:
        return not_built(self.name, "the database")


def label_of(name: str) -> str:
    """Return what the schemas of a view begin with: its name, cut where it is too long."""
    data = name.encode()
    if len(data) <= _MOST_BYTES:
        return name
    return f"{data[: _MOST_BYTES - 9].decode(errors='ignore')}~{zlib.crc32(data):08x}"


def shown_schema(connection: "Connection", name: str) -> str | None:
    """Return the schema of the generation that is shown, None if none is."""
    there = connection.execute("select to_regclass('eventlab.views')").fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute("select shown from eventlab.views where name = %s", [name]).fetchone()
    return None if row is None else str(row[0])


def search_in(connection: "Connection", schema: str, *, only_now: bool = False) -> None:
    """Let names without a schema be looked up in this one; `only_now`: in this transaction."""
    connection.execute("select set_config('search_path', quote_ident(%s), %s)", [schema, only_now])


def mark_in(connection: "Connection") -> Mark:
    """Return what stands beside the rows of the schema in which names are looked up."""
    offsets: dict[str, dict[int, int]] = {}
    for topic, number, offset in connection.execute("select * from eventlab_position"):
        offsets.setdefault(topic, {})[number] = offset
    identities = dict(connection.execute("select * from eventlab_topic").fetchall())
    row = connection.execute("select newest from eventlab_view").fetchone()
    return Mark(offsets, identities, -1 if row is None else row[0])


def _require_one(connection: "Connection", query: str) -> None:
    """Refuse several statements, of which the first could end the transaction that reads."""
    from psycopg import errors
    from psycopg.pq import ExecStatus

    parsed = connection.pgconn.prepare(b"", query.encode())
    if parsed.status == ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(parsed)


def _all_tables(connection: "Connection") -> Tables:
    described = connection.execute(_TABLES).fetchall()
    return {table: _rows_of(connection, table, keys) for table, keys in described}


def _rows_of(
    connection: "Connection", table: str, keys: list[str]
) -> dict[Hashable, dict[str, Any]]:
    from psycopg import sql

    place = sql.SQL("" if keys else "ctid::text, ")
    query = sql.SQL("select {}* from {}").format(place, sql.Identifier(table))
    return by_key(found(connection.execute(query)), keys)
