"""Comparisons: two operands of types that fit, brought to one form once a statement.

A comparison with NULL is false, whichever it is; only IS DISTINCT FROM takes NULL for a value.
A text that is compared with a date, a time or a timestamp is read as one. ROWTIME, WINDOWSTART and
WINDOWEND are compared with a text as timestamps are.
"""

import operator
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.arithmetic import folded
from eventlab.sql.expressions.casts import caster
from eventlab.sql.expressions.coercion import Typed
from eventlab.sql.expressions.compiled import Compiled, Context, Evaluate, Row, constant, shown_kind
from eventlab.sql.expressions.conversions import mapped
from eventlab.sql.syntax import Between, Column, Comparison, Constant, Expression, Logical, Not
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
    is_number,
)

_MOMENTS = {"ROWTIME", "WINDOWSTART", "WINDOWEND"}
# A decimal number of so many digits is the shortest text of the double nearest to it.
_DIGITS_OF_DOUBLE = 15
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "IS DISTINCT FROM": operator.ne,
    "IS NOT DISTINCT FROM": operator.eq,
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_DISTINCT = {"IS DISTINCT FROM", "IS NOT DISTINCT FROM"}
_ORDERLESS = {"=", "<>"} | _DISTINCT


def compile_comparison(node: Comparison, context: Context) -> Compiled:
    """Compile a comparison of two operands."""
    left = context.compiled(node.left)
    right = context.compiled(node.right)
    left = _as_moment(left, node.left, node.right)
    right = _as_moment(right, node.right, node.left)
    _check(node, left.kind, right.kind)
    left, right = _alike(left, right, node)
    compare = _OPERATORS[node.operator]
    if node.operator in _DISTINCT:
        evaluate = _distinct(compare, left.evaluate, right.evaluate)
    elif left.is_constant and not right.is_constant:
        mirrored = _OPERATORS[_MIRRORED.get(node.operator, node.operator)]
        evaluate = _compared(mirrored, right, left)
    else:
        evaluate = _compared(compare, left, right)
    can_fail = left.can_fail or right.can_fail
    return folded(Compiled(Typed(BOOLEAN), evaluate, True, can_fail), left, right)


def compile_between(node: Between, context: Context) -> Compiled:
    """Compile BETWEEN: two comparisons of which both must hold."""
    above = Comparison(">=", node.operand, node.lower, node.position)
    below = Comparison("<=", node.operand, node.upper, node.position)
    both = Logical("AND", above, below, node.position)
    return context.compiled(Not(both, node.position) if node.is_negated else both)


def _compared(compare: Callable[[Any, Any], bool], left: Compiled, right: Compiled) -> Evaluate:
    first = left.evaluate
    second = right.evaluate
    if right.is_constant:
        known = right.value
        if known is None:
            return lambda row: False
        if left.place is not None:
            return _place_compared(compare, left.place, known)

        def with_known(row: Row) -> bool:
            value = first(row)
            return value is not None and compare(value, known)

        return with_known

    def evaluate(row: Row) -> bool:
        value = first(row)
        other = second(row)
        return value is not None and other is not None and compare(value, other)

    return evaluate


def _place_compared(compare: Callable[[Any, Any], bool], place: int, known: Any) -> Evaluate:
    # One call less for each row than with the column's own function.
    def evaluate(row: Row) -> bool:
        value = row[place]
        return value is not None and compare(value, known)

    return evaluate


def _distinct(compare: Callable[[Any, Any], bool], first: Evaluate, second: Evaluate) -> Evaluate:
    return lambda row: compare(first(row), second(row))


def _check(node: Comparison, left: SqlType | None, right: SqlType | None) -> None:
    if left is None or right is None:
        if node.operator in _DISTINCT:
            return
        raise SqlError(
            "A comparison with NULL is never true",
            expected="two values",
            found=f"{shown_kind(left)} {node.operator} {shown_kind(right)}",
            remedy="Use IS NULL or IS NOT NULL.",
            position=node.position,
        )
    if not _fits(left, right, is_equality=node.operator in _ORDERLESS):
        raise SqlError(
            f"{left} {node.operator} {right} cannot be compared",
            expected=f"something that compares with {left}",
            found=str(right),
            remedy=_remedy(left, right),
            position=node.position,
        )


