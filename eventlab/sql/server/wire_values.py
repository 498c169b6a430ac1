"""Values and types as ksqlDB's REST API writes them in JSON."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from eventlab.sql.formats.json_values import writer_of
from eventlab.sql.planning.rows import Field
from eventlab.sql.texts import date_text, time_text, timestamp_text
from eventlab.sql.types import (
    DATE,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
)

Convert: TypeAlias = Callable[[Any], Any]
Entity: TypeAlias = dict[str, Any]  # an object, as one statement answers with it

encode = msgspec.json.Encoder(decimal_format="number").encode

_TIMES: dict[SqlType, Convert] = {DATE: date_text, TIME: time_text, TIMESTAMP: timestamp_text}


def row_writer(columns: Sequence[Field]) -> Callable[[Sequence[Any]], list[Any]]:
    """Return what makes a row ready for JSON: times as texts, bytes as base64."""
    converts = [_convert(column.kind) for column in columns]

    def write(row: Sequence[Any]) -> list[Any]:
        return [convert(value) for convert, value in zip(converts, row, strict=True)]

    return write


def _convert(kind: SqlType) -> Convert:
    inner = _inner(kind)
    return lambda value: None if value is None else inner(value)


def _inner(kind: SqlType) -> Convert:
    match kind:
        case ArrayType(item):
            convert = _convert(item)
            return lambda value: [convert(one) for one in value]
        case MapType(_, of):
            convert = _convert(of)
            return lambda value: {
                "null" if key is None else key: convert(one) for key, one in value.items()
            }
        case StructType(fields):
            converts = {name: _convert(of) for name, of in fields}
            return lambda value: {
                name: convert(value.get(name)) for name, convert in converts.items()
            }
        case _:
            return _TIMES.get(kind) or writer_of(kind) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


def schema_of(kind: SqlType) -> dict[str, Any]:
    """Return the object by which DESCRIBE says what a type is."""
    schema: dict[str, Any] = {"type": "", "fields": None, "memberSchema": None}
    match kind:
        case ArrayType(item):
            return schema | {"type": "ARRAY", "memberSchema": schema_of(item)}
        case MapType(_, of):
            return schema | {"type": "MAP", "memberSchema": schema_of(of)}
        case StructType(fields):
            inner = [{"name": name, "schema": schema_of(of)} for name, of in fields]
            return schema | {"type": "STRUCT", "fields": inner}
        case DecimalType(precision, scale):
            digits = {"precision": precision, "scale": scale}
            return schema | {"type": "DECIMAL", "parameters": digits}
        case _:
            return schema | {"type": str(kind)}


def schema_text(columns: Sequence[Field]) -> str:
    """Return columns as the header of `/query` has them."""
    return ", ".join(f"`{column.name}` {column.kind}" for column in columns)
