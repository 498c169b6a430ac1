"""Calls of aggregate functions: which there are in an expression, and how each folds its rows."""

from collections.abc import Sequence
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.compiled import Compiled
from eventlab.sql.functions.registry import Chosen, Folding, Functions
from eventlab.sql.planning.compiler import Compiler, required_kind
from eventlab.sql.planning.plans import Aggregated, Evaluate
from eventlab.sql.planning.rows import Shape
from eventlab.sql.planning.walking import parts_of
from eventlab.sql.syntax import Call, Constant, Expression, WindowClause
from eventlab.sql.types import SqlType


def aggregate_calls(functions: Functions, expressions: Any) -> list[Call]:
    """Return the calls of aggregate functions in expressions, each once, in their order."""
    calls = [
        part
        for part in parts_of(expressions)
        if isinstance(part, Call) and functions.kind_of(part.name) == "aggregate"
    ]
    return list(dict.fromkeys(calls))


def aggregate_of(
    compiler: Compiler, call: Call, shape: Shape, window: WindowClause | None
) -> tuple[Aggregated, SqlType]:
    """Return how a call folds rows of a shape, and the type of its result. Raises SqlError."""
    for argument in call.arguments:
        require_no_aggregate(compiler.functions, argument)
    compiled = [compiler.compiled(one, shape) for one in call.arguments]
    chosen = compiler.functions.aggregate(
        call.name, [one.kind for one in compiled], position=call.position
    )
    folding = chosen.variant.compute(*_values_written_out(call, chosen))
    if shape.kind == "table":
        _require_taking_back(call, folding)
    if window is not None and window.kind == "session":
        _require_merging(call, folding)
    arguments = _arguments(compiler, call, compiled, chosen, shape)
    kind = chosen.returns or required_kind(compiled[0], call.arguments[0])
    return Aggregated(folding, tuple(arguments), chosen.variant.takes_null), kind


def require_no_aggregate(functions: Functions, expression: Expression) -> None:
    """Raise SqlError for an aggregate function where single rows are looked at."""
    calls = aggregate_calls(functions, expression)
    if calls:
        raise SqlError(
            f"{calls[0].name} stands where single rows are looked at",
            expected="columns of a row",
            found=f"{calls[0].name}, which is computed of a whole group",
            remedy="Make a table of the inner groups first.",
            position=calls[0].position,
        )


def _arguments(
    compiler: Compiler, call: Call, compiled: Sequence[Compiled], chosen: Chosen, shape: Shape
) -> list[Evaluate]:
    """Return what computes the arguments that are of each row."""
    taken = compiler.arguments(call, compiled, chosen.kinds, shape)
    return [
        made.evaluate
        for parameter, made in zip(chosen.parameters, taken, strict=True)
        if not parameter.is_written_out
    ]


def _values_written_out(call: Call, chosen: Chosen) -> list[Any]:
    return [
        _written_out(call, expression)
        for parameter, expression in zip(chosen.parameters, call.arguments, strict=True)
        if parameter.is_written_out
    ]


def _written_out(call: Call, expression: Expression) -> Any:
    if isinstance(expression, Constant) and expression.value is not None:
        return expression.value
    raise SqlError(
        f"An argument of {call.name} is needed before the first row",
        expected="a value that is written out",
        found="NULL" if isinstance(expression, Constant) else "something that is computed of a row",
        remedy="Write the value itself.",
        position=call.position,
    )


def _require_taking_back(call: Call, folding: Folding) -> None:
    if folding.subtract is None:
        raise SqlError(
            f"{call.name} cannot be computed of a table",
            expected="a function that can take a row back that has changed, such as COUNT or SUM",
            found=call.name,
            remedy="Compute it of the stream that the table is made of.",
            position=call.position,
        )


def _require_merging(call: Call, folding: Folding) -> None:
    if folding.merge is None:
        raise SqlError(
            f"{call.name} cannot be computed of sessions",
            expected="a function whose results of two sessions can be merged",
            found=call.name,
            remedy="Use a tumbling or a hopping window.",
            position=call.position,
        )
