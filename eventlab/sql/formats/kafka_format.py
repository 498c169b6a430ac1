"""KAFKA: one column as Kafka's own serializers write it."""

import struct
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.formats.serde import Columns, Serde, Unreadable, Values
from eventlab.sql.types import BIGINT, BYTES, DOUBLE, INTEGER, STRING, SqlType

_STRUCTS: dict[SqlType, struct.Struct] = {
    INTEGER: struct.Struct(">i"),
    BIGINT: struct.Struct(">q"),
    DOUBLE: struct.Struct(">d"),
}


def kafka_serde(columns: Columns) -> Serde:
    """Return the bytes of a single column. Raises SqlError for several, or another type."""
    if len(columns) != 1:
        raise SqlError(
            "The format KAFKA holds a single column",
            expected="one column",
            found=f"{len(columns)}: {', '.join(name for name, _ in columns)}",
            remedy="Use JSON or DELIMITED, which hold several.",
        )
    ((name, kind),) = columns
    if kind in _STRUCTS:
        return _numbers(_STRUCTS[kind])
    if kind == STRING:
        return Serde(_read_text, lambda values: _optional(values, str.encode))
    if kind == BYTES:
        return Serde(lambda data: [data], lambda values: _optional(values, bytes))
    raise SqlError(
        f"The format KAFKA cannot hold the column {name}",
        expected="INTEGER, BIGINT, DOUBLE, STRING or BYTES",
        found=str(kind),
        remedy="Use JSON, which holds every type.",
    )


def _numbers(form: struct.Struct) -> Serde:
    def read(data: bytes) -> list[Any] | None:
        if len(data) != form.size:
            raise Unreadable(f"expected {form.size} bytes, found {len(data)}")
        return list(form.unpack(data))

    return Serde(read, lambda values: _optional(values, form.pack))


def _read_text(data: bytes) -> list[Any] | None:
    try:
        return [data.decode()]
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is no text: {error}") from None


def _optional(values: Values, convert: Any) -> bytes | None:
    return None if values[0] is None else convert(values[0])