def _remedy(left: SqlType, right: SqlType) -> str:
    if _fits(left, right, is_equality=True):
        return "Ask whether they are equal, with = or <>: these have no order."
    return f"Cast one of them, such as CAST(… AS {left})."


def _fits(left: SqlType, right: SqlType, *, is_equality: bool) -> bool:
    kinds = {left, right}
    if is_number(left) and is_number(right):
        return True
    if kinds <= {DATE, TIMESTAMP, STRING} or kinds <= {TIME, STRING} or kinds == {BYTES}:
        return True
    if not is_equality:
        return False
    return kinds == {BOOLEAN} or any(
        isinstance(left, collection) and isinstance(right, collection)
        for collection in (ArrayType, MapType, StructType)
    )


def _as_moment(operand: Compiled, node: Expression, other: Expression) -> Compiled:
    """Return a text that is compared with ROWTIME or a window's bound as milliseconds."""
    is_moment = isinstance(other, Column) and other.name in _MOMENTS
    if not is_moment or operand.kind != STRING or not isinstance(node, Constant):
        return operand
    return constant(_read(operand.value, TIMESTAMP, node), BIGINT)


def _alike(left: Compiled, right: Compiled, node: Comparison) -> tuple[Compiled, Compiled]:
    """Return both operands so that Python compares them as ksqlDB does."""
    kinds = (left.kind, right.kind)
    for temporal in (TIME, TIMESTAMP, DATE):
        if temporal in kinds:
            return _temporal(left, temporal, node.left), _temporal(right, temporal, node.right)
    if DOUBLE in kinds and any(isinstance(kind, DecimalType) for kind in kinds):
        return _beside_double(left, right)
    if DOUBLE in kinds and BIGINT in kinds:
        return _converted(left, DOUBLE), _converted(right, DOUBLE)
    return left, right


def _converted(operand: Compiled, kind: SqlType) -> Compiled:
    if operand.kind in (kind, None):
        return operand
    assert operand.kind is not None  # see above
    return mapped(operand, caster(operand.kind, kind), kind)


def _temporal(operand: Compiled, kind: SqlType, node: Expression) -> Compiled:
    if operand.kind == STRING and operand.is_constant and operand.value is not None:
        return constant(_read(operand.value, kind, node), kind)
    converted = _converted(operand, kind)
    return replace(converted, can_fail=converted.can_fail or operand.kind == STRING)


def _read(text: str, kind: SqlType, node: Expression) -> int:
    try:
        return int(caster(STRING, kind)(text))
    except ValueError as error:
        raise SqlError(
            f"A text that is compared with {kind} is none",
            expected=f"a text such as {_EXAMPLES[kind]}",
            found=repr(text),
            remedy=f"Correct it: {error}.",
            position=node.position,
        ) from error


_EXAMPLES: dict[SqlType, str] = {
    DATE: "'2025-03-01'",
    TIME: "'12:30:00'",
    TIMESTAMP: "'2025-03-01T12:30:00.000'",
}


def _beside_double(left: Compiled, right: Compiled) -> tuple[Compiled, Compiled]:
    known = next((one for one in (left, right) if one.is_constant), None)
    if known is not None and isinstance(known.value, Decimal):
        digits = known.value.as_tuple().digits
        if len(digits) <= _DIGITS_OF_DOUBLE and -300 < known.value.adjusted() < 300:
            return _converted(left, DOUBLE), _converted(right, DOUBLE)
    return _as_decimal(left), _as_decimal(right)


def _as_decimal(operand: Compiled) -> Compiled:
    """Return a double as the decimal number that its shortest text is, as ksqlDB compares it."""
    if operand.kind != DOUBLE:
        return operand
    kind = DecimalType(38, 19)
    return replace(mapped(operand, lambda value: Decimal(repr(value)), kind), can_fail=True)
