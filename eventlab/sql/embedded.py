"""Streaming SQL within a program: its results are topics, rows, or calls of the program's own."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.errors import SqlError, UsageError
from eventlab.log import Cluster, Topic
from eventlab.sql.answers import Rows
from eventlab.sql.engine import Engine
from eventlab.sql.grammar.parsing import Parsed
from eventlab.sql.remembered import Remembered
from eventlab.sql.running.pushing import Push
from eventlab.sql.syntax import (
    CreateAs,
    Describe,
    DescribeFunction,
    Explain,
    InsertInto,
    Print,
    Select,
    Show,
    Statement,
)

if TYPE_CHECKING:
    from eventlab.sql.running.pushing import Change

RowByName: TypeAlias = dict[str, Any]

_CALLS = {
    "rows": "rows(…): SELECT without EMIT CHANGES, SHOW, DESCRIBE or EXPLAIN",
    "each_row": "each_row(…, take): SELECT with EMIT CHANGES",
    "run": "run(…): what makes, changes or ends something",
}


class EmbeddedSql:
    """Run ksqlDB's dialect in this process, on the topics of a cluster; our engine, not ksqlDB.

    `kafka` is a Cluster, or the settings of a client. What queries know is kept in `folder`: a
    program that is started again runs the same statements, and each query goes on where it was, at
    least once. Without a folder they read from the beginning each time. Topics have the names that
    statements say. May be used from any thread. Raises ServiceError where another process has the
    folder.

    Examples:
        >>> with EmbeddedSql(lab.kafka) as sql:
        ...     sql.run("CREATE STREAM drinks (good STRING) WITH (KAFKA_TOPIC='drinks', "
        ...             "VALUE_FORMAT='JSON', PARTITIONS=1);")
        ...     sql.run("INSERT INTO drinks (good) VALUES ('tea');")
        ...     sql.run("CREATE TABLE cups AS SELECT good, COUNT(*) AS number FROM drinks "
        ...             "GROUP BY good;")
        ...     first = sql.each_row("SELECT * FROM cups EMIT CHANGES LIMIT 1;", print)
        ...     first.wait(1)
        ['The stream DRINKS is there, over the topic drinks']
        ['One row was written to DRINKS']
        ['CTAS_CUPS_1 keeps the table CUPS in the topic CUPS']
        {'GOOD': 'tea', 'NUMBER': 1}
        True
    """

    @checked
    def __init__(
        self, kafka: Cluster | Mapping[str, Any], *, folder: Path | str | None = None
    ) -> None:
        if folder is not None and (not str(folder) or "\0" in str(folder)):
            raise refused("folder", folder, "the path of a folder", '"totals-state"')
        cluster = kafka if isinstance(kafka, Cluster) else Cluster(dict(kafka))
        self._lock = threading.RLock()
        self._begun = 0
        self._is_closed = False
        self._remembered = None if folder is None else Remembered(Path(folder))
        self._engine = Engine(
            lambda name: Topic(cluster, name),
            store=None if folder is None else Path(folder).joinpath,
        )
        self._engine.queries.ending = self._note_end

    @checked
    def run(self, statements: str) -> list[str]:
        """Run statements that make, change or end something, and return what each said.

        Raises SqlError, TopicError and BrokerError for the first that cannot be run; those before
        it have been. Raises UsageError where a folder knows other queries than these.
        """
        with self._asking() as engine:
            return [self._run(parsed) for parsed in engine.parsed(statements)]

    @checked
    def rows(self, query: str) -> list[RowByName]:
        """Ask a table what it is now: SELECT without EMIT CHANGES; each row by column names.

        The first question to a table reads its topic, and from then on it is kept up to date. SHOW,
        DESCRIBE and EXPLAIN have rows too. Raises SqlError and BrokerError.
        """
        with self._asking() as engine:
            answer = engine.answer(self._one(query, "rows"))
        assert isinstance(answer, Rows)
        names = [column.name for column in answer.columns]
        return [dict(zip(names, row, strict=True)) for row in answer.rows]

    @checked
    def each_row(self, query: str, take: Callable[[RowByName], object]) -> Push:
        """Call `take` with each row that a query gives: SELECT with EMIT CHANGES.

        It is called in a thread of the query, row by row; the query waits for it, and ends with
        what it raises, as the `error` of what is returned. That ends the query by its `stop()`.
        A row that is no more is left out. Raises SqlError and BrokerError.
        """
        with self._asking() as engine:
            push = engine.answer(self._one(query, "each_row"))
        assert isinstance(push, Push)
        names = [column.name for column in push.columns]

        def give(changes: "list[Change]") -> None:
            for change in changes:
                if change.row is not None:
                    take(dict(zip(names, change.row, strict=True)))

        push.listen(give)
        return push

    @checked
    def topic(self, name: str) -> Topic:
        """Return the topic of a stream or a table, for a View or a plain consumer.

        Raises SqlError where there is none of that name.
        """
        with self._asking() as engine:
            return engine.topic(engine.catalog.source(name.upper()).topic)

    def require_running(self) -> None:
        """Raise what has ended the first of the queries that failed; do nothing if none has.

        A program asks this from time to time: a query that fails ends alone.
        """
        with self._lock:
            errors = [query.error for query in self._engine.queries.values()]
        for error in errors:
            if error is not None:
                raise error

    @property
    def reports(self) -> list[str]:
        """Return what was said of records that could not be used, the newest thousand."""
        return list(self._engine.reports)

    def close(self) -> None:
        """End all queries; those with a folder go on where they were when they are run again."""
        with self._lock:
            self._is_closed = True
            self._engine.close()
            if self._remembered is not None:
                self._remembered.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- how --------------------------------------------------------------------------------------

    @contextmanager
    def _asking(self) -> Iterator[Engine]:
        """Yield the engine, which one thread at a time asks."""
        with self._lock:
            if self._is_closed:
                raise UsageError(
                    "This SQL is closed",
                    expected="one that is open",
                    found="close() was called, or its with block has ended",
                    remedy="Make a new EmbeddedSql(…).",
                )
            yield self._engine

    def _run(self, parsed: Parsed) -> str:
        _require_call(parsed.statement, "run")
        if isinstance(parsed.statement, CreateAs | InsertInto):
            said = self._begin(parsed, self._begun + 1)
            self._begun += 1
        else:
            said = str(self._engine.answer(parsed))
        return said

    def _begin(self, parsed: Parsed, number: int) -> str:
        """Let a query begin, or go on; one that an earlier run has ended is only known."""
        if self._remembered is None:
            return str(self._engine.answer(parsed, number=number))
        with self._remembered.known(number, parsed.text) as has_ended:
            if not has_ended:
                return str(self._engine.answer(parsed, number=number))
            self._engine.recall(parsed, number=number)
            return f"Query {number} has ended in an earlier run"

    def _note_end(self, query_id: str) -> None:
        if self._remembered is not None:
            self._remembered.end(int(query_id.rpartition("_")[2]))

    def _one(self, query: str, call: str) -> Parsed:
        found = self._engine.parsed(query)
        if len(found) != 1:
            raise SqlError(
                "One query is asked at a time",
                expected="one SELECT",
                found=f"{len(found)} statements",
                remedy="Ask them one after the other.",
            )
        _require_call(found[0].statement, call)
        return found[0]


def _require_call(statement: Statement, call: str) -> None:
    right = _call_for(statement)
    if right != call:
        raise SqlError(
            f"This is not for {call}(…)",
            expected=_CALLS[call],
            found=type(statement).__name__,
            remedy=f"Use {_CALLS[right]}.",
        )


def _call_for(statement: Statement) -> str:
    match statement:
        case Select(query):
            return "rows" if query.emit is None else "each_row"
        case Show() | Describe() | DescribeFunction() | Explain():
            return "rows"
        case Print():
            return "each_row"
    return "run"
