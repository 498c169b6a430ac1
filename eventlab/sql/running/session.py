"""What statements make of a catalog, whether they are tried or run: sources, queries, rows."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from eventlab.sql.catalog import Catalog, Source
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.altering import altered
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.defining import defined, defined_as
from eventlab.sql.planning.inferring import with_columns
from eventlab.sql.planning.inserting import insert_plan, inserted
from eventlab.sql.planning.plans import Step
from eventlab.sql.planning.queries import planned
from eventlab.sql.syntax import (
    AlterSource,
    CreateAs,
    CreateSource,
    CreateType,
    Drop,
    DropType,
    InsertInto,
    InsertValues,
    Query,
    Set,
    Statement,
)


@dataclass(frozen=True)
class Nothing:
    """The statement changed the catalog alone, or nothing: `text` says what."""

    text: str


@dataclass(frozen=True)
class NewSource:
    """A stream or a table over a topic that somebody else fills."""

    source: Source


@dataclass(frozen=True)
class Altered:
    """A stream or a table that has further columns; queries that stand go on without them."""

    source: Source
    columns: tuple[str, ...]


@dataclass(frozen=True)
class NewQuery:
    """A query whose result is kept in the topic of a stream or a table; `is_new` if it made it."""

    plan: Step
    target: Source
    is_new: bool


@dataclass(frozen=True)
class NewRow:
    """One record for the topic of a stream or a table, as on the wire."""

    target: Source
    key: bytes | None
    value: bytes | None
    time: int


@dataclass(frozen=True)
class Gone:
    """A stream or a table that is no more; its topic goes too where that was said."""

    source: Source
    with_topic: bool


Change: TypeAlias = Nothing | NewSource | Altered | NewQuery | NewRow | Gone


@dataclass
class Session:
    """A catalog and the functions that statements may call; `report` takes what rows lack."""

    report: Callable[[str], None]
    catalog: Catalog = field(default_factory=Catalog)
    functions: Functions = field(default_factory=Functions.builtin)

    @property
    def compiler(self) -> Compiler:
        """Return what compiles expressions with the session's functions."""
        return Compiler(self.functions, self.report)

    def plan(self, query: Query, *, is_persistent: bool) -> Step:
        """Return the plan of a query. Raises SqlError."""
        return planned(self.catalog, self.compiler, query, is_persistent=is_persistent)

    def take(self, statement: Statement, text: str, *, now: int) -> Change | None:
        """Take a statement into the catalog, and return what has to be done besides.

        Returns None for a statement that only looks, or acts on what runs. `now` is the time of a
        row that says none. Raises SqlError, and then has changed nothing.
        """
        match statement:
            case CreateSource():
                return self._create(statement, text)
            case CreateAs():
                return self._create_as(statement, text)
            case InsertInto():
                target = self.catalog.source(statement.name, statement.position)
                plan = insert_plan(self.plan(statement.query, is_persistent=True), target)
                return NewQuery(plan, target, is_new=False)
            case InsertValues():
                target = self.catalog.source(statement.name, statement.position)
                return NewRow(target, *inserted(statement, target, self.compiler, now=now))
            case AlterSource():
                source = altered(statement, self.catalog, text)
                self.catalog.sources[source.name] = source
                return Altered(source, tuple(one.name for one in statement.elements))
            case Drop():
                return self._drop(statement)
            case CreateType() | DropType() | Set():
                return self._note(statement)
        return None

    def require_possible(self, statement: Statement, text: str) -> None:
        """Raise SqlError where a statement cannot be taken; the catalog stays as it is."""
        catalog = self.catalog
        copied = replace(catalog, sources=dict(catalog.sources), types=dict(catalog.types))
        Session(_report_nothing, copied, self.functions).take(statement, text, now=0)

    def _create(self, statement: CreateSource, text: str) -> Change:
        if statement.if_not_exists and statement.name in self.catalog.sources:
            return Nothing(f"{statement.name} is there already")
        complete = with_columns(statement, self.catalog)
        source = defined(complete, self.catalog, text)
        self._add(statement, source)
        return NewSource(source)

    def _create_as(self, statement: CreateAs, text: str) -> Change:
        if statement.if_not_exists and statement.name in self.catalog.sources:
            return Nothing(f"{statement.name} is there already")
        plan = self.plan(statement.query, is_persistent=True)
        source = defined_as(statement, plan, self.catalog, text)
        self._add(statement, source)
        return NewQuery(plan, source, is_new=True)

    def _add(self, statement: CreateSource | CreateAs, source: Source) -> None:
        self.catalog.add(source, or_replace=statement.or_replace, position=statement.position)

    def _drop(self, statement: Drop) -> Change:
        source = self.catalog.drop(statement)
        if source is None:
            return Nothing(f"There is no {statement.kind} {statement.name}")
        return Gone(source, statement.delete_topic)

    def _note(self, statement: CreateType | DropType | Set) -> Change:
        match statement:
            case CreateType():
                self.catalog.add_type(statement)
                return Nothing(f"The type {statement.name} is known")
            case DropType():
                self.catalog.drop_type(statement)
                return Nothing(f"The type {statement.name} is no more")
            case Set():
                self.catalog.settings.set(statement.name, statement.value)
                return Nothing(f"{statement.name} is set")


def _report_nothing(_: str) -> None:
    """Take what rows lack: there are none."""
