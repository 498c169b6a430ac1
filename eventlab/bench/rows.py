"""From rows of any kind to events on the bench; the order of the rows is that of arrival."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pandas

from eventlab.bench.scenario import EPOCH, Event
from eventlab.errors import UsageError


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
        if all(isinstance(row, Event) for row in listed):
            return tuple(listed)
        rows = pandas.DataFrame(listed)
    _require(rows, [time, *(name for name in (value, side) if name is not None)])
    columns = {
        "time": _moments(time, rows[time]),
        "key": rows[key].map(str).tolist() if key in rows else [""] * len(rows),
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


def _moments(name: str, column: pandas.Series) -> list:
    try:
        unit = "ms" if pandas.api.types.is_numeric_dtype(column) else None
        moments = pandas.to_datetime(column, utc=True, unit=unit)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"The column {name!r} holds no times",
            expected="moments, or milliseconds since 1970",
            found=str(error),
        ) from None
    if moments.isna().any():
        raise UsageError(
            f"The column {name!r} has gaps",
            expected="a time in every row",
            found=f"{int(moments.isna().sum())} rows without one",
            remedy=f"Leave those out: .dropna(subset=[{name!r}]).",
        )
    numbers = moments.astype("datetime64[ms, UTC]").astype("int64")
    return [EPOCH + timedelta(milliseconds=number) for number in numbers.tolist()]


def _numbers(name: str, column: pandas.Series) -> list[float | None]:
    try:
        numbers = pandas.to_numeric(column)
    except (ValueError, TypeError) as error:
        raise UsageError(
            f"The column {name!r} holds no numbers", expected="numbers", found=str(error)
        ) from None
    return [None if pandas.isna(number) else float(number) for number in numbers]
