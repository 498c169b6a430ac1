"""JSON of values: what a type is read from, and what it is written as."""

import base64
import binascii
import math
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.texts import double_text
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

Convert: TypeAlias = Callable[[Any], Any]

_MANY_DIGITS = Context(prec=100)
_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_MOST_DIGITS = 40
_INTEGERS = {INTEGER: 2**31, BIGINT: 2**63, DATE: 2**31, TIME: 2**31, TIMESTAMP: 2**63}

encode = msgspec.json.Encoder(decimal_format="number").encode


def exact_number(text: str) -> Decimal:
    """Return a number with all of its digits."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Unreadable(f"the number {text:.40} is too large") from None


def fields_reader(fields: list[tuple[str, Convert]]) -> Callable[[dict[str, Any]], list[Any]]:
    """Return what picks fields from an object; names are compared as ksqlDB does, without case."""
    names = {name for name, _ in fields}

    def pick(found: dict[str, Any]) -> list[Any]:
        if not found.keys() <= names:
            found = {name.upper(): value for name, value in found.items()} | found
        get = found.get
        return [
            None if (value := get(name)) is None else convert(value) for name, convert in fields
        ]

    return pick


def reader_of(kind: SqlType) -> Convert:
    """Return what makes a value of a type from JSON that is not null; it raises Unreadable."""
    if kind in _INTEGERS:
        return _whole_number_reader(_INTEGERS[kind])
    if isinstance(kind, DecimalType):
        return _decimal_reader(kind)
    if isinstance(kind, ArrayType):
        return _array_reader(kind)
    if isinstance(kind, MapType):
        return _map_reader(kind)
    if isinstance(kind, StructType):
        return _struct_reader(kind)
    return _PLAIN[kind]


def writer_of(kind: SqlType) -> Convert | None:
    """Return what makes JSON of a value that is not NULL, None where the value is JSON already."""
    if kind == DOUBLE:
        return _finite
    if isinstance(kind, ArrayType):
        return _array_writer(kind)
    if isinstance(kind, MapType):
        return _map_writer(kind)
    if isinstance(kind, StructType):
        return _struct_writer(kind)
    return None


def _finite(value: float) -> float | str:
    """Return a number, or as text what JSON has no number for, as Jackson does."""
    return value if math.isfinite(value) else double_text(value)


def finite(value: Any) -> Any:
    """Return any value with text where JSON has no number for what stands in it."""
    if isinstance(value, float):
        return _finite(value)
    if isinstance(value, list):
        return [finite(one) for one in value]
    if isinstance(value, dict):
        return {name: finite(one) for name, one in value.items()}
    return value


def _array_writer(kind: ArrayType) -> Convert | None:
    prepare = writer_of(kind.item)
    if prepare is None:
        return None
    return lambda found: [None if one is None else prepare(one) for one in found]


def _map_writer(kind: MapType) -> Convert:
    prepare = writer_of(kind.value)

    def write(found: dict[Any, Any]) -> dict[Any, Any]:
        if prepare is not None:
            found = {k: None if value is None else prepare(value) for k, value in found.items()}
        return {"null" if key is None else key: value for key, value in found.items()}

    return write


def _struct_writer(kind: StructType) -> Convert | None:
    prepared = [(name, prepare) for name, inner in kind.fields if (prepare := writer_of(inner))]
    if not prepared:
        return None

    def write(found: dict[str, Any]) -> dict[str, Any]:
        changed = {
            name: prepare(found[name]) for name, prepare in prepared if found.get(name) is not None
        }
        return found | changed

    return write


def _boolean(found: Any) -> bool:
    if isinstance(found, bool):
        return found
    raise Unreadable(f"expected true or false, found {shown(found)}")


def _double(found: Any) -> float:
    if isinstance(found, (int, float, Decimal, str)) and not isinstance(found, bool):
        try:
            return float(found)
        except (ValueError, OverflowError):
            pass
    raise Unreadable(f"expected a number, found {shown(found)}")


def _text(found: Any) -> str:
    return found if isinstance(found, str) else encode(found).decode()


def _bytes(found: Any) -> bytes:
    try:
        return base64.b64decode(found, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Unreadable(f"expected base64, found {shown(found)}") from None


_PLAIN: dict[SqlType, Convert] = {
    BOOLEAN: _boolean,
    DOUBLE: _double,
    STRING: _text,
    BYTES: _bytes,
}


def _whole_number_reader(limit: int) -> Convert:
    def convert(found: Any) -> int:
        number = found if type(found) is int else _whole_number(found)
        if -limit <= number < limit:
            return number
        raise Unreadable(f"the number {shown(found)} is too large for its column")

    return convert


def _whole_number(found: Any) -> int:
    if isinstance(found, str) and _WHOLE.fullmatch(found):
        return int(found)
    # A number with an exponent may be longer than any memory.
    if isinstance(found, Decimal) and found.adjusted() < _MOST_DIGITS:
        return int(found)
    raise Unreadable(f"expected a whole number, found {shown(found)}")


def _decimal_reader(kind: DecimalType) -> Convert:
    unit = Decimal(1).scaleb(-kind.scale)
    limit = Decimal(10) ** (kind.precision - kind.scale)

    def convert(found: Any) -> Decimal:
        if isinstance(found, bool) or not isinstance(found, (int, float, Decimal, str)):
            raise Unreadable(f"expected a number, found {shown(found)}")
        try:
            rounded = Decimal(str(found)).quantize(unit, ROUND_HALF_UP, _MANY_DIGITS)
            number = _MANY_DIGITS.plus(rounded)  # which has no zero below zero
        except (InvalidOperation, ValueError):
            raise Unreadable(f"expected a number, found {shown(found)}") from None
        if number.is_finite() and number.copy_abs() < limit:
            return number
        raise Unreadable(f"the number {shown(found)} has more digits than {kind}")

    return convert


def _array_reader(kind: ArrayType) -> Convert:
    convert_item = reader_of(kind.item)

    def convert(found: Any) -> list[Any]:
        if not isinstance(found, list):
            raise Unreadable(f"expected an array, found {shown(found)}")
        return [None if one is None else convert_item(one) for one in found]

    return convert


def _map_reader(kind: MapType) -> Convert:
    convert_key = reader_of(kind.key)
    convert_value = reader_of(kind.value)

    def convert(found: Any) -> dict[Any, Any]:
        if not isinstance(found, dict):
            raise Unreadable(f"expected an object, found {shown(found)}")
        return {
            convert_key(key): None if value is None else convert_value(value)
            for key, value in found.items()
        }

    return convert


def _struct_reader(kind: StructType) -> Convert:
    names = [name for name, _ in kind.fields]
    pick = fields_reader([(name, reader_of(inner)) for name, inner in kind.fields])

    def convert(found: Any) -> dict[str, Any]:
        if not isinstance(found, dict):
            raise Unreadable(f"expected an object, found {shown(found)}")
        return dict(zip(names, pick(found), strict=True))

    return convert


def shown(found: Any) -> str:
    """Return the beginning of what was found, for a message."""
    try:
        return f"{encode(found).decode():.60}"
    except ValueError:
        return "a number of thousands of digits"
