"""Moments: from and to numbers and texts, in time zones, added to and subtracted from.

A pattern is one of Java's DateTimeFormatter; where no zone is said, it is UTC.
"""

import time

from eventlab.moments import from_milliseconds
from eventlab.sql.datetimes.fields import parse_timestamp
from eventlab.sql.datetimes.formatting import format_timestamp
from eventlab.sql.datetimes.zones import zone
from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.time_units import whole_milliseconds


@scalar(
    "UNIX_TIMESTAMP",
    "(timestamp TIMESTAMP) BIGINT",
    "Milliseconds since 1970 of a timestamp; of now where none is given.",
)
def unix_timestamp(timestamp: int) -> int:
    """Return a timestamp as a number."""
    return timestamp


@scalar("UNIX_TIMESTAMP", "() BIGINT")
def unix_timestamp_now() -> int:
    """Return now, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@scalar(
    "FROM_UNIXTIME",
    "(milliseconds BIGINT) TIMESTAMP",
    "The timestamp that is so many milliseconds after the beginning of 1970.",
)
def from_unixtime(milliseconds: int) -> int:
    """Return a number of milliseconds as a timestamp."""
    return milliseconds


@scalar(
    "TIMESTAMPTOSTRING",
    "(milliseconds BIGINT, pattern STRING, zone STRING?) STRING",
    "Milliseconds since 1970 as text, by a pattern and in a time zone.",
)
@scalar(
    "FORMAT_TIMESTAMP",
    "(timestamp TIMESTAMP, pattern STRING, zone STRING?) STRING",
    "A timestamp as text, by a pattern and in a time zone.",
)
def timestamp_to_string(timestamp: int, pattern: str, zone_name: str = "GMT") -> str:
    """Return a timestamp by a pattern, as the clocks of a zone show it."""
    return format_timestamp(timestamp, pattern, zone(zone_name))


@scalar(
    "STRINGTOTIMESTAMP",
    "(text STRING, pattern STRING, zone STRING?) BIGINT",
    "Milliseconds since 1970 of a moment that a text says, in a time zone if it names none.",
)
@scalar(
    "PARSE_TIMESTAMP",
    "(text STRING, pattern STRING, zone STRING?) TIMESTAMP",
    "The timestamp that a text says, in a time zone if it names none.",
)
def string_to_timestamp(text: str, pattern: str, zone_name: str = "GMT") -> int:
    """Return the timestamp that a text says by a pattern."""
    return parse_timestamp(text, pattern, zone(zone_name))


@scalar(
    "CONVERT_TZ",
    "(timestamp TIMESTAMP, from STRING, to STRING) TIMESTAMP",
    "A timestamp that clocks of one time zone show, as those of another one show it.",
)
def convert_tz(timestamp: int, before: str, after: str) -> int:
    """Return a timestamp moved by what the clocks of two zones differ at that moment."""
    moment = from_milliseconds(timestamp)
    seconds = zone(after).offset_seconds(moment) - zone(before).offset_seconds(moment)
    return timestamp + seconds * 1000


@scalar(
    "TIMESTAMPADD",
    "(unit STRING!, number INT, timestamp TIMESTAMP) TIMESTAMP",
    "A timestamp so much later.",
)
def timestamp_add(unit: str, number: int, timestamp: int) -> int:
    """Return a timestamp so much later."""
    return timestamp + whole_milliseconds(unit, number)


@scalar(
    "TIMESTAMPSUB",
    "(unit STRING!, number INT, timestamp TIMESTAMP) TIMESTAMP",
    "A timestamp so much earlier.",
)
def timestamp_sub(unit: str, number: int, timestamp: int) -> int:
    """Return a timestamp so much earlier."""
    return timestamp - whole_milliseconds(unit, number)
