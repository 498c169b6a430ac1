"""The engine: it runs statements on the topics of a cluster, and keeps what they started.

ksqlDB's dialect, our engine: not ksqlDB. Each standing query is a flow in a thread; what it knows
is kept in a recovery store, so that it goes on where it was when it is run again.
"""

import time
from collections.abc import Callable, Iterable

from eventlab.errors import EventlabError, SqlError
from eventlab.log import Topic
from eventlab.sql.answers import Answer, Rows, Said
from eventlab.sql.catalog import Catalog
from eventlab.sql.functions.registry import Functions
from eventlab.sql.grammar.parsing import Parsed, parse
from eventlab.sql.looking import looked_at
from eventlab.sql.running.applying import Applier
from eventlab.sql.running.asserting import schema_held, source_held, topic_held, values_held
from eventlab.sql.running.followed import Followed
from eventlab.sql.running.part_flows import Store
from eventlab.sql.running.pulling import pulled, required_table
from eventlab.sql.running.pushes import Pushes
from eventlab.sql.running.pushing import Push
from eventlab.sql.running.session import Session
from eventlab.sql.running.standing import Layout
from eventlab.sql.running.standing_queries import StandingQueries
from eventlab.sql.running.wires import OpenTopic, Wires
from eventlab.sql.schemas import Registry, Schemas, external_registry
from eventlab.sql.syntax import (
    Assertion,
    AssertSchema,
    AssertSource,
    AssertTopic,
    AssertValues,
    Control,
    Define,
    Describe,
    DescribeFunction,
    Drop,
    Explain,
    Print,
    Query,
    Select,
    Show,
)

_MOST_REPORTS = 1000


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
        store: Store | None = None,
        functions: Functions | None = None,
        begins_anew: bool = False,
        registry: Callable[[], Registry | None] = external_registry,
        is_shared: bool = False,
    ):
        self._open_topic = open_topic
        self.reports: list[str] = []
        schemas = Schemas(registry, lambda name: open_topic(name).name)
        catalog = Catalog(schemas=schemas)
        self.session = Session(self._report, catalog, functions or Functions.builtin())
        wires = Wires(open_topic, self._report)
        self.queries = StandingQueries(wires, store, begins_anew=begins_anew, is_shared=is_shared)
        self._pushes = Pushes(wires)
        self._followed = Followed(wires)
        self._applier = Applier(
            open_topic, catalog, self.queries, self._followed, begins_anew=begins_anew
        )

    @property
    def catalog(self) -> Catalog:
        """Return the sources that there are."""
        return self.session.catalog

    def topic(self, name: str) -> Topic:
        """Return a topic by the name that statements use."""
        return self._open_topic(name)

    def has_made_topic_of(self, name: str) -> bool:
        """Tell whether the topic of a stream or a table was made with it, by CREATE."""
        return self._applier.has_made_topic_of(name)

    # -- statements -----------------------------------------------------------------------------

    def execute(self, text: str) -> list[Answer]:
        """Run statements one after the other, and return what each answers.

        Raises SqlError, TopicError and BrokerError for the first that cannot be run; those before
        it have been.
        """
        return [self.answer(parsed) for parsed in self.parsed(text)]

    def parsed(self, text: str) -> list[Parsed]:
        """Return the statements of a text, and run none of them. Raises SqlError."""
        return parse(text, self.catalog.variables)

    def answer(self, parsed: Parsed, *, number: int | None = None) -> Answer:
        """Run one statement; a query that stands gets `number` in its id, or the next one.

        Raises what `execute` does.
        """
        if number is not None:
            self._applier.number = number - 1
        if isinstance(parsed.statement, Drop):
            self.queries.require_unused(parsed.statement)
        sources = dict(self.catalog.sources)
        change = self.session.take(parsed.statement, parsed.text, now=time.time_ns() // 1_000_000)
        if change is None:
            return self._answer(parsed)
        try:
            return Said(self._applier.apply(change, parsed.statement, parsed.text))
        except EventlabError:
            self.catalog.sources = sources  # what could not be done is not known either
            raise

    def recall(self, parsed: Parsed, *, number: int, layout: Layout | None = None) -> None:
        """Take a statement in that was run with this number elsewhere, or in an earlier run.

        What it made is known and what it ended has ended; topics stay as they are, and a query does
        not begin. Raises SqlError, and EventlabError where a query cannot be resumed.
        """
        statement = parsed.statement
        self._applier.number = max(self._applier.number, number)
        if isinstance(statement, Control):
            if statement.query_id in {"ALL", *self.queries}:
                self.queries.control(statement)
            return
        change = self.session.take(statement, parsed.text, now=0)
        if change is not None:
            self._applier.recall(change, parsed.text, number, layout)

    def _answer(self, parsed: Parsed) -> Answer:
        """Answer a statement that changes none of the sources."""
        match parsed.statement:
            case Select(query) if query.emit is None:
                return self._pull(query)
            case Select(query):
                return self._push(query)
            case Print() as statement:
                known = (source.topic for source in self.catalog.sources.values())
                return self._pushes.print(statement, known)
            case Show() | Describe() | DescribeFunction() | Explain() as statement:
                return looked_at(self.session, self.queries, statement)
            case Control() as statement:
                return Said(self.queries.control(statement))
            case Define(name, value):
                return Said(self._define(name, value))
            case AssertValues() | AssertSource() | AssertTopic() | AssertSchema() as statement:
                return Said(self._held(statement))
        raise SqlError(
            "This statement is not run here",
            expected="a statement that creates, inserts, selects, shows, describes or ends",
            found=type(parsed.statement).__name__,
            remedy="Look at a source with DESCRIBE.",
        )

    def _pull(self, query: Query) -> Rows:
        plan = self.session.plan(query, is_persistent=False)
        table = self._followed.table(required_table(plan, query))
        return Rows(plan.shape.fields, pulled(plan, table.rows(), query.limit))

    def _push(self, query: Query) -> Push:
        plan = self.session.plan(query, is_persistent=False)
        return self._pushes.push(plan, query.limit, self.catalog.settings.start)

    def _define(self, name: str, value: str | None) -> str:
        if value is None:
            self.catalog.variables.pop(name, None)
            return f"{name} is no more"
        self.catalog.variables[name] = value
        return f"{name} is defined"

    def _held(self, statement: Assertion) -> str:
        match statement:
            case AssertTopic():
                return topic_held(self._open_topic(statement.topic), statement)
            case AssertSchema():
                return schema_held(self.catalog.schemas, statement)
            case AssertSource():
                return source_held(self.catalog, statement)
            case AssertValues():
                in_order = self._followed.in_order
                return values_held(self.session, self.queries, in_order, statement)

    def _report(self, message: str) -> None:
        self.reports.append(message)
        del self.reports[:-_MOST_REPORTS]

    # -- the end --------------------------------------------------------------------------------

    def take_back(self, queries: Iterable[str], sources: Iterable[str]) -> None:
        """End queries and let streams and tables be no more, with the topics made for them."""
        self._applier.take_back(queries, sources)

    def forget_all(self) -> None:
        """End all that runs, for good; topics stay."""
        self.take_back(list(self.queries), [])
        self.close()
        self.catalog.sources.clear()
        self.catalog.types.clear()

    def close(self) -> None:
        """End all that runs; what queries know is kept, unless it `begins_anew`."""
        self._pushes.close()
        self._followed.close()
        self.queries.close()
