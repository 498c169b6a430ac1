"""Which type holds the values of several: the types of operations, lists and branches.

A wider number type holds the values of a narrower one: INTEGER, BIGINT, DECIMAL, DOUBLE. What is
written out is less strict than what is computed: anything of it becomes a text where texts stand, a
text that is a number becomes a number where numbers stand. Source: ksqlDB's reference, "Type
coercion and casting".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql import texts
from eventlab.sql.syntax import Position
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
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

_FROM_TEXT = (TIMESTAMP, TIME, DATE, BYTES)
_TO_TEXT = (BOOLEAN, INTEGER, BIGINT, DOUBLE, TIMESTAMP, TIME, DATE)


@dataclass(frozen=True)
class Typed:
    """What is known of an expression before the first row.

    `is_literal` is a value that is written out; `items`, `pairs` and `fields` are the parts of an
    array, a map or a struct that is written out.
    """

    kind: SqlType | None
    is_literal: bool = False
    value: Any = None
    items: tuple["Typed", ...] = ()
    pairs: tuple[tuple["Typed", "Typed"], ...] = ()
    fields: tuple[tuple[str, "Typed"], ...] = ()


def as_decimal(kind: SqlType) -> DecimalType:
    """Return the decimal type that holds the values of an exact number type."""
    if isinstance(kind, DecimalType):
        return kind
    return DecimalType(10, 0) if kind == INTEGER else DecimalType(19, 0)


def wider(one: SqlType, other: SqlType) -> SqlType | None:
    """Return the number type that holds the values of two, None where there is none."""
    if not (is_number(one) and is_number(other)):
        return None
    if DOUBLE in (one, other):
        return DOUBLE
    if isinstance(one, DecimalType) or isinstance(other, DecimalType):
        first = as_decimal(one)
        second = as_decimal(other)
        whole = max(first.precision - first.scale, second.precision - second.scale)
        scale = max(first.scale, second.scale)
        return DecimalType(whole + scale, scale)
    return BIGINT if BIGINT in (one, other) else INTEGER


def arithmetic_kind(operator: str, left: SqlType | None, right: SqlType | None) -> SqlType | None:
    """Return the type of an operation's result, None where the operands do not fit.

    Decimal numbers get as many digits as their result may need.
    """
    if operator == "+" and left == STRING and right == STRING:
        return STRING
    if left is None or right is None:
        return None
    result = wider(left, right)
    if not isinstance(result, DecimalType):
        return result
    return _decimal_result(operator, as_decimal(left), as_decimal(right))


def _decimal_result(operator: str, left: DecimalType, right: DecimalType) -> DecimalType:
    scale = max(left.scale, right.scale)
    left_whole = left.precision - left.scale
    right_whole = right.precision - right.scale
    if operator in ("+", "-"):
        return DecimalType(scale + max(left_whole, right_whole) + 1, scale)
    if operator == "*":
        return DecimalType(left.precision + right.precision + 1, left.scale + right.scale)
    if operator == "/":
        digits = max(6, left.scale + right.precision + 1)
        return DecimalType(left_whole + right.scale + digits, digits)
    return DecimalType(min(left_whole, right_whole) + scale, scale)


def common_kind(parts: Sequence[Typed], position: Position | None = None) -> SqlType | None:
    """Return the type to which all parts can be converted, None if they are all NULL.

    The first that is not NULL says which kind of type it is. Raise SqlError where one of the
    others does not fit.
    """
    common: SqlType | None = None
    for part in parts:
        if part.kind is None:
            continue
        found = part.kind if common is None else _common(common, part, position)
        if found is None:
            raise mismatch(common, part, position)
        common = found
    return common


def mismatch(common: SqlType | None, part: Typed, position: Position | None) -> SqlError:
    """Return the error that a part does not fit those before it."""
    value = f" {part.value!r}" if part.is_literal else ""
    return SqlError(
        "Types do not fit together",
        expected=f"{common}, as what stands before",
        found=f"{part.kind}{value}",
        remedy=f"Cast it: CAST(… AS {common}).",
        position=position,
    )


def _common(target: SqlType, part: Typed, position: Position | None) -> SqlType | None:
    """Return what holds the values of a type and of a part, None where nothing does."""
    if part.items and isinstance(target, ArrayType):
        item = common_kind([Typed(target.item), *part.items], position)
        return None if item is None else ArrayType(item)
    if part.pairs and isinstance(target, MapType):
        key = common_kind([Typed(target.key), *(key for key, _ in part.pairs)], position)
        value = common_kind([Typed(target.value), *(value for _, value in part.pairs)], position)
        return None if key is None or value is None else MapType(key, value)
    if part.fields and isinstance(target, StructType):
        return _common_struct(target, dict(part.fields), position)
    if part.is_literal and part.kind == STRING:
        if is_number(target):
            number = texts.number_kind(part.value)
            return None if number is None else wider(target, number)
        if target == BOOLEAN:
            return BOOLEAN if texts.exact_boolean(part.value) is not None else None
    assert part.kind is not None  # the caller leaves NULL out
    return _simple(target, part.kind, is_literal=part.is_literal)


def _common_struct(
    target: StructType, parts: dict[str, Typed], position: Position | None
) -> StructType | None:
    fields: list[tuple[str, SqlType]] = []
    for name in dict.fromkeys([*parts, *(name for name, _ in target.fields)]):
        before = target.field(name)
        both = [Typed(before), parts[name]] if name in parts else [Typed(before)]
        kind = common_kind(both, position)
        if kind is None:
            return None
        fields.append((name, kind))
    return StructType(tuple(fields))


def _simple(target: SqlType, found: SqlType, *, is_literal: bool) -> SqlType | None:
    if target == found:
        return target
    number = wider(target, found)
    if number is not None:
        return number
    if isinstance(target, ArrayType) and isinstance(found, ArrayType):
        item = _simple(target.item, found.item, is_literal=is_literal)
        return None if item is None else ArrayType(item)
    if isinstance(target, MapType) and isinstance(found, MapType):
        key = _simple(target.key, found.key, is_literal=is_literal)
        value = _simple(target.value, found.value, is_literal=is_literal)
        return None if key is None or value is None else MapType(key, value)
    if isinstance(target, StructType) and isinstance(found, StructType):
        return _common_struct(target, {name: Typed(kind) for name, kind in found.fields}, None)
    if found == STRING and target in _FROM_TEXT:
        return target
    is_text = found in _TO_TEXT or isinstance(found, DecimalType)
    if is_literal and target == STRING and is_text:
        return STRING
    return found if target == STRING and found in _FROM_TEXT else None
