"""Expressions converted to a type that holds their values, where the statement does not say so."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.casts import caster
from eventlab.sql.expressions.coercion import Typed
from eventlab.sql.expressions.compiled import Compiled, Context, Row, constant, guarded
from eventlab.sql.syntax import Expression
from eventlab.sql.types import SqlType, is_number


def mapped(operand: Compiled, convert: Callable[[Any], Any], kind: SqlType) -> Compiled:
    """Return an expression with each value that is not NULL converted."""
    if operand.is_constant:
        value = operand.value
        return constant(None if value is None else convert(value), kind)
    inner = operand.evaluate

    def evaluate(row: Row) -> Any:
        value = inner(row)
        return None if value is None else convert(value)

    return replace(operand, typed=Typed(kind), evaluate=evaluate, place=None)


def converted(
    operand: Compiled, wanted: SqlType, expression: Expression, context: Context
) -> Compiled:
    """Return an expression as one of another type; raise SqlError if that cannot be."""
    if operand.kind is None:
        return constant(None, wanted)
    if operand.kind == wanted:
        return operand
    cast = caster(operand.kind, wanted, expression.position)
    try:
        result = mapped(operand, cast, wanted)
    except (ValueError, ArithmeticError) as error:
        raise SqlError(
            f"A value is no {wanted}",
            expected=f"a value of the type {wanted}",
            found=repr(operand.value),
            remedy=f"Correct it: {error}.",
            position=expression.position,
        ) from error
    if is_number(operand.kind) and is_number(wanted):
        return result
    failing = replace(result, can_fail=not result.is_constant, is_sure=result.is_constant)
    return guarded(failing, expression, context.report)
