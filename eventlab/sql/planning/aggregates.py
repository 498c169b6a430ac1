"""Plans of queries that group: what a group is, what is computed of it, and what it shows."""

from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.catalog import WindowedBy
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.columns import Shown, shown_columns
from eventlab.sql.planning.compiler import Compiler, qualified, required_kind
from eventlab.sql.planning.naming import Names
from eventlab.sql.planning.plans import Aggregate, Aggregated, Evaluate, Step
from eventlab.sql.planning.rows import (
    ROWTIME,
    SYSTEM_COLUMNS,
    WINDOW_COLUMNS,
    Field,
    Shape,
    system_field,
)
from eventlab.sql.planning.steps import exploded, filtered, projected
from eventlab.sql.planning.walking import parts_of, replaced
from eventlab.sql.syntax import Call, Column, Constant, Expression, Lambda, Query

_GROUP = "KSQL_GROUP_"
_AGGREGATE = "KSQL_AGG_VARIABLE_"


def is_aggregate(functions: Functions, query: Query) -> bool:
    """Tell whether a query groups its rows; raise SqlError if it only half says so."""
    calls = _aggregate_calls(functions, (query.items, query.having))
    if query.group_by:
        return True
    if calls:
        raise SqlError(
            f"{calls[0].name} is computed of groups",
            expected="GROUP BY",
            found="a query without groups",
            remedy="Say what a group is, such as GROUP BY customer.",
            position=calls[0].position,
        )
    if query.window is not None:
        raise SqlError(
            "A window is made of groups",
            expected="GROUP BY behind WINDOW",
            found="a query without groups",
            remedy="Say what a group is, such as GROUP BY customer.",
            position=query.window.position,
        )
    return False


def aggregated(compiler: Compiler, up: Step, query: Query, *, is_persistent: bool) -> Step:
    """Return the plan of a query's groups and of what it shows of them."""
    if query.partition_by:
        raise SqlError(
            "A query that groups is partitioned by its groups",
            expected="GROUP BY alone",
            found="PARTITION BY too",
            remedy="Leave PARTITION BY out.",
            position=query.position,
        )
    names = Names(field.name for field in up.shape.fields)
    shown = shown_columns(compiler, up.shape, query, names)
    up, shown = exploded(compiler, up, shown)
    shape = up.shape
    groups = [qualified(one, shape) for one in query.group_by]
    _require_different(groups)
    for group in groups:
        _require_no_aggregate(compiler.functions, group)
    shown = [replace(one, expression=qualified(one.expression, shape)) for one in shown]
    having = None if query.having is None else qualified(query.having, shape)
    calls = _aggregate_calls(compiler.functions, (tuple(one.expression for one in shown), having))
    calls = list(dict.fromkeys(calls))

    compiled_groups = [compiler.compiled(one, shape) for one in groups]
    group_fields = [
        Field(f"{_GROUP}{number}", required_kind(made, group))
        for number, (group, made) in enumerate(zip(groups, compiled_groups, strict=True))
    ]
    aggregates: list[Aggregated] = []
    aggregate_fields: list[Field] = []
    for number, call in enumerate(calls):
        made, kind = _aggregate_of(compiler, call, shape, query)
        aggregates.append(made)
        aggregate_fields.append(Field(f"{_AGGREGATE}{number}", kind))
    window = None
    if query.window is not None:
        size = None if query.window.kind == "session" else query.window.size
        window = WindowedBy(query.window.kind, size)
    system = [system_field(name) for name in WINDOW_COLUMNS if window is not None]
    grouped_shape = Shape(
        "table",
        (*group_fields, *aggregate_fields, *system, system_field(ROWTIME)),
        tuple(range(len(groups))),
        window,
    )
    step: Step = Aggregate(
        up,
        tuple(one.evaluate for one in compiled_groups),
        tuple(aggregates),
        query.window,
        query.emit == "final",
        grouped_shape,
    )
    stands_for = {group: Column(f"{_GROUP}{number}") for number, group in enumerate(groups)}
    stands_for |= {call: Column(f"{_AGGREGATE}{number}") for number, call in enumerate(calls)}

    def of_groups(expression: Any) -> Any:
        found = replaced(expression, stands_for.get)
        _require_of_groups(found, grouped_shape)
        return found

    if having is not None:
        step = filtered(compiler, step, of_groups(having))
    shown = [replace(one, expression=of_groups(one.expression)) for one in shown]
    missing = _missing_groups(groups, shown) if is_persistent else []
    if missing:
        raise SqlError(
            "The result lacks a column of its key",
            expected=f"the column {names.of(missing[0])} of GROUP BY among those behind SELECT",
            found="a result without it",
            remedy="Show it too: without its key a result could not be found in its topic.",
            position=missing[0].position,
        )
    return projected(compiler, step, shown, is_persistent=is_persistent)


