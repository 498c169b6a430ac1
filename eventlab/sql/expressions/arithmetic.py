"""Arithmetic: whole numbers wrap and are divided as Java's, decimals keep their digits.

An operand that is NULL makes the operation fail, as does a division of whole or decimal numbers by
zero; doubles become infinite. A decimal quotient that has more digits than its type is rounded
(ksqlDB gives NULL).
"""

import math
import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.expressions.casts import DIGITS, fitted, wrapped
from eventlab.sql.expressions.coercion import Typed, arithmetic_kind
from eventlab.sql.expressions.compiled import (
    Compiled,
    Context,
    Evaluate,
    Row,
    constant,
    shown_kind,
)
from eventlab.sql.syntax import Arithmetic, Constant, Negative
from eventlab.sql.texts import INTEGERS
from eventlab.sql.types import DOUBLE, STRING, DecimalType, SqlType, is_number

Combine: TypeAlias = Callable[[Any, Any], Any]

_NOTHING = Decimal(0)


def compile_arithmetic(node: Arithmetic, context: Context) -> Compiled:
    """Compile an operation of two operands."""
    left = context.compiled(node.left)
    right = context.compiled(node.right)
    kind = arithmetic_kind(node.operator, left.kind, right.kind)
    if kind is None:
        raise SqlError(
            f"{shown_kind(left.kind)} {node.operator} {shown_kind(right.kind)} has no meaning",
            expected="two numbers" + (", or two texts" if node.operator == "+" else ""),
            found=f"{shown_kind(left.kind)} and {shown_kind(right.kind)}",
            remedy="Cast one of them: CAST(… AS DOUBLE), or CAST(… AS STRING) to join texts.",
            position=node.position,
        )
    if kind == DOUBLE:
        left = _as_double(left)
        right = _as_double(right)
    evaluate = _operation(node.operator, kind, left, right)
    return folded(Compiled(Typed(kind), evaluate, can_fail=True), left, right)


def compile_negative(node: Negative, context: Context) -> Compiled:
    """Compile an operand with its sign turned round."""
    operand = context.compiled(node.operand)
    kind = operand.kind
    if not is_number(kind):
        raise SqlError(
            "Only a number has a sign",
            expected="a number",
            found=shown_kind(kind),
            remedy="Cast it first: CAST(… AS INT).",
            position=node.position,
        )
    assert kind is not None  # it is a number
    inner = operand.evaluate
    turn = _turn(kind)
    compiled = Compiled(Typed(kind), lambda row: turn(inner(row)), can_fail=True)
    result = folded(compiled, operand)
    if result.is_constant and isinstance(node.operand, Constant):
        return constant(result.value, kind, is_literal=True)
    return result


def folded(compiled: Compiled, *operands: Compiled) -> Compiled:
    """Return the constant that an expression of constants is, as it is where it fails."""
    if not all(operand.is_constant for operand in operands):
        return compiled
    try:
        return constant(compiled.value, compiled.kind)
    except Exception:  # it fails for each row, and is reported there
        return compiled


def _as_double(operand: Compiled) -> Compiled:
    if not isinstance(operand.kind, DecimalType):
        return operand
    if operand.is_constant and operand.value is not None:
        return constant(float(operand.value), DOUBLE)
    inner = operand.evaluate
    return Compiled(Typed(DOUBLE), lambda row: float(inner(row)), can_fail=True)


def _operation(sign: str, kind: SqlType, left: Compiled, right: Compiled) -> Evaluate:
    if kind in (DOUBLE, STRING):
        return _plain(_DOUBLE[sign], left, right)
    if not isinstance(kind, DecimalType):
        return _whole(_WHOLE[sign], kind, left, right)
    if sign == "/":
        return _plain(lambda one, other: fitted(DIGITS.divide(one, other), kind), left, right)
    return _plain(_DECIMAL[sign], left, right)


def _plain(combine: Combine, left: Compiled, right: Compiled) -> Evaluate:
    first = left.evaluate
    second = right.evaluate
    if right.is_constant:
        known = right.value
        place = left.place
        if place is not None:
            return lambda row: combine(row[place], known)
        return lambda row: combine(first(row), known)
    return lambda row: combine(first(row), second(row))


def _whole(combine: Combine, kind: SqlType, left: Compiled, right: Compiled) -> Evaluate:
    lowest = INTEGERS[kind].start
    highest = INTEGERS[kind].stop - 1
    compute = _plain(combine, left, right)

    def evaluate(row: Row) -> int:
        value: int = compute(row)
        return value if lowest <= value <= highest else wrapped(value, kind)

    return evaluate


def _divided(one: int, other: int) -> int:
    quotient = abs(one) // abs(other)
    return quotient if (one < 0) == (other < 0) else -quotient


def _remainder(one: int, other: int) -> int:
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


def _double_divided(one: float, other: float) -> float:
    try:
        return one / other
    except ZeroDivisionError:
        if one == 0 or one != one:
            return math.nan
        return math.copysign(math.inf, one) * math.copysign(1, other)


def _double_remainder(one: float, other: float) -> float:
    try:
        return math.fmod(one, other)
    except ValueError:
        return math.nan


def _turn(kind: SqlType) -> Callable[[Any], Any]:
    if isinstance(kind, DecimalType):
        return DIGITS.minus
    if kind == DOUBLE:
        return operator.neg
    return lambda value: wrapped(-value, kind)


def _decimal_product(one: Decimal | int, other: Decimal | int) -> Decimal:
    return DIGITS.fma(one, other, _NOTHING)  # the sum makes no zero below zero


def _decimal_remainder(one: Decimal | int, other: Decimal | int) -> Decimal:
    return DIGITS.plus(DIGITS.remainder(one, other))


_DOUBLE: dict[str, Combine] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _double_divided,
    "%": _double_remainder,
}
_WHOLE: dict[str, Combine] = {**_DOUBLE, "/": _divided, "%": _remainder}
_DECIMAL: dict[str, Combine] = {
    "+": DIGITS.add,
    "-": DIGITS.subtract,
    "*": _decimal_product,
    "%": _decimal_remainder,
}
