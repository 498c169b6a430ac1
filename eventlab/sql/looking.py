"""Statements that only look: SHOW, DESCRIBE and EXPLAIN."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eventlab.errors import SqlError
from eventlab.sql.answers import Explained, Rows, table
from eventlab.sql.catalog import Source, near
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.defining import defined_as
from eventlab.sql.planning.describing import lines_of
from eventlab.sql.planning.inserting import insert_plan
from eventlab.sql.planning.plans import Step
from eventlab.sql.syntax import (
    CreateAs,
    Describe,
    DescribeFunction,
    Explain,
    InsertInto,
    Select,
    Show,
)

if TYPE_CHECKING:
    from eventlab.sql.engine import Engine
    from eventlab.sql.running.standing import Standing


def looked_at(engine: "Engine", statement: Show | Describe | DescribeFunction | Explain) -> Rows:
    """Return what a statement asks to see. Raises SqlError."""
    match statement:
        case Show(what):
            return _SHOWN[what](engine)
        case Describe(name, position=position):
            return _columns(engine.catalog.source(name, position))
        case DescribeFunction(name):
            return _function(engine.session.functions, name)
        case Explain():
            return explained(engine, statement)


def _sources(engine: "Engine", kind: str) -> Rows:
    rows = [
        (
            one.name,
            one.topic,
            one.key_format.name,
            one.value_format.name,
            str(one.window is not None),
        )
        for one in engine.catalog.sources.values()
        if one.kind == kind
    ]
    return table(["NAME", "TOPIC", "KEY_FORMAT", "VALUE_FORMAT", "WINDOWED"], rows)


def _queries(engine: "Engine") -> Rows:
    rows: list[tuple[Any, ...]] = [
        (one.query_id, one.state, one.target.name, one.target.topic, one.text)
        for one in engine.queries.values()
    ]
    return table(["QUERY_ID", "STATE", "WRITES", "TOPIC", "STATEMENT"], rows)


def _functions(engine: "Engine") -> Rows:
    rows: list[tuple[Any, ...]] = [
        (one.name, one.kind, one.description) for one in engine.session.functions.described()
    ]
    return table(["FUNCTION", "KIND", "WHAT_IT_GIVES"], rows)


def _topics(engine: "Engine") -> Rows:
    names = sorted({one.topic for one in engine.catalog.sources.values()})
    return table(["TOPIC"], [(name,) for name in names])


def _types(engine: "Engine") -> Rows:
    return table(["TYPE", "IS"], [(n, str(k)) for n, k in sorted(engine.catalog.types.items())])


def _variables(engine: "Engine") -> Rows:
    return table(["VARIABLE", "VALUE"], sorted(engine.catalog.variables.items()))


def _properties(engine: "Engine") -> Rows:
    rows: list[tuple[Any, ...]] = list(engine.catalog.settings.rows())
    return table(["PROPERTY", "VALUE", "DEFAULT", "HAS_EFFECT"], rows)


_SHOWN: dict[str, Callable[["Engine"], Rows]] = {
    "streams": lambda engine: _sources(engine, "stream"),
    "tables": lambda engine: _sources(engine, "table"),
    "queries": _queries,
    "functions": _functions,
    "topics": _topics,
    "types": _types,
    "variables": _variables,
    "properties": _properties,
}


def _columns(source: Source) -> Rows:
    rows: list[tuple[Any, ...]] = [
        (column.name, str(column.kind), column.role) for column in source.columns
    ]
    return table(["COLUMN", "TYPE", "PART"], rows)


def _function(functions: Functions, name: str) -> Rows:
    function = functions.function(name)
    rows: list[tuple[Any, ...]] = [
        (function.name, str(variant.signature), function.description)
        for variant in function.variants
    ]
    return table(["FUNCTION", "SIGNATURE", "WHAT_IT_GIVES"], rows)


def explained(engine: "Engine", statement: Explain) -> Explained:
    """Return the plan of a query, or of a statement that is not run. Raises SqlError."""
    if statement.query_id is not None:
        query = engine.queries.get(statement.query_id)
        if query is None:
            raise SqlError(
                f"There is no query {statement.query_id}",
                expected=", ".join(engine.queries) or "a query that runs",
                found=near(statement.query_id, engine.queries) or statement.query_id,
                remedy="SHOW QUERIES lists them; or EXPLAIN a statement.",
                position=statement.position,
            )
        return _explained(query.plan, query.target, query)
    session = engine.session
    match statement.statement:
        case Select(query=asked):
            return _explained(session.plan(asked, is_persistent=False))
        case CreateAs(query=asked) as made:
            plan = session.plan(asked, is_persistent=True)
            return _explained(plan, defined_as(made, plan, engine.catalog, ""))
        case InsertInto(name, asked, position=position):
            target = engine.catalog.source(name, position)
            return _explained(insert_plan(session.plan(asked, is_persistent=True), target), target)
        case other:
            raise SqlError(
                "Only a query has a plan",
                expected="SELECT, CREATE … AS SELECT or INSERT INTO … SELECT",
                found=type(other).__name__,
                remedy="Write EXPLAIN before a query.",
            )


def _explained(
    plan: Step, target: Source | None = None, query: "Standing | None" = None
) -> Explained:
    rows = table(["STEP", "WHAT", "COLUMNS"], lines_of(plan))
    return Explained(rows.columns, rows.rows, plan, target, query)
