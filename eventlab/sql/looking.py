"""Statements that only look: SHOW, DESCRIBE and EXPLAIN."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.answers import Explained, Rows, table
from eventlab.sql.catalog import Catalog, Source, near
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.defining import defined_as
from eventlab.sql.planning.describing import lines_of
from eventlab.sql.planning.inserting import insert_plan
from eventlab.sql.planning.plans import Step
from eventlab.sql.running.session import Session
from eventlab.sql.running.standing import Standing
from eventlab.sql.syntax import (
    CreateAs,
    Describe,
    DescribeFunction,
    Explain,
    InsertInto,
    Select,
    Show,
)


def looked_at(
    session: Session,
    queries: Mapping[str, Standing],
    statement: Show | Describe | DescribeFunction | Explain,
) -> Rows:
    """Return what a statement asks to see. Raises SqlError."""
    match statement:
        case Show("streams" | "tables" as what, is_extended=True):
            found = [one for one in session.catalog.sources.values() if f"{one.kind}s" == what]
            return _extended(found, queries)
        case Show(what):
            return _shown(session, queries, what)
        case Describe(name, is_extended, position=position):
            source = session.catalog.source(name, position)
            return _extended([source], queries) if is_extended else _columns(source)
        case DescribeFunction(name):
            return _function(session.functions, name)
        case Explain():
            return explained(session, queries, statement)


def _shown(session: Session, queries: Mapping[str, Standing], what: str) -> Rows:
    catalog = session.catalog
    match what:
        case "streams":
            return _sources(catalog, "stream")
        case "tables":
            return _sources(catalog, "table")
        case "queries":
            return _queries(queries)
        case "functions":
            return _functions(session.functions)
        case "topics":
            names = sorted({one.topic for one in catalog.sources.values()})
            return table(["TOPIC"], [(name,) for name in names])
        case "types":
            types = [(name, str(kind)) for name, kind in sorted(catalog.types.items())]
            return table(["TYPE", "IS"], types)
        case "variables":
            return table(["VARIABLE", "VALUE"], sorted(catalog.variables.items()))
        case _:
            rows: list[tuple[Any, ...]] = list(catalog.settings.rows())
            return table(["PROPERTY", "VALUE", "DEFAULT", "HAS_EFFECT"], rows)


def _sources(catalog: Catalog, kind: str) -> Rows:
    rows = [
        (
            one.name,
            one.topic,
            one.key_format.name,
            one.value_format.name,
            str(one.window is not None),
        )
        for one in catalog.sources.values()
        if one.kind == kind
    ]
    return table(["NAME", "TOPIC", "KEY_FORMAT", "VALUE_FORMAT", "WINDOWED"], rows)


def _queries(queries: Mapping[str, Standing]) -> Rows:
    rows: list[tuple[Any, ...]] = [
        (one.query_id, one.state, one.target.name, one.target.topic, one.text)
        for one in queries.values()
    ]
    return table(["QUERY_ID", "STATE", "WRITES", "TOPIC", "STATEMENT"], rows)


def _functions(functions: Functions) -> Rows:
    rows: list[tuple[Any, ...]] = [
        (one.name, one.kind, one.description) for one in functions.described()
    ]
    return table(["FUNCTION", "KIND", "WHAT_IT_GIVES"], rows)


def _columns(source: Source) -> Rows:
    rows: list[tuple[Any, ...]] = [
        (column.name, str(column.kind), column.role) for column in source.columns
    ]
    return table(["COLUMN", "TYPE", "PART"], rows)


def _extended(sources: Iterable[Source], queries: Mapping[str, Standing]) -> Rows:
    rows: list[tuple[Any, ...]] = []
    for source in sources:
        rows += [(source.name, what, words) for what, words in _all_of(source, queries)]
    return table(["NAME", "WHAT", "IS"], rows)


def _all_of(source: Source, queries: Mapping[str, Standing]) -> Iterator[tuple[str, str]]:
    yield "kind", source.kind
    yield "topic", source.topic
    yield "key format", source.key_format.name
    yield "value format", source.value_format.name
    if source.window is not None:
        yield "window", source.window.kind
    if source.event_time is not None:
        yield "event time", source.event_time.column
    for column in source.columns:
        yield column.role, f"{column.name} {column.kind}"
    for query in queries.values():
        if query.target.name == source.name:
            yield "written by", query.query_id
        if source.name in query.reads:
            yield "read by", query.query_id
    if source.text:
        yield "statement", source.text


def _function(functions: Functions, name: str) -> Rows:
    function = functions.function(name)
    rows: list[tuple[Any, ...]] = [
        (function.name, str(variant.signature), function.description)
        for variant in function.variants
    ]
    return table(["FUNCTION", "SIGNATURE", "WHAT_IT_GIVES"], rows)


def explained(session: Session, queries: Mapping[str, Standing], statement: Explain) -> Explained:
    """Return the plan of a query, or of a statement that is not run. Raises SqlError."""
    if statement.query_id is not None:
        query = queries.get(statement.query_id)
        if query is None:
            raise SqlError(
                f"There is no query {statement.query_id}",
                expected=", ".join(queries) or "a query that runs",
                found=near(statement.query_id, queries) or statement.query_id,
                remedy="SHOW QUERIES lists them; or EXPLAIN a statement.",
                position=statement.position,
            )
        return _explained(query.plan, query.target, query)
    match statement.statement:
        case Select(query=asked):
            return _explained(session.plan(asked, is_persistent=False))
        case CreateAs(query=asked) as made:
            plan = session.plan(asked, is_persistent=True)
            return _explained(plan, defined_as(made, plan, session.catalog, ""))
        case InsertInto(name, asked, position=position):
            target = session.catalog.source(name, position)
            return _explained(insert_plan(session.plan(asked, is_persistent=True), target), target)
        case other:
            raise SqlError(
                "Only a query has a plan",
                expected="SELECT, CREATE … AS SELECT or INSERT INTO … SELECT",
                found=type(other).__name__,
                remedy="Write EXPLAIN before a query.",
            )


def _explained(
    plan: Step, target: Source | None = None, query: Standing | None = None
) -> Explained:
    rows = table(["STEP", "WHAT", "COLUMNS"], lines_of(plan))
    return Explained(rows.columns, rows.rows, plan, target, query)