def _aggregate_calls(functions: Functions, expressions: Any) -> list[Call]:
    return [
        part
        for part in parts_of(expressions)
        if isinstance(part, Call) and functions.kind_of(part.name) == "aggregate"
    ]


def _aggregate_of(
    compiler: Compiler, call: Call, shape: Shape, query: Query
) -> tuple[Aggregated, Any]:
    for argument in call.arguments:
        _require_no_aggregate(compiler.functions, argument)
    compiled = [compiler.compiled(one, shape) for one in call.arguments]
    chosen = compiler.functions.aggregate(
        call.name, [one.kind for one in compiled], position=call.position
    )
    written_out: list[Any] = []
    arguments: list[Evaluate] = []
    taken = compiler.arguments(call, compiled, chosen.kinds, shape)
    for parameter, expression, made in zip(chosen.parameters, call.arguments, taken, strict=True):
        if parameter.is_written_out:
            written_out.append(_written_out(call, expression))
        else:
            arguments.append(made.evaluate)
    folding = chosen.variant.compute(*written_out)
    if shape.kind == "table" and folding.subtract is None:
        raise SqlError(
            f"{call.name} cannot be computed of a table",
            expected="a function that can take a row back that has changed, such as COUNT or SUM",
            found=call.name,
            remedy="Compute it of the stream that the table is made of.",
            position=call.position,
        )
    if query.window is not None and query.window.kind == "session" and folding.merge is None:
        raise SqlError(
            f"{call.name} cannot be computed of sessions",
            expected="a function whose results of two sessions can be merged",
            found=call.name,
            remedy="Use a tumbling or a hopping window.",
            position=call.position,
        )
    if chosen.returns is None:
        required_kind(compiled[0], call.arguments[0])
    return Aggregated(folding, tuple(arguments), chosen.variant.takes_null), chosen.returns


def _written_out(call: Call, expression: Expression) -> Any:
    if isinstance(expression, Constant):
        return expression.value
    raise SqlError(
        f"An argument of {call.name} is needed before the first row",
        expected="a value that is written out",
        found="something that is computed of a row",
        remedy="Write the value itself.",
        position=call.position,
    )


def _require_no_aggregate(functions: Functions, expression: Expression) -> None:
    calls = _aggregate_calls(functions, expression)
    if calls:
        raise SqlError(
            f"{calls[0].name} stands where single rows are looked at",
            expected="columns of a row",
            found=f"{calls[0].name}, which is computed of a whole group",
            remedy="Make a table of the inner groups first.",
            position=calls[0].position,
        )


def _require_different(groups: list[Expression]) -> None:
    if len(set(groups)) < len(groups):
        raise SqlError(
            "GROUP BY names something twice",
            expected="each once",
            found="the same expression twice",
            remedy="Leave one of them out.",
            position=groups[-1].position,
        )


def _require_of_groups(expression: Expression, shape: Shape) -> None:
    """Raise SqlError for a column that is neither grouped by nor within an aggregate function."""
    known = {field.name for field in shape.fields}
    parameters: set[str] = set()
    for part in parts_of(expression):
        if isinstance(part, Lambda):
            parameters.update(part.parameters)
    for part in parts_of(expression):
        if isinstance(part, Column) and part.name not in known | parameters:
            if part.name in SYSTEM_COLUMNS:
                continue
            raise SqlError(
                f"The column {part.name} has many values in a group",
                expected="columns behind GROUP BY, or aggregate functions",
                found=part.name,
                remedy=f"Add it to GROUP BY, or take one of them: LATEST_BY_OFFSET({part.name}).",
                position=part.position,
            )


def _missing_groups(groups: list[Expression], shown: list[Shown]) -> list[Expression]:
    there = {one.expression for one in shown}
    return [
        group for number, group in enumerate(groups) if Column(f"{_GROUP}{number}") not in there
    ]
