"""Statements tried on records that are given, without a broker: what would be in the topics then.

All records go through in the order in which they are given, each as far as it gets before the next
one comes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, NamedTuple

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow, Stream
from bytewax.errors import BytewaxRuntimeError
from bytewax.inputs import AbortExecution, DynamicSource, StatelessSourcePartition
from bytewax.testing import TestingSink, run_main

from eventlab.arguments import refused, required_items
from eventlab.checked import checked
from eventlab.errors import SqlError, UsageError, shown
from eventlab.sql.catalog import Catalog, Source
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.planning.asserting import Expected, expected_row, require_source
from eventlab.sql.planning.plans import Read, Repartition, Step
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.running.asserting import schema_held
from eventlab.sql.running.building import Builder
from eventlab.sql.running.decoding import decoder
from eventlab.sql.running.encoding import Written, writer
from eventlab.sql.running.registering import register
from eventlab.sql.running.session import NewQuery, NewRow, NewSource, Session
from eventlab.sql.schemas import Registry, Schemas
from eventlab.sql.syntax import AssertSchema, AssertSource, AssertValues, Statement
from eventlab.streams import Arrival
from eventlab.streams.arrivals import NEVER


class WireRecord(NamedTuple):
    """A record of a topic: key and value in bytes, or None, and the time in milliseconds.

    `window` is the start and the end of the window that its key is of, None for any other key.
    """

    topic: str
    key: bytes | None
    value: bytes | None
    timestamp: Annotated[int, msgspec.Meta(ge=0)] = 0  # Kafka has no record from before 1970
    window: tuple[int, int] | None = None
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass
class _Query:
    """A query that is kept in a topic."""

    name: str
    plan: Step
    target: Source


class Trial:
    """Statements as they were understood, and what they said of records that could not be used."""

    def __init__(self) -> None:
        self.reports: list[str] = []
        catalog = Catalog(schemas=Schemas(cache(_registry_in_memory)))
        self._session = Session(self.reports.append, catalog)
        self.queries: list[_Query] = []
        self.inserted: list[WireRecord] = []
        self.expected: list[Expected] = []

    @property
    def catalog(self) -> Catalog:
        """Return the sources that the statements have made."""
        return self._session.catalog

    def take(self, text: str) -> None:
        """Take statements in. Raises SqlError."""
        for parsed in parse(text, self.catalog.variables):
            change = self._session.take(parsed.statement, parsed.text, now=0)
            match change:
                case NewSource(source):
                    register(source, only_new=True)
                case NewQuery(plan, target):
                    register(target)
                    self.queries.append(_Query(f"query_{len(self.queries)}", plan, target))
                case NewRow(target, key, value, time):
                    self.inserted.append(WireRecord(target.topic, key, value, time))
                case None:
                    self._hold(parsed.statement)

    def _hold(self, statement: Statement) -> None:
        """Hold what is so to what ASSERT says, rows later; raise SqlError."""
        match statement:
            case AssertValues():
                self.expected.append(expected_row(statement, self.catalog, self._session.compiler))
            case AssertSource():
                require_source(statement, self.catalog)
            case AssertSchema():
                schema_held(self.catalog.schemas, replace(statement, timeout=0))
            case _:
                raise _needs_engine(statement)

    def outputs(self, inputs: Sequence[WireRecord]) -> list[WireRecord]:
        """Return what the queries write when records come; raise SqlError where a row is wrong."""
        history = _run(self, [*self.inserted, *inputs])
        for name in dict.fromkeys(one.source.name for one in self.expected):
            _require([one for one in self.expected if one.source.name == name], history.all)
        return history.written


def _registry_in_memory() -> Registry:
    from eventlab.sql.running.memory_registry import MemoryRegistry  # with Avro's libraries

    return MemoryRegistry()


def _require(expected: list[Expected], records: list[WireRecord]) -> None:
    """Raise SqlError unless a source's rows are those that are expected, one after the other."""
    source = expected[0].source
    step = Read(source, source.name, shape_of(source, source.name))
    decode = decoder(step, lambda _reason: None)  # who reads it as well has reported it
    pairs = decode(_Placing()([one for one in records if one.topic == source.topic]))
    for number, one in enumerate(expected):
        if number == len(pairs):
            raise one.missing(number)
        one.require(pairs[number])


def _needs_engine(statement: Statement) -> SqlError:
    return SqlError(
        "This statement needs a running engine",
        expected="statements that create streams and tables, or insert into them",
        found=type(statement).__name__,
        remedy="Use lab.sql.",
    )


@checked
def run_statements(statements: str | Iterable[str], inputs: Iterable[Any]) -> list[WireRecord]:
    """Return what statements write to their topics when records come, without a broker.

    `inputs` are tuples of topic, key, value, and where they are needed timestamp in milliseconds,
    window (start, end) and headers; keys and values in bytes as on the wire (a text is taken for
    its UTF-8), or None. They come in the order in which they are given, on one partition. Returns
    the records in the order in which they are written. ASSERT VALUES is held to all the rows that
    come, one after the other; the format AVRO has a registry in memory. Raises SqlError.

    Examples:
        >>> run_statements(
        ...     "CREATE STREAM orders (item STRING) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON');"
        ...     "CREATE STREAM pens AS SELECT * FROM orders WHERE item = 'pen';",
        ...     [("o", None, '{"ITEM": "pen"}', 5), ("o", None, '{"ITEM": "ink"}', 6)],
        ... )
        [WireRecord(topic='PENS', key=None, value=b'{"ITEM":"pen"}', timestamp=5, ...)]
    """
    trial = Trial()
    texts = [statements] if isinstance(statements, str) else statements
    for text in required_items("statements", texts, example='["CREATE STREAM …;"]'):
        if not isinstance(text, str):
            raise refused("statements", text, "a text, or several", '"CREATE STREAM …;"')
        trial.take(text)
    records = required_items("inputs", inputs, example='[("orders", None, b"{}")]')
    return trial.outputs([_wire(one) for one in records])


