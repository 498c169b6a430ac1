"""Moments and durations: between Python's own and Kafka's milliseconds, and in words.

A moment is an aware datetime, or milliseconds since 1970 as Kafka writes it; a duration is a
timedelta, or milliseconds. Both lose what is shorter than a millisecond.
"""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

# What a datetime can say, with a year of room at both ends for windows and grace.
CALENDAR_MILLISECONDS = range(-62_104_060_800_000, 253_370_764_800_000)

# What is_time_of_record says, in words.
TIMES_OF_RECORDS = "milliseconds since 1970, from 1 to the end of the year 9998"

_UNITS = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")]


def milliseconds(moment: datetime) -> int:
    """Return an aware datetime in milliseconds since 1970, rounded down."""
    return (moment - EPOCH) // MILLISECOND


def from_milliseconds(milliseconds: int) -> datetime:
    """Return milliseconds since 1970 as an aware datetime in UTC."""
    return EPOCH + milliseconds * MILLISECOND


def is_in_calendar(milliseconds: int) -> bool:
    """Tell whether milliseconds since 1970 lie in the years 2 to 9998, so that all can show them.

    A time in microseconds or nanoseconds that was taken for milliseconds does not.
    """
    return milliseconds in CALENDAR_MILLISECONDS


def is_time_of_record(milliseconds: int) -> bool:
    """Tell whether a record can have this time and be read back with it.

    Kafka's client takes 0 for no time and then writes the present one.
    """
    return milliseconds > 0 and is_in_calendar(milliseconds)


def duration_milliseconds(duration: timedelta) -> int:
    """Return a timedelta in whole milliseconds, rounded down."""
    return duration // MILLISECOND


def duration_from_milliseconds(milliseconds: int) -> timedelta:
    """Return milliseconds as a timedelta."""
    return milliseconds * MILLISECOND


def duration_words(milliseconds: int) -> str:
    """Return a duration in its greatest units, at most two: "1 min 30 s"."""
    parts = []
    rest = milliseconds
    for size, unit in _UNITS:
        number, rest = divmod(rest, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def clock_words(milliseconds: int) -> str:
    """Return a moment as a clock in UTC shows it: "2025-03-03 12:00:00"."""
    return f"{from_milliseconds(milliseconds):%Y-%m-%d %H:%M:%S}"
