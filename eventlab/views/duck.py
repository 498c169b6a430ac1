"""Rows in a file of DuckDB, for questions about many of them at once; one process at a time.

DuckDB stores columns: it adds up a million rows in the time in which SQLite reads some thousands,
and takes ten milliseconds for one row that is written alone. So it takes events in batches only.
"""

import threading
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import msgspec

from eventlab.checked import checked
from eventlab.views.answers import Found, by_key, found, refused_query
from eventlab.views.database_generation import (
    UNFINISHED,
    DatabaseGeneration,
    ended_by_itself,
)
from eventlab.views.duck_trouble import plain
from eventlab.views.generation_files import GenerationFiles, delete
from eventlab.views.store_trouble import (
    damaged,
    not_built,
    of_another_version,
    other_tables,
    refused_schema,
)
from eventlab.views.stores import Answer, Generation, Mark, Question, Store, Tables, same_kind

if TYPE_CHECKING:  # 60 MB that a view in another store never needs
    from duckdb import DuckDBPyConnection

VERSION = 1
# It reads any file that a query names, and asks the network for extensions by itself, unless it is
# told not to. Its own files it has all the same.
_SETTINGS: dict[str, Any] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "memory_limit": "256MB",
    "threads": "2",
}
_READING = ("SELECT", "EXPLAIN")  # describe and show are selects to it
_OURS = "create table eventlab_view(version integer, schema text, mark text)"
_TABLES = """
select table_name from duckdb_tables()
where not internal and not starts_with(table_name, 'eventlab_') order by 1
"""
_ELSEWHERE = """
select schema_name || '.' || table_name from duckdb_tables()
where not internal and (schema_name <> 'main' or database_name <> current_database())
"""
_KEYS = """
select constraint_column_names from duckdb_constraints()
where table_name = ? and constraint_type = 'PRIMARY KEY'
"""


@checked
@dataclass(frozen=True)
class DuckDB(Store):
    """Keep a view's rows in a file of DuckDB: `schema` are the statements that make its tables.

    The fold gets a connection of DuckDB, in a transaction that the view begins and ends, and a list
    of events: `in_batches(fold)`. A DataFrame of them is a table in its statements once it has been
    given a name: `rows.register("new", frame)`. No other files are there for them. Only the process
    that has the view reads it. Raises UsageError for a schema that DuckDB does not take.
    """

    takes_batches_only: ClassVar[bool] = True

    schema: str

    def open(self, folder: Path) -> "OpenDuckDB":
        """Return what the view of this folder has in files."""
        return OpenDuckDB(folder)

    def check(self) -> None:
        """Raise UsageError where DuckDB does not take the schema; nothing of it stays."""
        with closing(_connected(Path(":memory:"))) as connection:
            _make_tables(connection, self.schema)


class DuckDBGeneration(DatabaseGeneration):
    """One file, open for its writer."""

    def __init__(
        self, path: Path, connection: "DuckDBPyConnection", on_close: Callable[[], object]
    ) -> None:
        self.path = path
        self._connection = connection
        self._number = 0  # of the transaction
        super().__init__(path.parent.name, _mark_in(path, connection), on_close)

    def _plain(self) -> AbstractContextManager[None]:
        return plain(self.path)

    def _begin(self) -> None:
        self._connection.execute("begin")
        self._number = _transaction_number(self._connection)

    def _require_own(self) -> None:
        super()._require_own()
        self._put(self._mark, UNFINISHED)

    def _writer(self) -> "DuckDBPyConnection":
        return self._connection

    def _require_open(self) -> None:
        import duckdb

        try:
            is_same = _transaction_number(self._connection) == self._number
        except duckdb.Error:  # an aborted one answers nothing, and would be "committed" in silence
            is_same = False
        if not is_same:
            raise ended_by_itself(
                "another transaction, or one that an error has ended",
                "Leave begin, commit and rollback out, and let DuckDB's errors pass.",
            )

    def _stored(self) -> Mark:
        return _mark_in(self.path, self._connection)

    def _write(self, mark: Mark, before: Mark) -> None:
        self._put(mark, mark.newest)

    def _put(self, mark: Mark, newest: int) -> None:
        text = msgspec.json.encode(replace(mark, newest=newest)).decode()
        self._connection.execute("update eventlab_view set mark = ?", [text])

    def _commit(self) -> None:
        self._connection.execute("commit")

    def _roll_back(self) -> None:
        import duckdb

        with suppress(duckdb.TransactionException):  # an error of its own has ended it
            self._connection.execute("rollback")

    def _disconnect(self) -> None:
        self._connection.close()


