"""The time at which a row happened, where a column of it says so (WITH TIMESTAMP)."""

from collections.abc import Callable, Sequence
from typing import Any

from eventlab.errors import SqlError
from eventlab.moments import is_in_calendar
from eventlab.sql.catalog import EventTime, Source, near
from eventlab.sql.datetimes.fields import parse_timestamp
from eventlab.sql.datetimes.zones import zone
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.settings import STRICT_TIMES
from eventlab.sql.types import BIGINT, STRING, TIMESTAMP, SqlType


def event_time_reader(source: Source) -> Callable[[Sequence[Any]], int] | None:
    """Return what gives the time of a row in milliseconds; None where the record's own counts.

    It raises Unreadable for a row that says no time, or SqlError where that is to end the query.
    Raises SqlError for a column that is not there or is of another type.
    """
    if source.event_time is None:
        return None
    names = [column.name for column in source.columns]
    name = source.event_time.column
    if name not in names:
        raise SqlError(
            f"There is no column {name} that could say when a row happened",
            expected=", ".join(names),
            found=near(name, dict.fromkeys(names)) or name,
            remedy="Name one of these as TIMESTAMP.",
        )
    place = names.index(name)
    read = _reader(source.event_time, source.columns[place].kind)

    def time_of(row: Sequence[Any]) -> int:
        value = row[place]
        if value is None:
            raise Unreadable(f"{name} is NULL, and was to say when the row happened")
        time = read(value)
        if time < 0 or not is_in_calendar(time):
            raise Unreadable(f"{name} says no time from 1970 to the year 9998: {time}")
        return time

    return _strict(name, time_of) if source.event_time.is_strict else time_of


def _strict(name: str, time_of: Callable[[Sequence[Any]], int]) -> Callable[[Sequence[Any]], int]:
    def strict_time_of(row: Sequence[Any]) -> int:
        try:
            return time_of(row)
        except Unreadable as error:
            raise SqlError(
                "A row does not say when it happened, and so the query ends",
                expected=f"a time in its column {name}",
                found=str(error),
                remedy=f"SET '{STRICT_TIMES}' = 'false'; to leave such rows out.",
            ) from None

    return strict_time_of


def _reader(event_time: EventTime, kind: SqlType) -> Callable[[Any], int]:
    if kind in (BIGINT, TIMESTAMP):
        return int
    if kind == STRING and event_time.pattern is not None:
        pattern = event_time.pattern
        utc = zone("UTC")

        def read(text: str) -> int:
            try:
                return parse_timestamp(text, pattern, utc)
            except ValueError as error:
                raise Unreadable(f"{event_time.column}: {error}") from None

        return read
    raise SqlError(
        f"The column {event_time.column} cannot say when a row happened",
        expected="BIGINT or TIMESTAMP, or STRING with TIMESTAMP_FORMAT",
        found=str(kind) + ("" if event_time.pattern else " without TIMESTAMP_FORMAT"),
        remedy="Write for example TIMESTAMP_FORMAT='yyyy-MM-dd HH:mm:ss'.",
    )
