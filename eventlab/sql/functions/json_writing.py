"""TO_JSON_STRING: any value as JSON, by its type, since a date is a number like any other.

Source: ksqlDB's reference, "Scalar functions".
"""

import base64
import json
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.signatures import ArgumentType
from eventlab.sql.texts import date_text, decimal_text, double_text, time_text, timestamp_text
from eventlab.sql.types import (
    BYTES,
    DATE,
    DOUBLE,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
)

Writer: TypeAlias = Callable[[Any], str]


@scalar(
    "TO_JSON_STRING",
    "(value ANY) STRING",
    "Write any value as JSON.",
    takes_null=True,
    by_types=True,
)
def to_json(kinds: Sequence[ArgumentType]) -> Writer:
    """Return what writes values of a type as JSON without blanks."""
    kind = kinds[0]
    return _null if kind is None else _or_null(_writer(kind))  # type: ignore[arg-type]


def _writer(kind: SqlType) -> Writer:
    if isinstance(kind, ArrayType):
        return _array_writer(_or_null(_writer(kind.item)))
    if isinstance(kind, MapType):
        return _map_writer(_or_null(_writer(kind.value)))
    if isinstance(kind, StructType):
        return _struct_writer({name: _or_null(_writer(one)) for name, one in kind.fields})
    if isinstance(kind, DecimalType):
        return decimal_text
    return _WRITERS.get(kind, _text)


def _null(value: Any) -> str:
    return "null"


def _or_null(writer: Writer) -> Writer:
    return lambda value: "null" if value is None else writer(value)


def _array_writer(item: Writer) -> Writer:
    return lambda value: f"[{','.join(map(item, value))}]"


def _map_writer(writer: Writer) -> Writer:
    def write(value: dict[Any, Any]) -> str:
        entries = sorted((str(key), one) for key, one in value.items())
        return _object(f"{_text(key)}:{writer(one)}" for key, one in entries)

    return write


def _struct_writer(writers: dict[str, Writer]) -> Writer:
    ordered = sorted(writers.items())

    def write(value: dict[str, Any]) -> str:
        return _object(f"{_text(name)}:{writer(value.get(name))}" for name, writer in ordered)

    return write


def _object(fields: Any) -> str:
    return f"{{{','.join(fields)}}}"


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _double(value: float) -> str:
    text = double_text(value)
    return text if math.isfinite(value) else f'"{text}"'


def _bytes(value: bytes) -> str:
    return f'"{base64.b64encode(value).decode("ascii")}"'


_WRITERS: dict[SqlType, Writer] = {
    BYTES: _bytes,
    DATE: lambda days: f'"{date_text(days)}"',
    DOUBLE: _double,
    TIME: lambda clock: f'"{time_text(clock)}"',
    TIMESTAMP: lambda moment: f'"{timestamp_text(moment)}"',
}
