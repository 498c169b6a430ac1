"""The engine: it runs statements on the topics of a cluster, and keeps what they started.

ksqlDB's dialect, our engine: not ksqlDB. Each standing query is a flow in a thread; what it knows
is kept in a recovery store, so that it goes on where it was when it is run again.
"""

import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeAlias

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.errors import EventlabError, SqlError
from eventlab.flows import Running
from eventlab.flows.launching import made
from eventlab.flows.recovery import forget
from eventlab.log import Record, Start, Topic, produce
from eventlab.sql.answers import Answer, Rows, Said
from eventlab.sql.asserting import held
from eventlab.sql.catalog import Catalog, Source, near
from eventlab.sql.functions.registry import Functions
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.looking import looked_at
from eventlab.sql.planning.plans import Read, Step, sources_of
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.planning.splitting import parts_of
from eventlab.sql.printing import printing, printing_flow
from eventlab.sql.running.building import Builder
from eventlab.sql.running.collecting import Collector
from eventlab.sql.running.counting import Counts
from eventlab.sql.running.materialised import Materialised
from eventlab.sql.running.pulling import pulled, required_source
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.registering import forget as forget_schemas
from eventlab.sql.running.registering import register as register_schemas
from eventlab.sql.running.session import (
    Altered,
    Change,
    Gone,
    NewQuery,
    NewRow,
    NewSource,
    Nothing,
    Session,
)
from eventlab.sql.running.settling import settle
from eventlab.sql.running.standing import Begin, Ends, Layout, Standing
from eventlab.sql.running.succession import Succession
from eventlab.sql.running.tables_first import TablesFirst
from eventlab.sql.running.wires import Wires
from eventlab.sql.schemas import Registry, Schemas, external_registry
from eventlab.sql.settings import OFFSET_RESET
from eventlab.sql.syntax import (
    AssertSchema,
    AssertSource,
    AssertTopic,
    AssertValues,
    Control,
    CreateSource,
    Define,
    Describe,
    DescribeFunction,
    Drop,
    Explain,
    Position,
    Print,
    Query,
    Select,
    Show,
    Statement,
    WrittenProperties,
)

OpenTopic: TypeAlias = Callable[[str], Topic]

_MOST_REPORTS = 1000
_DID = {"pause": "Paused", "resume": "Resumed", "terminate": "Ended"}


