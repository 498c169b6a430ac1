"""JSON: an object with a field for each column, or a single column by itself."""

import base64
import binascii
import math
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from eventlab.sql.formats.serde import Columns, Serde, Unreadable, Values
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
_INTEGERS = {INTEGER: 2**31, BIGINT: 2**63, DATE: 2**31, TIME: 2**31, TIMESTAMP: 2**63}

_encode = msgspec.json.Encoder(decimal_format="number").encode
# A decimal number keeps all of its digits.
_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def json_serde(columns: Columns, *, is_wrapped: bool) -> Serde:
    """Return the JSON of columns; a single one that is not wrapped stands by itself."""
    if is_wrapped:
        return Serde(_object_reader(columns), _object_writer(columns))
    ((_, kind),) = columns
    convert = reader_of(kind)

    def read(data: bytes) -> list[Any] | None:
        found = _decoded(data)
        return None if found is None else [convert(found)]

    prepare = writer_of(kind)

    def write(values: Values) -> bytes | None:
        return None if values[0] is None else _encode(prepare(values[0]) if prepare else values[0])

    return Serde(read, write)


def _object_reader(columns: Columns) -> Callable[[bytes], list[Any] | None]:
    pick = _fields_reader([(name, reader_of(kind)) for name, kind in columns])

    def read(data: bytes) -> list[Any] | None:
        found = _decoded(data)
        if found is None:
            return None
        if not isinstance(found, dict):
            raise Unreadable(f"expected a JSON object, found {_shown(found)}")
        return pick(found)

    return read


def _fields_reader(fields: list[tuple[str, Convert]]) -> Callable[[dict[str, Any]], list[Any]]:
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


def _object_writer(columns: Columns) -> Callable[[Values], bytes | None]:
    names = [name for name, _ in columns]
    prepared = [(name, prepare) for name, kind in columns if (prepare := writer_of(kind))]

    def write(values: Values) -> bytes | None:
        fields = dict(zip(names, values, strict=True))
        for name, prepare in prepared:
            if fields[name] is not None:
                fields[name] = prepare(fields[name])
        return _encode(fields)

    return write


def _decoded(data: bytes) -> Any:
    try:
        return _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"it is no JSON: {error}") from None


# -- types --------------------------------------------------------------------------------------


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
    raise Unreadable(f"expected true or false, found {_shown(found)}")


def _double(found: Any) -> float:
    if isinstance(found, (int, float, Decimal, str)) and not isinstance(found, bool):
        try:
            return float(found)
        except (ValueError, OverflowError):
            pass
    raise Unreadable(f"expected a number, found {_shown(found)}")


def _text(found: Any) -> str:
    return found if isinstance(found, str) else _encode(found).decode()


def _bytes(found: Any) -> bytes:
    try:
        return base64.b64decode(found, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise Unreadable(f"expected base64, found {_shown(found)}") from None


_PLAIN: dict[SqlType, Convert] = {
    BOOLEAN: _boolean,
    DOUBLE: _double,
    STRING: _text,
    BYTES: _bytes,
}


def _whole_number_reader(limit: int) -> Convert:
    def convert(found: Any) -> int:
        number = found
        if type(number) is not int:
            if isinstance(found, bool) or not isinstance(found, (str, Decimal, float)):
                raise Unreadable(f"expected a whole number, found {_shown(found)}")
            try:
                number = int(found)
            except (ValueError, OverflowError):
                raise Unreadable(f"expected a whole number, found {_shown(found)}") from None
        if -limit <= number < limit:
            return int(number)
        raise Unreadable(f"the number {number} is too large for its column")

    return convert


def _decimal_reader(kind: DecimalType) -> Convert:
    unit = Decimal(1).scaleb(-kind.scale)
    limit = Decimal(10) ** (kind.precision - kind.scale)

    def convert(found: Any) -> Decimal:
        if isinstance(found, bool) or not isinstance(found, (int, float, Decimal, str)):
            raise Unreadable(f"expected a number, found {_shown(found)}")
        try:
            number = Decimal(str(found)).quantize(unit, ROUND_HALF_UP, _MANY_DIGITS)
        except (InvalidOperation, ValueError):
            raise Unreadable(f"expected a number, found {_shown(found)}") from None
        if abs(number) < limit:
            return number
        raise Unreadable(f"the number {found} has more digits than {kind}")

    return convert


def _array_reader(kind: ArrayType) -> Convert:
    convert_item = reader_of(kind.item)

    def convert(found: Any) -> list[Any]:
        if not isinstance(found, list):
            raise Unreadable(f"expected an array, found {_shown(found)}")
        return [None if one is None else convert_item(one) for one in found]

    return convert


def _map_reader(kind: MapType) -> Convert:
    convert_key = reader_of(kind.key)
    convert_value = reader_of(kind.value)

    def convert(found: Any) -> dict[Any, Any]:
        if not isinstance(found, dict):
            raise Unreadable(f"expected an object, found {_shown(found)}")
        return {
            convert_key(key): None if value is None else convert_value(value)
            for key, value in found.items()
        }

    return convert


def _struct_reader(kind: StructType) -> Convert:
    names = [name for name, _ in kind.fields]
    pick = _fields_reader([(name, reader_of(inner)) for name, inner in kind.fields])

    def convert(found: Any) -> dict[str, Any]:
        if not isinstance(found, dict):
            raise Unreadable(f"expected an object, found {_shown(found)}")
        return dict(zip(names, pick(found), strict=True))

    return convert


def _shown(found: Any) -> str:
    return f"{_encode(found).decode():.60}"
