"""Read a view's file: a connection for each thread, which follows when the view is rebuilt."""

import os
import sqlite3
import threading
from collections.abc import Hashable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

from eventlab.checked import checked
from eventlab.errors import StorageError
from eventlab.views.answers import Found, by_key, found, refused_query
from eventlab.views.generation_files import CURRENT, current_file
from eventlab.views.rows import KeptRows
from eventlab.views.sqlite_trouble import plain_to_readers
from eventlab.views.store_trouble import not_built, unusable
from eventlab.views.stores import Answer, Mark, Question, Tables

ENDING = "db"
_BUSY_SECONDS = 5.0

_OTHER_FILES = (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH)
# The pragmas whose argument is what they are asked about; that of others is a new value.
_ASKING = (
    "foreign_key_list",
    "index_info",
    "index_list",
    "index_xinfo",
    "table_info",
    "table_list",
    "table_xinfo",
)

# A table's shadows (fts5 has five) are not the learner's.
_TABLES = """
select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual')
and name not like 'sqlite\\_%' escape '\\' and name not like 'eventlab\\_%' escape '\\'
"""


class _Line(NamedTuple):
    shown: tuple[int, int, int]  # of this process, and of the file that names the generation
    path: Path
    connection: sqlite3.Connection


@checked
class SQLiteRows(KeptRows):
    """Read the rows of a view that another process builds, or this one, from its folder.

    It goes to another process as its folder, and asks there for itself. Raises StorageError while
    no view has been built.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lines = threading.local()

    def __reduce__(self) -> tuple[type["SQLiteRows"], tuple[Path]]:
        return SQLiteRows, (self.folder,)

    @property
    def mark(self) -> Mark:
        """Return what stands beside the rows."""
        return self.read(mark_in)

    @property
    def _reader(self) -> "SQLiteRows":
        return self

    @checked
    def read(self, question: Question[Answer]) -> Answer:
        """Return what `question` makes of a connection, within one transaction that reads."""
        line = self._line()
        with plain_to_readers(line.path), _asked(line.connection) as connection:
            answer = question(connection)
            if isinstance(answer, sqlite3.Cursor):
                return cast("Answer", answer.fetchall())
            return answer

    def query(self, query: str, parameters: Sequence[Any]) -> Found:
        """Return what a query finds. Raises UsageError for one that is not answered."""
        try:
            return self.read(lambda connection: _found(connection, query, parameters))
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise refused_query("SQLite", "?", query, error) from error

    def tables(self) -> Tables:
        """Return all rows as dicts, by the name of their table and by their primary key."""
        return self.read(_all_tables)

    def _line(self) -> "_Line":
        shown = self._shown()
        line: _Line | None = getattr(self._lines, "line", None)
        while line is None or line.shown != shown:
            try:
                line = self._connected(shown)
            except StorageError:
                if self._shown() == shown:  # else it was rebuilt twice meanwhile, and is elsewhere
                    raise
            shown = self._shown()
            self._lines.line = line
        return line

    def _shown(self) -> tuple[int, int, int]:
        try:
            found = (self.folder / CURRENT).stat()
        except FileNotFoundError:
            raise self._nothing() from None
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise unusable(self.folder / CURRENT, "a file that you can read", why) from error
        return os.getpid(), found.st_ino, found.st_mtime_ns

    def _connected(self, shown: tuple[int, int, int]) -> "_Line":
        path = current_file(self.folder, ENDING)
        if path is None:
            raise self._nothing()
        with plain_to_readers(path):
            # Not read-only by its address: a reader of a write-ahead log writes into its index.
            connection = sqlite3.connect(
                f"{path.as_uri()}?mode=rw",
                uri=True,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,  # another thread may free it
            )
            connection.execute("pragma query_only = 1")
            connection.set_authorizer(_may)
        return _Line(shown, path, connection)

    def _nothing(self) -> StorageError:
        return not_built(self.folder.name, str(self.folder))


@contextmanager
def _asked(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Return a connection in a transaction, and leave nothing open or set on it."""
    connection.execute("begin")
    try:
        yield connection
    finally:
        connection.row_factory = None
        connection.text_factory = str
        if connection.in_transaction:
            connection.rollback()


def _may(action: int, first: str | None, second: str | None, *_where: str | None) -> int:
    """Let SQLite do what only reads: neither other files nor settings are a question's."""
    is_setting = action == sqlite3.SQLITE_PRAGMA and second is not None
    if action in _OTHER_FILES or (is_setting and first not in _ASKING):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def mark_in(connection: sqlite3.Connection) -> Mark:
    """Return what stands beside the rows of a file."""
    offsets: dict[str, dict[int, int]] = {}
    for topic, number, offset in connection.execute("select * from eventlab_position"):
        offsets.setdefault(topic, {})[number] = offset
    identities = dict(connection.execute("select * from eventlab_topic").fetchall())
    (newest,) = connection.execute("select newest from eventlab_view").fetchone() or [-1]
    return Mark(offsets, identities, newest)


def _found(connection: sqlite3.Connection, query: str, parameters: Sequence[Any]) -> Found:
    with closing(connection.execute(query, parameters)) as cursor:
        return found(cursor)


def _all_tables(connection: sqlite3.Connection) -> Tables:
    names = [name for (name,) in connection.execute(_TABLES)]
    return {name: _rows_of(connection, name) for name in sorted(names)}


def _rows_of(connection: sqlite3.Connection, table: str) -> dict[Hashable, dict[str, Any]]:
    quoted = '"' + table.replace('"', '""') + '"'
    described = connection.execute(f"pragma table_info({quoted})").fetchall()
    keys = [row[1] for row in sorted(described, key=lambda row: row[5]) if row[5]]
    number = "" if keys else "rowid, "
    return by_key(found(connection.execute(f"select {number}* from {quoted}")), keys)
