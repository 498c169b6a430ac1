"""The key of a window's record: which key, and which window, as text that people can read.

`LHR@2013-03-07T12:00:00.000Z/2013-03-07T13:00:00.000Z`: the key, `@`, and the window as an interval
of ISO 8601. Kafka Streams writes the same two things as bytes (TimeWindowedSerializer); text can be
read in any tool, and no two windows of a key have the same one, so compaction keeps each.
"""

import re
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from eventlab.moments import from_milliseconds, milliseconds

_YEAR_10000 = 253_402_300_800_000  # neither this nor a time before 1970 is written as a date
_MOMENT = r"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|-?\d+ms)"
_FORM = re.compile(rf"(.*)@({_MOMENT})/({_MOMENT})", re.DOTALL)


class WindowKey(NamedTuple):
    """A key and the window that it belongs to; start and end are milliseconds since 1970."""

    key: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.key}@{_text(self.start)}/{_text(self.end)}"

    def partition(self, partitions: int) -> int:
        """Return the partition in which librdkafka puts the key alone, so that it has one."""
        return crc32(self.key.encode()) % partitions


def window_key(text: str | None) -> WindowKey | None:
    """Return the key and the window that a record's key names; None if it names no window."""
    if text is None or "@" not in text:
        return None
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    key, start, end = found.groups()
    try:
        return WindowKey(key, _milliseconds(start), _milliseconds(end))
    except ValueError:  # it only looks like a date
        return None


@lru_cache(maxsize=10_000)  # a window has many records
def _text(moment: int) -> str:
    if not 0 <= moment < _YEAR_10000:
        return f"{moment}ms"
    return f"{from_milliseconds(moment):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03d}Z"


def _milliseconds(text: str) -> int:
    if text.endswith("ms"):
        return int(text.removesuffix("ms"))
    return milliseconds(datetime.fromisoformat(text))
