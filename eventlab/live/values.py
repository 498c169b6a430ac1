"""Values as a chart takes them: what Python, NumPy and pandas hold, made plain; and their wire."""

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy

from eventlab.errors import UsageError

_AS_THEY_ARE = {str, int, bool, type(None)}
_NUMBERS = {int, float, type(None)}


def plain_values(name: str, column: Iterable) -> list:
    """Return a column's values as JSON has them: moments as milliseconds UTC, missing as None.

    A moment without a time zone is taken as UTC. Raises UsageError for what is no column and for a
    value that no chart can show.
    """
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise UsageError(
            f"The column {name} is no list of values",
            expected="a list, an array or a pandas Series",
            found=f"{type(column).__name__} {column!r:.40}",
        )
    if getattr(getattr(column, "dtype", None), "kind", "") == "M":
        return _moments(column)
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    kinds = set(map(type, values))
    if kinds <= _AS_THEY_ARE:
        return values
    if kinds <= _NUMBERS:
        return [value if value is None or isfinite(value) else None for value in values]
    return [_plain(name, value) for value in values]


def _moments(column: Any) -> list[int | None]:
    # Of a NumPy array of moments `tolist` makes bare numbers, in whatever unit the array has.
    moments = numpy.asarray(column, dtype="datetime64[ms]")
    missing = numpy.isnat(moments)
    return [
        None if gone else number
        for number, gone in zip(moments.astype("int64").tolist(), missing.tolist(), strict=True)
    ]


def _plain(name: str, value: Any) -> Any:
    match value:
        case str() | bool() | None:
            return value
        case int():
            return int(value)
        case float():
            return float(value) if isfinite(value) else None
        case datetime():
            return _milliseconds(value)
        case date():
            return _milliseconds(datetime.combine(value, time.min, UTC))
        case Decimal():
            return _plain(name, float(value))
        case numpy.generic():
            return plain_values(name, numpy.array([value]))[0]
        case list() | tuple():
            return [_plain(name, one) for one in value]
        case dict():
            return {str(key): _plain(name, one) for key, one in value.items()}
        case _ if _is_pandas_missing(value):
            return None
    raise UsageError(
        f"The column {name} holds what no chart can show",
        expected="numbers, words, truth values, moments, None, or lists and dicts of them",
        found=f"{type(value).__name__} {value!r:.40}",
    )


def _milliseconds(moment: datetime) -> int | None:
    if moment != moment:  # pandas.NaT, which is a datetime too
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)


def _is_pandas_missing(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # whoever has such a value has imported it
    return pandas is not None and value is pandas.NA


def packed(columns: dict[str, list]) -> tuple[list[Sequence], list[bytes]]:
    """Return columns for the wire: numbers as little-endian doubles, anything else as it is.

    Each entry is [name, values] or [name, null, number of its buffer]; None among numbers is NaN.
    """
    entries, buffers = [], []
    for name, values in columns.items():
        kinds = set(map(type, values))
        if kinds <= _NUMBERS and kinds != {type(None)}:
            entries.append([name, None, len(buffers)])
            buffers.append(numpy.array(values, "<f8").tobytes())
        else:
            entries.append([name, values])
    return entries, buffers