class OpenDuckDB:
    """The files of one view, and its lock; it is its own reader."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files = GenerationFiles(folder, "duckdb")
        self._deleting = threading.Lock()

    @property
    def reader(self) -> "OpenDuckDB":
        """Return what reads the generation that is shown."""
        return self

    # -- whoever writes -------------------------------------------------------------------------

    def begin(self) -> None:
        """Keep every other writer out. Raises StorageError where there is one."""
        self._files.begin()

    def kept(self, store: Store) -> DuckDBGeneration | None:
        """Return the generation that was shown last, None if none is there.

        Raises StorageError for a file of another version, and UsageError for one of other tables.
        """
        schema = same_kind(store, DuckDB).schema
        path = self._files.kept()
        if path is None:
            return None
        return self._opened(path, lambda connection: _require_ours(path, connection, schema))

    def fresh(self, store: Store) -> DuckDBGeneration:
        """Return an empty generation; those that nobody needs any longer are deleted."""
        schema = same_kind(store, DuckDB).schema
        with self._deleting:
            path = self._files.fresh()
        try:
            return self._opened(path, lambda connection: _make_tables(connection, schema))
        except BaseException:
            delete(path)
            raise

    def show(self, generation: Generation) -> None:
        """Let readers see this generation from now on."""
        assert isinstance(generation, DuckDBGeneration)
        self._files.show(generation.path)

    def end(self) -> None:
        """Let others write. What is shown can be read on."""
        self._files.end()

    def forget(self) -> None:
        """Do nothing: all that it has is in the folder."""

    def _opened(
        self, path: Path, prepare: Callable[["DuckDBPyConnection"], None]
    ) -> DuckDBGeneration:
        connection = _connected(path)
        try:
            with plain(path):
                prepare(connection)
                return DuckDBGeneration(path, connection, partial(self._files.release, path))
        except BaseException:
            connection.close()
            self._files.release(path)
            raise

    # -- whoever reads --------------------------------------------------------------------------

    def read(self, question: Question[Answer]) -> Answer:
        """Return what `question` makes of a connection, within one transaction that reads."""
        import duckdb

        path, opened = self._connected()
        with plain(path), closing(opened) as connection:
            connection.execute("begin transaction read only")
            answer = question(connection)
            if isinstance(answer, duckdb.DuckDBPyConnection):  # what its execute returns
                return cast("Answer", answer.fetchall())
            return answer

    def query(self, query: str, parameters: Sequence[Any]) -> Found:
        """Return what a query finds. Raises UsageError for one that is not answered."""
        import duckdb

        try:
            return self.read(lambda connection: _answer(connection, query, parameters))
        except (duckdb.Error, ValueError) as error:
            raise refused_query("DuckDB", "?", query, error) from error

    def tables(self) -> Tables:
        """Return all rows as dicts, by the name of their table and by their primary key."""
        return self.read(_all_tables)

    def _connected(self) -> tuple[Path, "DuckDBPyConnection"]:
        with self._deleting:  # a file that was deleted meanwhile would be made anew, empty
            path = self._files.kept()
            if path is None:
                raise not_built(self.folder.name, str(self.folder))
            return path, _connected(path)


def _connected(path: Path) -> "DuckDBPyConnection":
    """Return a connection; all of a process share one instance, whose settings must be the same."""
    import duckdb

    with plain(path):
        return duckdb.connect(str(path), config=_SETTINGS)


def _make_tables(connection: "DuckDBPyConnection", schema: str) -> None:
    import duckdb

    connection.execute(_OURS)
    try:
        connection.execute(schema)
        # What it has left must be fit for the view's own table too.
        connection.execute("begin")
        connection.execute("insert into eventlab_view values (?, ?, null)", [VERSION, schema])
        connection.execute("commit")
        elsewhere = _names(connection.execute(_ELSEWHERE))
        if elsewhere:
            raise ValueError(f"a table in another schema than main: {elsewhere[0]}")
    except (duckdb.Error, ValueError) as error:
        raise refused_schema("DuckDB", error) from error


def _require_ours(path: Path, connection: "DuckDBPyConnection", schema: str) -> None:
    if "eventlab_view" not in _names(connection.execute("select table_name from duckdb_tables()")):
        raise damaged(path, "DuckDB", "no mark of a view in it")
    row = connection.execute("select version, schema from eventlab_view").fetchone()
    if row is None:
        raise damaged(path, "DuckDB", "no mark of a view in it")
    version, theirs = row
    if version != VERSION:
        raise of_another_version(f"The file {path} is", VERSION, version)
    if theirs != schema:
        raise other_tables(path.parent.name, schema, theirs)


def _mark_in(path: Path, connection: "DuckDBPyConnection") -> Mark:
    row = connection.execute("select mark from eventlab_view").fetchone()
    if row is None:
        raise damaged(path, "DuckDB", "no mark of a view in it")
    try:
        return Mark() if row[0] is None else msgspec.json.decode(row[0], type=Mark)
    except msgspec.MsgspecError as error:
        raise damaged(path, "DuckDB", str(error)) from error


def _answer(connection: "DuckDBPyConnection", query: str, parameters: Sequence[Any]) -> Found:
    """Return what one statement finds that only reads: another could end the transaction first."""
    statements = connection.extract_statements(query)
    if [one.type.name in _READING for one in statements] != [True]:
        raise ValueError("one select is taken: it is read-only here")
    return found(connection.execute(statements[0], parameters))


def _transaction_number(connection: "DuckDBPyConnection") -> int:
    ((number,),) = connection.execute("select txid_current()").fetchall()
    return int(number)


def _names(cursor: "DuckDBPyConnection") -> list[str]:
    return [name for (name,) in cursor.fetchall()]


def _all_tables(connection: "DuckDBPyConnection") -> Tables:
    return {name: _rows_of(connection, name) for name in _names(connection.execute(_TABLES))}


def _rows_of(connection: "DuckDBPyConnection", table: str) -> dict[Hashable, dict[str, Any]]:
    quoted = '"' + table.replace('"', '""') + '"'
    keys = [name for (names,) in connection.execute(_KEYS, [table]).fetchall() for name in names]
    number = "" if keys else "rowid, "
    return by_key(found(connection.execute(f"select {number}* from {quoted}")), keys)