class Engine:
    """Run statements of ksqlDB's dialect over topics, and keep the queries that they start.

    `open_topic` gives a topic by the name that statements use. `store` gives the folder in which a
    query keeps what it knows, by the query's id; without it a query reads from the beginning each
    time. Where it `begins_anew`, CREATE … AS SELECT empties the topic that it writes to, so that
    the same statements make the same again. `registry` gives the registry that keeps the schemas of
    topics, None for none; without it, it is the one that the environment names. Where it
    `is_shared`, queries are split in parts, and begin none by themselves: whoever shares the work
    does so. Call it from one thread.
    """

    def __init__(
        self,
        open_topic: OpenTopic,
        *,
        store: Callable[[str], Path] | None = None,
        functions: Functions | None = None,
        begins_anew: bool = False,
        registry: Callable[[], Registry | None] = external_registry,
        is_shared: bool = False,
    ):
        self._open_topic = open_topic
        self._store = store
        self._begins_anew = begins_anew
        self._is_shared = is_shared
        self.reports: list[str] = []
        schemas = Schemas(registry, lambda name: open_topic(name).name)
        catalog = Catalog(schemas=schemas)
        self.session = Session(self._report, catalog, functions or Functions.builtin())
        self.queries: dict[str, Standing] = {}
        self.elsewhere: Callable[[str], Ends] = _nowhere
        self._pushes: list[Push] = []
        self._tables: dict[str, Materialised] = {}
        self._successions: dict[str, Succession] = {}
        self._made_topics: set[str] = set()
        self._wires = Wires(open_topic, self._report)
        self._number = 0
        self._passing = 0

    # -- statements -----------------------------------------------------------------------------

    def execute(self, text: str) -> list[Answer]:
        """Run statements one after the other, and return what each answers.

        Raises SqlError, TopicError and BrokerError for the first that cannot be run; those before
        it have been.
        """
        return [self.answer(parsed) for parsed in self.parsed(text)]

    def answer(self, parsed: Parsed, *, number: int | None = None) -> Answer:
        """Run one statement; a query that stands gets `number` in its id, or the next one.

        Raises what `execute` does.
        """
        if number is not None:
            self._number = number - 1
        return self._answer(parsed)

    def recall(self, parsed: Parsed, *, number: int, layout: Layout | None = None) -> None:
        """Take a statement in that was run with this number elsewhere, or in an earlier run.

        What it made is known and what it ended has ended; topics stay as they are, and a query does
        not begin. Raises SqlError, and EventlabError where a query cannot be resumed.
        """
        statement = parsed.statement
        self._number = max(self._number, number)
        if isinstance(statement, Control):
            if statement.query_id in {"ALL", *self.queries}:
                self._control(statement)
            return
        change = self.session.take(statement, parsed.text, now=0)
        match change:
            case NewSource(source) | Altered(source):
                self._forget_table(source.name)
            case Gone(source):
                self._replace(source)
            case NewQuery():
                if change.is_new:
                    self._replace(change.target)
                known = layout or Layout(start=self._start)
                query = self._standing(change, parsed.text, number, known)
                self.queries[query.query_id] = query

    def parsed(self, text: str) -> list[Parsed]:
        """Return the statements of a text, and run none of them. Raises SqlError."""
        return parse(text, self.catalog.variables)

    def topic(self, name: str) -> Topic:
        """Return a topic by the name that statements use."""
        return self._open_topic(name)

    def settle(self, name: str) -> bool:
        """Wait until a stream or a table has what its queries make of all that is there now."""
        return settle(name, self.queries.values(), self._open_topic)

    def has_made_topic_of(self, name: str) -> bool:
        """Tell whether the topic of a stream or a table was made with it, by CREATE."""
        source = self.catalog.sources.get(name)
        return source is not None and source.topic in self._made_topics

    def take_back(self, queries: Iterable[str], sources: Iterable[str]) -> None:
        """End queries and let streams and tables be no more, with the topics made for them."""
        for query_id in set(queries) & set(self.queries):
            self._end(self.queries[query_id])
        for name in set(sources) & set(self.catalog.sources):
            source = self.catalog.sources.pop(name)
            topic = source.topic
            self._forget_table(name)
            if topic in self._made_topics:
                forget_schemas(source, only_own=True)
                self._made_topics.discard(topic)
                self._open_topic(topic).delete()

    def forget_all(self) -> None:
        """End all that runs, for good; topics stay."""
        self.take_back(list(self.queries), [])
        self.close()
        self.catalog.sources.clear()
        self.catalog.types.clear()

    def close(self) -> None:
        """End all that runs; what queries know is kept, unless it `begins_anew`."""
        for push in self._pushes:
            push.stop()
        for table in (*self._tables.values(), *self._successions.values()):
            table.stop()
        for query in self.queries.values():
            query.stop()
            if self._begins_anew:
                self._forget(query)
        self._pushes.clear()
        self._tables.clear()
        self._successions.clear()

    @property
    def catalog(self) -> Catalog:
        """Return the sources that there are."""
        return self.session.catalog

    def _answer(self, parsed: Parsed) -> Answer:
        if isinstance(parsed.statement, Drop):
            self.require_unused(parsed.statement)
        sources = dict(self.catalog.sources)
        change = self.session.take(parsed.statement, parsed.text, now=time.time_ns() // 1_000_000)
        if change is not None:
            try:
                return Said(self._done(change, parsed))
            except EventlabError:
                self.catalog.sources = sources  # what could not be done is not known either
                raise
        match parsed.statement:
            case Select(query) if query.emit is None:
                return self._pull(query)
            case Select(query):
                return self._push(query)
            case Print():
                return self._print(parsed.statement)
            case Show() | Describe() | DescribeFunction() | Explain():
                return looked_at(self, parsed.statement)
            case Control():
                return Said(self._control(parsed.statement))
            case Define(name, value):
                return Said(self._define(name, value))
            case AssertValues() | AssertSource() | AssertTopic() | AssertSchema():
                return Said(held(self, parsed.statement))
        raise SqlError(
            "This statement is not run here",
            expected="a statement that creates, inserts, selects, shows, describes or ends",
            found=type(parsed.statement).__name__,
            remedy="Look at a source with DESCRIBE.",
        )

    def _done(self, change: Change, parsed: Parsed) -> str:
        """Do what a statement asks for beside the catalog, and say it."""
        match change:
            case Nothing(said):
                return said
            case NewSource(source):
                self._require_topic(source, parsed.statement)
                self._forget_table(source.name)  # of the one that it replaces
                return f"{_named(source)} is there, over the topic {source.topic}"
            case Altered(source, columns):
                self._forget_table(source.name)
                return f"{_named(source)} has the column {', '.join(columns)} now"
            case NewQuery():
                return self._stand(change, parsed.text)
            case NewRow(target, key, value, at):
                produce(self._open_topic(target.topic), [Record(key, value, at)]).require_all()
                return f"One row was written to {target.name}"
            case Gone(source, with_topic):
                topic = self._open_topic(source.topic)
                is_deleted = with_topic and topic.exists  # asked before its query ends
                self._replace(source)
                if with_topic:
                    forget_schemas(source)
                if is_deleted:
                    topic.delete()
                return f"{_named(source)} is no more"

    # -- standing queries -----------------------------------------------------------------------

    def _stand(self, change: NewQuery, text: str) -> str:
        target = change.target
        self._number += 1
        topic = self._open_topic(target.topic)
        partitions = target.partitions or self._partitions_of(change.plan)
        topic.require_makeable(partitions)  # before what is replaced ends
        if change.is_new and self._begins_anew:
            forget_schemas(target, only_own=True)
        register_schemas(target)
        if change.is_new:
            self._replace(target)
        standing = self._standing(change, text, self._number, self._layout(change.plan))
        if self._begins_anew:
            self._forget(standing)  # of an earlier engine, whose queries had the same ids
        if change.is_new and self._begins_anew:
            topic.reset(partitions, {})
        else:
            topic.made(partitions)
        if self._is_shared:
            standing.make(0)  # raises here and now what keeps it from beginning
        else:
            standing.begin()
        self.queries[standing.query_id] = standing
        query_id = standing.query_id
        return f"{query_id} keeps the {target.kind} {target.name} in the topic {target.topic}"

    def _layout(self, plan: Step) -> Layout:
        """Return how a new query is split, and where it begins."""
        topics = [self._open_topic(one.topic) for one in sources_of(plan)]
        start: Begin = self._start
        if start == "latest":  # now, whenever its parts begin
            start = {topic.name: topic.end_offsets() for topic in topics}
        if not self._is_shared:
            return Layout(start=start)
        return Layout(parts_of(plan, lambda name: len(self._open_topic(name).partitions)), start)

    def _standing(self, change: NewQuery, text: str, number: int, layout: Layout) -> Standing:
        """Return a query that stands, and has not begun."""
        query = Standing(
            _query_id(change, number),
            text,
            change.plan,
            change.target,
            make=lambda part: self._flow_of(query, part),
            layout=layout,
            inserts=not change.is_new,
            elsewhere=lambda: self.elsewhere(query.query_id),
        )
        return query

    def _flow_of(self, query: Standing, part: int) -> Running:
        """Return the flow of a part of a query, which goes on where it was."""
        layout = query.layout
        task = query.tasks[part]
        flow = Dataflow(task)
        first = TablesFirst(query.plan, self._open_topic, lambda one: layout.is_in(part, one))

        def is_still(source: Source) -> bool:
            query.looks[source.name] += 1
            return query.reads_nothing(part) or first.holds(source)

        def start_of(topic: Topic) -> Start:
            offsets = _offsets(topic, layout.start)
            return {one: offset for one, offset in offsets.items() if layout.is_in(part, one)}

        reading = self._wires.reading(start_of=start_of, is_paused=is_still)
        counts = query.counted.setdefault(part, Counts())
        builder = Builder(flow, task, reading, self._report, by_time=True, counts=counts)
        self._wires.write(builder, query.plan, query.target)
        first.flow = made(flow, recovery=None if self._store is None else self._store(task))
        return first.flow

    def _replace(self, target: Source) -> None:
        """End what kept a stream or a table that is replaced or dropped, and what it held."""
        for query in [one for one in self.queries.values() if one.target.name == target.name]:
            self._end(query)
        self._forget_table(target.name)

    def _partitions_of(self, plan: Step) -> int:
        return max(len(self._open_topic(one.topic).partitions) for one in sources_of(plan))

    def _control(self, statement: Control) -> str:
        chosen = self._chosen(statement)
        for query in chosen:
            if statement.action == "pause":
                query.pause()
            elif statement.action == "resume":
                query.resume()
            else:
                self._end(query)
        ids = ", ".join(query.query_id for query in chosen)
        return f"{_DID[statement.action]}: {ids or 'nothing'}"

    def _end(self, query: Standing) -> None:
        query.stop()
        del self.queries[query.query_id]
        if not self._is_shared:  # else another may be about to end a part of it
            self._forget(query)

    def _forget(self, query: Standing) -> None:
        """Delete what a query knows."""
        if self._store is not None:
            for task in query.tasks:
                forget(self._store(task))

    def _chosen(self, statement: Control) -> list[Standing]:
        query_id = statement.query_id
        if query_id == "ALL":
            return list(self.queries.values())
        if query_id in self.queries:
            return [self.queries[query_id]]
        raise SqlError(
            f"There is no query {query_id}",
            expected=", ".join(self.queries) or "a query that runs",
            found=near(query_id, self.queries) or query_id,
            remedy="SHOW QUERIES lists them.",
            position=statement.position,
        )

    def require_unused(self, statement: Drop) -> None:
        """Raise SqlError where others use what is dropped; its own query ends with it."""
        name = statement.name
        users = [
            query.query_id
            for query in self.queries.values()
            if name in {one.name for one in sources_of(query.plan)}
            or (query.inserts and query.target.name == name)
        ]
        if users:
            raise SqlError(
                f"{name} is in use",
                expected="a stream or a table that no query reads, and none inserts into",
                found=", ".join(users),
                remedy=f"TERMINATE {users[0]}; first.",
                position=statement.position,
            )

    # -- push and pull --------------------------------------------------------------------------

    def _push(self, query: Query) -> Push:
        plan = self.session.plan(query, is_persistent=False)
        self._passing += 1
        name = f"transient_{self._passing}"
        push = Push(name, plan.shape, query.limit)
        flow = Dataflow(name)
        first = TablesFirst(plan, self._open_topic)
        start = self._start
        reading = self._wires.reading(start_of=lambda _: start, is_paused=first.holds)
        builder = Builder(flow, name, reading, self._report, by_time=True)
        rows = builder.build(plan)
        op.output("out", rows, Collector(push.take))
        first.flow = made(flow)
        return self._started(push, first.flow)

    def _print(self, statement: Print) -> Push:
        self._passing += 1
        push = printing(f"print_{self._passing}", statement.limit)
        topic = self._open_topic(statement.topic)
        if not topic.exists:
            known = {one.topic: one for one in self.catalog.sources.values()}
            raise SqlError(
                f"There is no topic {statement.topic}",
                expected="a topic that is there",
                found=near(statement.topic, known) or statement.topic,
                remedy="SHOW TOPICS lists those that are there.",
                position=statement.position,
            )
        return self._started(push, made(printing_flow(push, topic, statement)))

    def _started(self, push: Push, flow: Running) -> Push:
        push.start(flow)
        self._pushes = [one for one in self._pushes if one.is_alive]
        self._pushes.append(push)
        return push

    def _pull(self, query: Query) -> Rows:
        plan = self.session.plan(query, is_persistent=False)
        source = required_source(plan, query.position).source
        if source.kind == "stream":
            raise SqlError(
                f"{source.name} is a stream: what is in it never ends",
                expected="a table, or EMIT CHANGES",
                found=f"the stream {source.name}",
                remedy="Write EMIT CHANGES at the end to see what comes.",
                position=query.source.position,
            )
        rows = self._table(source).rows()
        return Rows(plan.shape.fields, pulled(plan, rows, query.limit))

    def in_order(self, source: Source) -> Succession:
        """Return the rows of a source one after the other, from the first one on."""
        if source.name not in self._successions:
            rows = Succession(self._open_topic(source.topic))
            self._successions[source.name] = rows
            self._follow(source, rows)
        return self._successions[source.name]

    def _table(self, source: Source) -> Materialised:
        if source.name not in self._tables:
            table = Materialised(self._open_topic(source.topic))
            self._follow(source, table)
            self._tables[source.name] = table
        return self._tables[source.name]

    def _follow(self, source: Source, table: Materialised) -> None:
        """Let what a source's topic holds be taken in, and what comes."""
        self._passing += 1
        name = f"materialised_{self._passing}"
        step = Read(source, source.name, shape_of(source, source.name))
        flow = Dataflow(name)
        reading = self._wires.reading(is_paused=table.look)
        builder = Builder(flow, name, reading, self._report)
        op.output("out", builder.build(step), Collector(table.take))
        table.start(made(flow))

    def _forget_table(self, name: str) -> None:
        """End what follows a source that is another one from now on."""
        for table in (self._tables.pop(name, None), self._successions.pop(name, None)):
            if table is not None:
                table.stop()

    # -- the rest -------------------------------------------------------------------------------

    @property
    def _start(self) -> Literal["earliest", "latest"]:
        return "latest" if self.catalog.settings.text(OFFSET_RESET) == "latest" else "earliest"

    def _require_topic(self, source: Source, statement: Statement) -> None:
        topic = self._open_topic(source.topic)
        is_there = topic.exists
        if source.partitions is None and not is_there:
            raise SqlError(
                f"There is no topic {source.topic}",
                expected="a topic that is there, or PARTITIONS, so that it is made",
                found="neither",
                remedy=f"Write WITH (KAFKA_TOPIC='{source.topic}', PARTITIONS=1, …).",
                position=_place_of_topic(statement),
            )
        if source.partitions is not None and is_there:
            _require_partitions(topic, source.partitions)
        if not source.is_read_only:
            register_schemas(source, only_new=True)
        if source.partitions is not None:
            topic.made(source.partitions)
            if not is_there:
                self._made_topics.add(source.topic)

    def _define(self, name: str, value: str | None) -> str:
        if value is None:
            self.catalog.variables.pop(name, None)
            return f"{name} is no more"
        self.catalog.variables[name] = value
        return f"{name} is defined"

    def _report(self, message: str) -> None:
        self.reports.append(message)
        del self.reports[:-_MOST_REPORTS]


def _nowhere(_: str) -> Ends:
    """Return what other servers have read for a query: there are none."""
    return {}


def _require_partitions(topic: Topic, said: int) -> None:
    """Raise SqlError where a topic that is there has another number of partitions than is said."""
    number = len(topic.partitions)
    if number != said:
        raise SqlError(
            f"The topic {topic.name} has another number of partitions",
            expected=f"PARTITIONS={number}, or none said",
            found=f"PARTITIONS={said}",
            remedy="Leave PARTITIONS out, or name a topic that is not there yet.",
        )


def _offsets(topic: Topic, start: Begin) -> dict[int, int]:
    """Return where each partition of a topic is begun."""
    if start == "earliest":
        return topic.start_offsets()
    if start == "latest":
        return topic.end_offsets()
    assert isinstance(start, dict)
    said = start.get(topic.name, {})
    return {partition: said.get(partition, 0) for partition in topic.partitions}


def _query_id(change: NewQuery, number: int) -> str:
    if not change.is_new:
        return f"INSERTQUERY_{number}"
    kind = "CSAS" if change.target.kind == "stream" else "CTAS"
    return f"{kind}_{_letters(change.target.name)}_{number}"


def _place_of_topic(statement: Statement) -> Position | None:
    properties = statement.properties if isinstance(statement, CreateSource) else None
    if isinstance(properties, WrittenProperties):
        return properties.positions.get("KAFKA_TOPIC")
    return None


def _named(source: Source) -> str:
    return f"The {source.kind} {source.name}"


def _letters(name: str) -> str:
    """Return a name with what no flow may have in its own left out."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)
