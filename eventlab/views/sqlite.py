"""Rows in a file of SQLite, which other processes read while the view goes on.

Each generation is a file. None is ever renamed or replaced: SQLite would mix up the write-ahead
logs of both.
"""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from eventlab.checked import checked
from eventlab.views.database_generation import (
    UNFINISHED,
    DatabaseGeneration,
    ended_by_itself,
)
from eventlab.views.generation_files import GenerationFiles, delete
from eventlab.views.sqlite_reader import ENDING, SQLiteRows, mark_in
from eventlab.views.sqlite_trouble import plain
from eventlab.views.store_trouble import damaged, of_another_version, other_tables, refused_schema
from eventlab.views.stores import Generation, Mark, Store, same_kind

VERSION = 1
_BUSY_SECONDS = 5.0

_OURS = """
create table eventlab_position(
    topic text, partition integer, offset integer, primary key(topic, partition)) without rowid;
create table eventlab_topic(topic text primary key, identity text) without rowid;
create table eventlab_view(schema text, newest integer);
"""
# A commit survives the death of the process; that of the machine may cost the last ones, rows and
# position alike.
_SETTINGS = "pragma journal_mode = wal; pragma synchronous = normal;"


@checked
@dataclass(frozen=True)
class SQLite(Store):
    """Keep a view's rows in a file of SQLite: `schema` are the statements that make its tables.

    The fold gets a cursor of sqlite3, in a transaction that the view begins and ends; virtual
    tables (fts5) are as good as others. Raises UsageError for a schema that SQLite does not take.
    """

    schema: str

    def open(self, folder: Path) -> "OpenSQLite":
        """Return what the view of this folder has in files."""
        return OpenSQLite(folder)

    def check(self) -> None:
        """Raise UsageError where SQLite does not take the schema; nothing of it stays."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            _make_tables(connection, self.schema)


class SQLiteGeneration(DatabaseGeneration):
    """One file, open for its writer."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, on_close: Callable[[], object]
    ) -> None:
        self.path = path
        self._connection = connection
        super().__init__(path.parent.name, mark_in(connection), on_close)

    def _plain(self) -> AbstractContextManager[None]:
        return plain(self.path)

    def _begin(self) -> None:
        self._connection.execute("begin immediate")
        self._connection.execute("update eventlab_view set newest = ?", [UNFINISHED])

    def _writer(self) -> sqlite3.Cursor:
        return self._connection.cursor()

    def _require_open(self) -> None:
        if not self._connection.in_transaction:
            raise ended_by_itself(
                "a commit or a rollback in the function",
                "Leave them out: every batch of events is committed when it is done.",
            )

    def _stored(self) -> Mark:
        return mark_in(self._connection)

    def _write(self, mark: Mark, before: Mark) -> None:
        for topic, offsets in mark.offsets.items():
            if offsets != before.offsets.get(topic):
                self._connection.executemany(
                    "insert or replace into eventlab_position values (?, ?, ?)",
                    [(topic, number, offset) for number, offset in offsets.items()],
                )
        if mark.identities != before.identities:
            self._connection.executemany(
                "insert or replace into eventlab_topic values (?, ?)",
                list(mark.identities.items()),
            )
        self._connection.execute("update eventlab_view set newest = ?", [mark.newest])

    def _commit(self) -> None:
        self._connection.execute("commit")

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite ends some by itself
            self._connection.rollback()

    def _disconnect(self) -> None:
        self._connection.close()


class OpenSQLite:
    """The files of one view, and its lock."""

    def __init__(self, folder: Path) -> None:
        self._files = GenerationFiles(folder, ENDING)
        self.reader = SQLiteRows(folder)

    def begin(self) -> None:
        """Keep every other writer out. Raises StorageError where there is one."""
        self._files.begin()

    def kept(self, store: Store) -> SQLiteGeneration | None:
        """Return the generation that was shown last, None if none is there.

        Raises StorageError for a file of another version, and UsageError for one of other tables.
        """
        schema = same_kind(store, SQLite).schema
        path = self._files.kept()
        if path is None:
            return None
        connection = _connected(path)
        try:
            with plain(path):
                _require_ours(path, connection, schema)
                return SQLiteGeneration(path, connection, partial(self._files.release, path))
        except BaseException:
            connection.close()
            raise

    def fresh(self, store: Store) -> SQLiteGeneration:
        """Return an empty generation; those that nobody needs any longer are deleted."""
        schema = same_kind(store, SQLite).schema
        path = self._files.fresh()
        connection = _connected(path)
        try:
            with plain(path):
                _make_tables(connection, schema)
                return SQLiteGeneration(path, connection, partial(self._files.release, path))
        except BaseException:
            connection.close()
            self._files.release(path)
            delete(path)
            raise

    def show(self, generation: Generation) -> None:
        """Let readers see this generation from now on."""
        assert isinstance(generation, SQLiteGeneration)
        self._files.show(generation.path)

    def end(self) -> None:
        """Let others write. What is shown can be read on."""
        self._files.end()

    def forget(self) -> None:
        """Do nothing: all that it has is in the folder."""


def _make_tables(connection: sqlite3.Connection, schema: str) -> None:
    connection.executescript(_SETTINGS + _OURS)
    try:
        connection.executescript(schema)
        # What it has left must be fit for the view's own tables too.
        _require_tables(connection)
        connection.execute("begin immediate")
        connection.execute("insert into eventlab_view values (?, -1)", [schema])
        connection.execute("commit")
    except (sqlite3.Error, ValueError) as error:
        raise refused_schema("SQLite", error) from error
    connection.execute(f"pragma user_version = {VERSION}")


def _require_tables(connection: sqlite3.Connection) -> None:
    """Raise ValueError where a schema's statements have dropped a table of the view itself."""
    asked = "select count(*) from sqlite_master where type = 'table' and name like 'eventlab\\_%'"
    (number,) = connection.execute(f"{asked} escape '\\'").fetchone()
    if number != _OURS.count("create table"):
        raise ValueError("other tables of the name eventlab_... than the view's own")


def _require_ours(path: Path, connection: sqlite3.Connection, schema: str) -> None:
    (version,) = connection.execute("pragma user_version").fetchone()
    if version != VERSION:
        raise of_another_version(f"The file {path} is", VERSION, version)
    row = connection.execute("select schema from eventlab_view").fetchone()
    if row is None:
        raise damaged(path, "SQLite", "no schema in it")
    if row[0] != schema:
        raise other_tables(path.parent.name, schema, row[0])


def _connected(path: Path) -> sqlite3.Connection:
    with plain(path):
        return sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
