"""Values as a chart takes them: what Python, NumPy and pandas hold, made plain; and their wire."""

import struct
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite, nan
from typing import Any

import numpy

from eventlab.errors import UsageError, shown
from eventlab.moments import milliseconds

_AS_THEY_ARE = {str, int, bool, type(None)}
_NUMBERS = {int, float, type(None)}
_GREATEST = 2**53  # beyond it a page, whose numbers are doubles, cannot tell one from the next
_DEEPEST = 32  # levels of nesting, far more than anybody can look at


def plain_values(name: str, column: Iterable[Any]) -> list[Any]:
    """Return a column's values as JSON has them: moments as milliseconds UTC, missing as None.

    A moment without a time zone is taken as UTC. Whole numbers beyond 2**53, which a page would
    round, become words; nesting is cut where it is too deep. Raises UsageError for
    what is no column and for a value that no chart can show.
    """
    if isinstance(column, str | bytes) or not isinstance(column, Iterable):
        raise UsageError(
            f"The column {name} is no list of values",
            expected="a list, an array or a pandas Series",
            found=f"{type(column).__name__} {shown(column, 40)}",
            remedy=f"Put brackets around a single value: {name}=[...].",
        )
    if getattr(getattr(column, "dtype", None), "kind", "") == "M":
        return _moments(column)
    values = column.tolist() if hasattr(column, "tolist") else list(column)
    kinds = set(map(type, values))
    whole = [value for value in values if type(value) is int] if int in kinds else [0]
    is_exact = _is_exact(min(whole)) and _is_exact(max(whole))
    if kinds <= _AS_THEY_ARE and is_exact:
        return values
    if kinds <= _NUMBERS and is_exact:
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


def moment_values(name: str, column: Iterable[Any]) -> tuple[list[float | None], Any]:
    """Return a column of moments in milliseconds, and the first value that is no moment.

    Moments as ISO 8601 writes them are taken too. What is none becomes None.
    """
    moments: list[float | None] = []
    wrong: Any = None
    for value in plain_values(name, column):
        moment = _moment(value)
        moments.append(moment)
        if moment is None and wrong is None:
            wrong = value
    return moments, wrong


def _moment(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    try:
        return _milliseconds(datetime.fromisoformat(value))
    except (ValueError, OverflowError):
        return None


def in_words(value: Any) -> str:
    """Return a value as words, however deep it is nested."""
    try:
        return str(value)
    except (RecursionError, ValueError):  # or a number of more digits than Python writes
        return "…"


def _is_exact(value: Any) -> bool:
    return not isinstance(value, int) or -_GREATEST <= value <= _GREATEST


def _plain(name: str, value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        return "…"
    match value:
        case str() | bool() | None:
            return value
        case int():
            return int(value) if _is_exact(value) else in_words(int(value))
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
            return [_plain(name, one, depth + 1) for one in value]
        case dict():
            return {str(key): _plain(name, one, depth + 1) for key, one in value.items()}
        case _ if _is_pandas_missing(value):
            return None
    raise UsageError(
        f"The column {name} holds what no chart can show",
        expected="numbers, words, truth values, moments, None, or lists and dicts of them",
        found=f"{type(value).__name__} {shown(value, 40)}",
        remedy="Push its fields as columns of their own, or str() of it.",
    )


def _milliseconds(moment: datetime) -> int | None:
    if moment != moment:  # pandas.NaT, which is a datetime too
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return milliseconds(aware)


def _is_pandas_missing(value: Any) -> bool:
    pandas = sys.modules.get("pandas")  # whoever has such a value has imported it
    return pandas is not None and value is pandas.NA


def packed(columns: dict[str, list[Any]]) -> tuple[list[Sequence[Any]], list[bytes]]:
    """Return columns for the wire: numbers as little-endian doubles, anything else as it is.

    Each entry is [name, values] or [name, null, number of its buffer]; None among numbers is NaN.
    """
    entries: list[Sequence[Any]] = []
    buffers: list[bytes] = []
    for name, values in columns.items():
        kinds = set(map(type, values))
        if kinds <= _NUMBERS and kinds != {type(None)}:
            entries.append([name, None, len(buffers)])
            buffers.append(_doubles([nan if value is None else value for value in values]))
        else:
            entries.append([name, values])
    return entries, buffers


def _doubles(numbers: list[float]) -> bytes:
    return struct.pack(f"<{len(numbers)}d", *numbers)
