"""CAST: what makes a value of one type one of another.

`caster` chooses it once a statement; what it returns takes values that are not NULL, and raises
ValueError or ArithmeticError for one that has no counterpart. Source: ksqlDB's reference, "CAST".
"""

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

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
)

Caster: TypeAlias = Callable[[Any], Any]

# More digits than any decimal type has, so that nothing is rounded on the way.
DIGITS = Context(prec=400, rounding=ROUND_HALF_UP)
_MASKS: dict[SqlType, int] = {INTEGER: 2**32, BIGINT: 2**64}


def wrapped(value: int, kind: SqlType) -> int:
    """Return a whole number within the bits of its type, as Java's overflow leaves it."""
    count = _MASKS[kind]
    return (value + count // 2) % count - count // 2


def caster(found: SqlType, wanted: SqlType, position: Position | None = None) -> Caster:
    """Return what makes values of one type of those of another; raise SqlError if nothing does."""
    cast = _caster(found, wanted)
    if cast is None:
        raise SqlError(
            f"Cast of {found} to {wanted} is not supported",
            expected=f"a type that can be cast to {wanted}",
            found=str(found),
            remedy=_remedy(found, wanted),
            position=position,
        )
    return cast


def fitted(value: Decimal, kind: DecimalType) -> Decimal:
    """Return a decimal number with the digits of its type, rounded; raise if it has too many."""
    try:
        digits = value.quantize(Decimal(1).scaleb(-kind.scale), context=DIGITS)
        rounded = DIGITS.plus(digits)  # which has no zero below zero
    except InvalidOperation:
        raise ValueError(f"{value} does not fit into {kind}") from None
    if rounded.copy_abs() >= Decimal(10) ** (kind.precision - kind.scale):
        raise ValueError(f"{texts.decimal_text(value)} does not fit into {kind}")
    return rounded


def _caster(found: SqlType, wanted: SqlType) -> Caster | None:
    if found == wanted:
        return _same
    if isinstance(found, ArrayType) and isinstance(wanted, ArrayType):
        return _array_caster(found, wanted)
    if isinstance(found, MapType) and isinstance(wanted, MapType):
        return _map_caster(found, wanted)
    if isinstance(found, StructType) and isinstance(wanted, StructType):
        return _struct_caster(found, wanted)
    if wanted == STRING:
        return None if found == BYTES else texts.writer(found)
    if isinstance(wanted, DecimalType):
        return _decimal_caster(found, wanted)
    if isinstance(found, DecimalType):
        return _FROM_DECIMAL.get(wanted)
    return _PLAIN.get((found, wanted))


def _same(value: Any) -> Any:
    return value


def _remedy(found: SqlType, wanted: SqlType) -> str:
    if found == BYTES or wanted == BYTES:
        return "Use FROM_BYTES or TO_BYTES, which say the encoding."
    return "Cast it to STRING first, or take a part of it with [] or ->."


def _null_safe(cast: Caster | None) -> Caster | None:
    if cast is None:
        return None
    return lambda value: None if value is None else cast(value)


def _array_caster(found: ArrayType, wanted: ArrayType) -> Caster | None:
    item = _null_safe(_caster(found.item, wanted.item))
    return None if item is None else lambda values: list(map(item, values))


def _map_caster(found: MapType, wanted: MapType) -> Caster | None:
    key = _null_safe(_caster(found.key, wanted.key))
    value = _null_safe(_caster(found.value, wanted.value))
    if key is None or value is None:
        return None
    return lambda values: {key(name): value(inner) for name, inner in values.items()}


def _struct_caster(found: StructType, wanted: StructType) -> Caster | None:
    fields: dict[str, Caster] = {}
    for name, kind in wanted.fields:
        before = found.field(name)
        field = _null_safe(_nothing if before is None else _caster(before, kind))
        if field is None:
            return None
        fields[name] = field
    return lambda values: {name: field(values.get(name)) for name, field in fields.items()}


def _nothing(value: Any) -> None:
    return None


def _decimal_caster(found: SqlType, wanted: DecimalType) -> Caster | None:
    # Whole numbers and doubles are rounded to the precision first, then to the scale.
    rounded = Context(prec=wanted.precision, rounding=ROUND_HALF_UP)
    if found in (INTEGER, BIGINT):
        return lambda value: fitted(rounded.create_decimal(value), wanted)
    if found == DOUBLE:
        return lambda value: fitted(rounded.create_decimal_from_float(value), wanted)
    if found == STRING:
        return lambda text: fitted(texts.parse_decimal(text), wanted)
    return (lambda value: fitted(value, wanted)) if isinstance(found, DecimalType) else None


def _truncated(value: Decimal) -> int:
    return int(value.to_integral_value(rounding=ROUND_DOWN, context=DIGITS))


def _saturated(value: float, kind: SqlType) -> int:
    """Return a double without its fraction, or the nearest whole number of the type."""
    if value != value:
        return 0
    range_ = texts.INTEGERS[kind]
    if value <= range_.start:
        return range_.start
    return range_.stop - 1 if value >= range_.stop else min(int(value), range_.stop - 1)


_FROM_DECIMAL: dict[SqlType, Caster] = {
    INTEGER: lambda value: wrapped(_truncated(value), INTEGER),
    BIGINT: lambda value: wrapped(_truncated(value), BIGINT),
    DOUBLE: float,
}

_PLAIN: dict[tuple[SqlType, SqlType], Caster] = {
    (INTEGER, BIGINT): _same,
    (INTEGER, DOUBLE): float,
    (BIGINT, INTEGER): lambda value: wrapped(value, INTEGER),
    (BIGINT, DOUBLE): float,
    (DOUBLE, INTEGER): lambda value: _saturated(value, INTEGER),
    (DOUBLE, BIGINT): lambda value: _saturated(value, BIGINT),
    (STRING, BOOLEAN): texts.parse_boolean,
    (STRING, INTEGER): lambda text: texts.parse_whole(text, INTEGER),
    (STRING, BIGINT): lambda text: texts.parse_whole(text, BIGINT),
    (STRING, DOUBLE): texts.parse_double,
    (STRING, TIMESTAMP): texts.parse_timestamp,
    (STRING, TIME): texts.parse_time,
    (STRING, DATE): texts.parse_date,
    (STRING, BYTES): texts.parse_bytes,
    (TIMESTAMP, TIME): lambda moment: moment % texts.DAY,
    (TIMESTAMP, DATE): lambda moment: moment // texts.DAY,
    (DATE, TIMESTAMP): lambda days: days * texts.DAY,
}
