"""Values in Avro's bytes: what makes them of a column's values, and what reads them.

fastavro is given plain types, without logical ones: dates and times are numbers here as in Avro.
"""

from collections.abc import Callable, Sequence
from decimal import Context, Decimal
from typing import Any, TypeAlias

from eventlab.sql.formats.avro_types import Schema
from eventlab.sql.formats.serde import Columns, Unreadable
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
_MICROS = ("time-micros", "timestamp-micros", "local-timestamp-micros")
# From which of Avro's types a value of a column is read.
_TAKEN: dict[SqlType, Sequence[str]] = {
    BOOLEAN: ("boolean",),
    INTEGER: ("int",),
    BIGINT: ("int", "long"),
    DOUBLE: ("float", "double"),
    BYTES: ("bytes", "fixed"),
    DATE: ("int",),
    TIME: ("int", "long"),
    TIMESTAMP: ("int", "long"),
}
_AS_TEXT: dict[str, Convert] = {
    "string": str,
    "enum": str,
    "int": str,
    "long": str,
    "float": double_text,
    "double": double_text,
    "boolean": lambda value: "true" if value else "false",
}


def plain(avro: Any) -> Any:
    """Return a schema without its logical types."""
    if isinstance(avro, list):
        return [plain(one) for one in avro]
    if isinstance(avro, dict):
        return {name: plain(one) for name, one in avro.items() if name != "logicalType"}
    return avro


# -- writing ------------------------------------------------------------------------------------


def writer_of(kind: SqlType) -> Convert | None:
    """Return what makes Avro's value of one that is not NULL, None where it is one already."""
    match kind:
        case DecimalType(_, scale):
            return lambda value: _unscaled(value, scale)
        case ArrayType(item):
            return _array_writer(writer_of(item))
        case MapType(_, value):
            return _map_writer(writer_of(value))
        case StructType(fields):
            return _struct_writer(fields)
    return None


def _unscaled(value: Decimal, scale: int) -> bytes:
    number = int(value.scaleb(scale, _MANY_DIGITS))
    return number.to_bytes((number.bit_length() // 8) + 1, signed=True)


def _array_writer(write: Convert | None) -> Convert | None:
    if write is None:
        return None
    return lambda found: [None if one is None else write(one) for one in found]


def _map_writer(write: Convert | None) -> Convert:
    def entries(found: dict[Any, Any]) -> list[dict[str, Any]]:
        return [
            {"key": key, "value": value if write is None or value is None else write(value)}
            for key, value in found.items()
        ]

    return entries


def _struct_writer(fields: Sequence[tuple[str, SqlType]]) -> Convert | None:
    writers = [(name, write) for name, kind in fields if (write := writer_of(kind))]
    if not writers:
        return None

    def written(found: dict[str, Any]) -> dict[str, Any]:
        changed = {
            name: write(found[name]) for name, write in writers if found.get(name) is not None
        }
        return found | changed

    return written


# -- reading ------------------------------------------------------------------------------------


def columns_reader(columns: Columns, schema: Schema) -> Callable[[Any], list[Any]]:
    """Return what picks columns of a record; names are compared as ksqlDB does, without case.

    A column that the record has not is NULL. Raises Unreadable for one of a type that its column
    is not read from.
    """
    if schema.name != "record":
        raise Unreadable(f"expected a record, found {schema.name}")
    fields = schema.fields()
    by_capitals = {name.upper(): name for name, _ in reversed(fields)}
    types = dict(fields)
    picks: list[tuple[str | None, Convert | None]] = []
    for name, kind in columns:
        found = name if name in types else by_capitals.get(name)
        picks.append((found, None if found is None else _reader(kind, types[found], name)))

    def pick(record: dict[str, Any]) -> list[Any]:
        return [
            None
            if name is None or (value := record[name]) is None
            else value
            if convert is None
            else convert(value)
            for name, convert in picks
        ]

    return pick


def value_reader(name: str, kind: SqlType, schema: Schema) -> Convert:
    """Return what makes a column's value of one of Avro's that is not null. Raises Unreadable."""
    convert = _reader(kind, schema, name)
    return (lambda value: value) if convert is None else convert


def _reader(kind: SqlType, schema: Schema, path: str) -> Convert | None:
    """Return what reads a value, None where it is taken as it is."""
    match kind:
        case StructType(fields) if schema.name == "record":
            return _struct_reader(fields, schema)
        case ArrayType(item) if schema.name == "array":
            return _array_reader(_reader(item, schema.items(), path))
        case MapType(_, value):
            return _map_reader(value, schema, path)
        case DecimalType() if schema.is_decimal:
            return _decimal_reader(kind, schema)
    if kind == STRING and schema.name in _AS_TEXT:
        return None if schema.name in ("string", "enum") else _AS_TEXT[schema.name]
    if schema.name not in _TAKEN.get(kind, ()):
        raise _misfit(kind, schema, path)
    if kind in (TIME, TIMESTAMP) and schema.logical in _MICROS:
        return lambda micros: micros // 1000
    return None


def _misfit(kind: SqlType, schema: Schema, path: str) -> Unreadable:
    logical = f" ({schema.logical})" if schema.logical else ""
    return Unreadable(f"{path} is of type {kind}, and in the schema it is {schema.name}{logical}")


def _struct_reader(fields: Sequence[tuple[str, SqlType]], schema: Schema) -> Convert:
    names = [name for name, _ in fields]
    pick = columns_reader(fields, schema)
    return lambda record: dict(zip(names, pick(record), strict=True))


def _array_reader(convert: Convert | None) -> Convert | None:
    if convert is None:
        return None
    return lambda found: [None if one is None else convert(one) for one in found]


def _map_reader(kind: SqlType, schema: Schema, path: str) -> Convert:
    entry = schema.entry() if schema.name == "array" else None
    if entry is None and schema.name != "map":
        raise _misfit(MapType(STRING, kind), schema, path)
    values = schema.values() if entry is None else entry["value"]
    convert = value_reader(path, kind, values)
    if entry is None:
        return lambda found: {
            key: None if value is None else convert(value) for key, value in found.items()
        }
    return lambda found: {
        one["key"]: None if one["value"] is None else convert(one["value"]) for one in found
    }


def _decimal_reader(kind: DecimalType, schema: Schema) -> Convert:
    exponent = -schema.avro.get("scale", 0)
    unit = Decimal(1).scaleb(-kind.scale)
    limit = Decimal(10) ** (kind.precision - kind.scale)

    def convert(data: bytes) -> Decimal:
        digits = str(int.from_bytes(data, signed=True))
        found = Decimal(f"{digits}E{exponent}")
        rounded = found.quantize(unit, context=_MANY_DIGITS)
        if rounded != found or found.copy_abs() >= limit:
            raise Unreadable(f"the number {found} does not fit into {kind}")
        return rounded

    return convert