def _wire(given: Any) -> WireRecord:
    """Return a record that was given as a tuple, with texts in bytes; raise UsageError."""
    parts = list(given) if isinstance(given, tuple | list) else given
    if isinstance(parts, list):
        parts[1:3] = [one.encode() if isinstance(one, str) else one for one in parts[1:3]]
    try:
        return msgspec.convert(parts, WireRecord)
    except msgspec.ValidationError as error:
        raise UsageError(
            "An input is no record",
            expected="(topic, key, value), and behind them timestamp, window, headers",
            found=f"{shown(given)}: {error}",
            remedy='Give for example ("orders", None, b"{}", 5).',
        ) from None


# -- the flow of all queries --------------------------------------------------------------------


@dataclass
class _History:
    """What was in the topics, in its order, and of that what queries have written."""

    all: list[WireRecord] = field(default_factory=list)
    written: list[WireRecord] = field(default_factory=list)

    def keep(self, record: WireRecord) -> WireRecord:
        """Keep what a query has written, and return it."""
        self.all.append(record)
        self.written.append(record)
        return record


def _run(trial: Trial, inputs: Sequence[WireRecord]) -> _History:
    flow = Dataflow("trial")
    history = _History()
    given = op.input("records", flow, _Given(inputs, history.all))
    written: dict[str, list[Stream[Any]]] = {}

    def read_topic(flow: Dataflow, name: str, step: Read | Repartition) -> Stream[Arrival]:
        assert isinstance(step, Read)  # what is tried is one flow
        topic = step.source.topic
        mine = op.filter(f"{name}_topic", given, lambda record: record.topic == topic)
        streams = [mine, *written.get(topic, [])]
        together = streams[0] if len(streams) == 1 else op.merge(f"{name}_all", *streams)
        return op.flat_map_batch(f"{name}_place", together, _Placing())

    for query in _in_order(trial.queries):
        builder = Builder(flow, query.name, read_topic, trial.reports.append)
        leave = writer(query.target, trial.reports.append)
        records = builder.records(query.plan, leave)
        seen = op.map(f"{query.name}_keep", records, _keeping(query.target, history))
        op.output(f"{query.name}_out", seen, TestingSink([]))
        written.setdefault(query.target.topic, []).append(seen)
    if trial.queries:
        _run_to_end(flow)
    else:
        history.all += inputs
    return history


def _run_to_end(flow: Dataflow) -> None:
    """Run a flow; an SqlError with which a query ends is raised as it is."""
    try:
        run_main(flow, epoch_interval=timedelta(0))
    except BytewaxRuntimeError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, SqlError):
            cause = cause.__cause__
        if cause is None:
            raise
        raise cause from None


def _keeping(target: Source, history: "_History") -> Callable[[Written], WireRecord]:
    def keep(written: Written) -> WireRecord:
        return history.keep(WireRecord(target.topic, *written))

    return keep


class _Placing:
    """Give each record of one topic its place: what came before it, and its stream time."""

    def __init__(self) -> None:
        self._offset = 0
        self._newest = NEVER

    def __call__(self, batch: list[WireRecord]) -> list[Arrival]:
        arrivals: list[Arrival] = []
        for one in batch:
            self._newest = max(self._newest, one.timestamp)
            arrivals.append(
                Arrival(
                    (one.key, one.value),
                    None,
                    one.topic,
                    0,
                    self._offset,
                    one.timestamp,
                    self._newest,
                    one.headers,
                    one.window,
                )
            )
            self._offset += 1
        return arrivals


def _in_order(queries: Sequence[_Query]) -> Iterator[_Query]:
    """Yield each query behind those that write what it reads. Raises SqlError for a circle."""
    from eventlab.sql.planning.plans import sources_of

    waiting = list(queries)
    while waiting:
        open_topics = {query.target.topic for query in waiting}
        ready = [
            query
            for query in waiting
            if not open_topics & {source.topic for source in sources_of(query.plan)}
        ]
        if not ready:
            raise SqlError(
                "Queries write what they read",
                expected="topics that follow one another",
                found=f"a circle through {', '.join(sorted(open_topics))}",
                remedy="Write to another topic.",
            )
        yield from ready
        waiting = [query for query in waiting if query not in ready]


class _Given(DynamicSource[WireRecord]):
    """Records that are given, one at a time; then the flow ends as if it was stopped."""

    def __init__(self, records: Sequence[WireRecord], history: list[WireRecord]):
        self._records = records
        self._history = history

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_GivenPart":
        return _GivenPart(self._records, self._history)


class _GivenPart(StatelessSourcePartition[WireRecord]):
    def __init__(self, records: Sequence[WireRecord], history: list[WireRecord]):
        self._waiting = iter(records)
        self._history = history

    def next_batch(self) -> list[WireRecord]:
        for record in self._waiting:
            self._history.append(record)
            return [record]
        # What is held back stays: more might come.
        raise AbortExecution
