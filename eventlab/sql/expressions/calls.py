"""Calls of scalar functions, and the lambdas that they are given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.coercion import Typed
from eventlab.sql.expressions.compiled import Compiled, Context, Evaluate, Row, constant, guarded
from eventlab.sql.expressions.conversions import converted
from eventlab.sql.functions.registry import Chosen
from eventlab.sql.functions.signatures import ArgumentType, LambdaType, unread_lambda
from eventlab.sql.syntax import Call, Column, Expression, Field, Lambda
from eventlab.sql.types import (
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    NamedType,
    Plain,
    SqlType,
    StructType,
)

_UNITS = {"YEARS", "MONTHS", "WEEKS", "DAYS", "HOURS", "MINUTES", "SECONDS", "MILLISECONDS"}


@dataclass(frozen=True)
class _Argument:
    """An argument of a call: a value, or a function."""

    node: Expression
    kind: ArgumentType
    compiled: Compiled | None = None
    function: Evaluate | None = None


def compile_call(node: Call, context: Context) -> Compiled:
    """Compile a call of a scalar function: the variant that fits, with its arguments converted."""
    _check_kind(node, context)
    arguments = _arguments(node, context)
    chosen = context.functions.scalar(
        node.name, [argument.kind for argument in arguments], node.position
    )
    evaluates = [
        _evaluate(argument, place, chosen, context) for place, argument in enumerate(arguments)
    ]
    compute = chosen.variant.compute
    make = _taking_null if chosen.variant.takes_null else _not_called_with_null
    return Compiled(Typed(chosen.returns), make(compute, evaluates), can_fail=True)


def compile_lambda(node: Lambda, context: Context) -> Compiled:
    """Refuse a lambda that stands where it is not an argument."""
    raise SqlError(
        "A lambda is no value",
        expected="a lambda as an argument of a function such as TRANSFORM",
        found="one that stands by itself",
        remedy="Give it to TRANSFORM, FILTER or REDUCE.",
        position=node.position,
    )


def _check_kind(node: Call, context: Context) -> None:
    kind = context.functions.kind_of(node.name)
    if kind in ("aggregate", "table"):
        raise SqlError(
            f"{node.name} cannot stand here",
            expected="a scalar function",
            found=f"{node.name}, which is an {kind} function".replace("an table", "a table"),
            remedy="Call it among the columns of SELECT, and GROUP BY where it aggregates.",
            position=node.position,
        )


def _arguments(node: Call, context: Context) -> list[_Argument]:
    arguments = [_argument(one, context) for one in node.arguments]
    if not any(isinstance(argument.node, Lambda) for argument in arguments):
        return arguments
    inputs = context.functions.lambda_inputs(
        node.name, [argument.kind for argument in arguments], node.position
    )
    return [
        _with_body(argument, kinds, context)
        for argument, kinds in zip(arguments, inputs, strict=True)
    ]


def _argument(node: Expression, context: Context) -> _Argument:
    if isinstance(node, Lambda):
        return _Argument(node, unread_lambda(len(node.parameters)))
    if _is_unit(node, context):
        assert isinstance(node, Column)  # see _is_unit
        return _Argument(node, STRING, constant(node.name, STRING, is_literal=True))
    compiled = context.compiled(node)
    if isinstance(node, Call | Field):
        compiled = guarded(compiled, node, context.report)
    return _Argument(node, compiled.kind, compiled)


def _is_unit(node: Expression, context: Context) -> bool:
    """Tell whether it is a unit of time, as in TIMESTAMPADD(DAYS, 1, at), and no column."""
    if not isinstance(node, Column) or node.source is not None or context.scope.has(node):
        return False
    return node.name.rstrip("S") + "S" in _UNITS


def _with_body(
    argument: _Argument, inputs: Sequence[SqlType | None] | None, context: Context
) -> _Argument:
    node = argument.node
    if not isinstance(node, Lambda) or inputs is None:
        return argument
    kinds = [kind for kind in inputs if kind is not None]
    if len(kinds) != len(inputs):
        raise SqlError(
            "The type of a lambda's parameter is not known",
            expected="an array or a map with a type beside the lambda",
            found="NULL",
            remedy="Say its type: CAST(NULL AS ARRAY<INT>).",
            position=node.position,
        )
    if len(kinds) != len(node.parameters):
        raise SqlError(
            "A lambda has not as many parameters as it is called with",
            expected=f"{len(kinds)} of them",
            found=f"({', '.join(node.parameters)})",
            remedy="Name a parameter for each value that the function passes on.",
            position=node.position,
        )
    inside = context.within(context.scope.within(node.parameters, kinds))
    body = inside.compiled(node.body)
    return _Argument(node, LambdaType(tuple(kinds), body.kind), function=_closed(body.evaluate))


def _closed(body: Evaluate) -> Evaluate:
    """Return what makes of a row the function that a lambda is, with the row's columns in it."""

    def evaluate(row: Row) -> Callable[..., Any]:
        columns = tuple(row)
        return lambda *values: body(columns + values)

    return evaluate


def _evaluate(argument: _Argument, place: int, chosen: Chosen, context: Context) -> Evaluate:
    if argument.function is not None:
        return argument.function
    compiled = argument.compiled
    assert compiled is not None  # it is a value, or a lambda that has a body
    if chosen.parameters[place].is_written_out and not compiled.is_constant:
        raise SqlError(
            f"Argument {place + 1} must be written out",
            expected=f"a value for {chosen.parameters[place].name}, the same for each row",
            found="an expression that differs from row to row",
            remedy="Write the value itself.",
            position=argument.node.position,
        )
    wanted = chosen.kinds[place]
    if compiled.kind is None or not isinstance(wanted, _KINDS):
        return compiled.evaluate
    return converted(compiled, wanted, argument.node, context).evaluate


_KINDS = (Plain, DecimalType, ArrayType, MapType, StructType, NamedType)


def _taking_null(compute: Callable[..., Any], arguments: list[Evaluate]) -> Evaluate:
    if len(arguments) == 1:
        only = arguments[0]
        return lambda row: compute(only(row))
    return lambda row: compute(*[argument(row) for argument in arguments])


def _not_called_with_null(compute: Callable[..., Any], arguments: list[Evaluate]) -> Evaluate:
    if len(arguments) == 1:
        only = arguments[0]

        def evaluate_one(row: Row) -> Any:
            value = only(row)
            return None if value is None else compute(value)

        return evaluate_one

    def evaluate(row: Row) -> Any:
        values = [argument(row) for argument in arguments]
        for value in values:
            if value is None:
                return None
        return compute(*values)

    return evaluate
