"""Dates and times of day: from and to numbers and texts, added to and subtracted from.

A pattern is one of Java's DateTimeFormatter; where no zone is said, it is UTC.
"""

import time

from eventlab.sql.datetimes.fields import parse_date, parse_partial_date, parse_time
from eventlab.sql.datetimes.formatting import DAY, format_date, format_time
from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.time_units import nanoseconds, whole_milliseconds


@scalar("UNIX_DATE", "(date DATE) INT", "Days since 1970 of a date; of today where none is given.")
def unix_date(date: int) -> int:
    """Return a date as a number."""
    return date


@scalar("UNIX_DATE", "() INT")
def unix_date_today() -> int:
    """Return today in UTC, in days since 1970."""
    return time.time_ns() // 1_000_000 // DAY


@scalar("FROM_DAYS", "(days INT) DATE", "The date that is so many days after 1 January 1970.")
def from_days(days: int) -> int:
    """Return a number of days as a date."""
    return days


@scalar("DATETOSTRING", "(days INT, pattern STRING) STRING", "Days since 1970 as text.")
@scalar("FORMAT_DATE", "(date DATE, pattern STRING) STRING", "A date as text, by a pattern.")
def date_to_string(date: int, pattern: str) -> str:
    """Return a date by a pattern."""
    return format_date(date, pattern)


@scalar(
    "STRINGTODATE",
    "(text STRING, pattern STRING) INT",
    "Days since 1970 of a date that a text says by a pattern.",
)
def string_to_date(text: str, pattern: str) -> int:
    """Return the date that a text says in full."""
    return parse_date(text, pattern)


@scalar(
    "PARSE_DATE",
    "(text STRING, pattern STRING) DATE",
    "The date that a text says by a pattern; the first of the year, the month, if it says no more.",
)
def read_date(text: str, pattern: str) -> int:
    """Return the date that a text says, in full or in part."""
    return parse_partial_date(text, pattern)


@scalar("DATEADD", "(unit STRING!, number INT, date DATE) DATE", "A date so much later.")
def date_add(unit: str, number: int, date: int) -> int:
    """Return a date so much later; what is shorter than a day is cut off, towards 1970."""
    return _whole_days(date * DAY + whole_milliseconds(unit, number))


@scalar("DATESUB", "(unit STRING!, number INT, date DATE) DATE", "A date so much earlier.")
def date_sub(unit: str, number: int, date: int) -> int:
    """Return a date so much earlier; what is shorter than a day is cut off, towards 1970."""
    return _whole_days(date * DAY - whole_milliseconds(unit, number))


@scalar("FORMAT_TIME", "(time TIME, pattern STRING) STRING", "A time of day as text, by a pattern.")
def time_to_string(time: int, pattern: str) -> str:
    """Return a time of day by a pattern."""
    return format_time(time, pattern)


@scalar("PARSE_TIME", "(text STRING, pattern STRING) TIME", "The time of day that a text says.")
def read_time(text: str, pattern: str) -> int:
    """Return the time of day that a text says."""
    return parse_time(text, pattern)


@scalar("TIMEADD", "(unit STRING!, number INT, time TIME) TIME", "A time of day so much later.")
def time_add(unit: str, number: int, time: int) -> int:
    """Return a time of day so much later; midnight follows the last of a day."""
    return _time_of_day(time * 1_000_000 + nanoseconds(unit, number))


@scalar("TIMESUB", "(unit STRING!, number INT, time TIME) TIME", "A time of day so much earlier.")
def time_sub(unit: str, number: int, time: int) -> int:
    """Return a time of day so much earlier; before midnight is the last of a day."""
    return _time_of_day(time * 1_000_000 - nanoseconds(unit, number))


def _whole_days(milliseconds: int) -> int:
    days = abs(milliseconds) // DAY
    return -days if milliseconds < 0 else days


def _time_of_day(nanoseconds_of_day: int) -> int:
    return nanoseconds_of_day // 1_000_000 % DAY
