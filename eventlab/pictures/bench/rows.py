"""From rows of any kind to events on the bench; the order of the rows is that of arrival."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

import pandas

from eventlab.arguments import is_missing
from eventlab.errors import UsageError
from eventlab.moments import from_milliseconds
from eventlab.pictures.bench.scenario import Event

Column: TypeAlias = "pandas.Series[Any]"


def events_of(
    rows: pandas.DataFrame | Iterable[Event | Mapping[str, Any]],
    *,
    time: str = "timestamp",
    key: str = "key",
    value: str | None = None,
    side: str | None = None,
) -> tuple[Event, ...]:
    """Return events made of rows, numbered from 1 in the order in which they stand.

    The arguments name the columns. Times are moments (without a zone, UTC) or milliseconds since
    1970. Without a column of keys all events have the same one. Raises UsageError.
    """
    if not isinstance(rows, pandas.DataFrame):
        listed = list(rows)
        events = [row for row in listed if isinstance(row, Event)]
        if len(events) == len(listed):
            return tuple(events)
        rows = pandas.DataFrame(listed)
    _require(rows, [time, *(name for name in (value, side) if name is not None)])
    columns = {
        "time": _moments(time, rows[time]),
        "key": [_word(one) for one in rows[key].tolist()] if key in rows else [""] * len(rows),
        "value": [None] * len(rows) if value is None else _numbers(value, rows[value]),
        "side": ["left"] * len(rows) if side is None else rows[side].tolist(),
    }
    return tuple(
        Event(id=str(number), **dict(zip(columns, row, strict=True)))
        for number, row in enumerate(zip(*columns.values(), strict=True), 1)
    )


def _require(rows: pandas.DataFrame, names: list[str]) -> None:
    missing = [name for name in names if name not in rows]
    if missing:
        raise UsageError(
            f"The events have no column {missing[0]!r}",
            expected=", ".join(map(repr, names)),
            found=", ".join(map(repr, rows.columns)) or "no column at all",
            remedy='Name the one with the event time: time="order_time".',
        )


def _moments(name: str, column: Column) -> list[datetime]:
    try:
        if pandas.api.types.is_numeric_dtype(column):
            moments = pandas.to_datetime(column, utc=True, unit="ms")
        else:
            moments = _from_words(column)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"The column {name!r} holds no times",
            expected="moments, or milliseconds since 1970",
            found=str(error),
            remedy='Name the column with the event time: time="order_time".',
        ) from None
    if moments.isna().any():
        raise UsageError(
            f"The column {name!r} has gaps",
            expected="a time in every row",
            found=f"{int(moments.isna().sum())} rows without one",
            remedy=f"Leave those out: .dropna(subset=[{name!r}]).",
        )
    numbers = moments.astype("datetime64[ms, UTC]").astype("int64")
    return [from_milliseconds(number) for number in numbers.tolist()]


def _from_words(column: Column) -> Column:
    # Of each text its own form is taken: in a column of ISO times some have fractions of seconds.
    try:
        return pandas.to_datetime(column, utc=True, format="ISO8601")
    except (ValueError, TypeError):
        return pandas.to_datetime(column, utc=True)


def _word(key: Any) -> str:
    return "" if is_missing(key) else str(key)


def _numbers(name: str, column: Column) -> list[float | None]:
    try:
        numbers = pandas.to_numeric(column)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"The column {name!r} holds no numbers",
            expected="numbers",
            found=str(error),
            remedy='Name another column, value="amount", or none to count the events.',
        ) from None
    return [None if pandas.isna(number) else float(number) for number in numbers]
