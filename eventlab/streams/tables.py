"""A topic as a table: the last value of each key, kept up to date, or as it was at some moment.

A table and its stream are two sides of one thing: the stream is the table's changelog, and the
table is what the changelog comes to (chapter 6 of the book). A tombstone, a record without a value,
deletes its key.
"""

import threading
import time
from collections.abc import Callable
from datetime import datetime
from itertools import compress
from typing import TYPE_CHECKING, Any

from eventlab.errors import BrokerError
from eventlab.log import Batch, Follower, Topic, follow
from eventlab.log.decoding import TOMBSTONE
from eventlab.log.moments import milliseconds, required_moment
from eventlab.log.reading import changes

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

Row = dict[str, Any]

_TICK_SECONDS = 0.01


class Table:
    """Hold the last value of each key of a topic in memory, and follow the topic.

    A row is a dict of the value's fields. What cannot be decoded changes nothing. Ask from any
    thread; `stop` it, or use it as a context manager. Raises TopicError and BrokerError.
    """

    def __init__(self, topic: Topic, on_change: Callable[[list[str]], object] | None = None):
        self.topic, self._on_change = topic, on_change
        self._rows: dict[str | None, Row] = {}
        self._lock, self._moved = threading.Lock(), threading.Event()
        self._follower: Follower = follow(topic, self._take, start="earliest")

    # -- what one sees --------------------------------------------------------------------------

    def get(self, key: str) -> Row | None:
        """Return the row of a key, None if it has none."""
        return self._rows.get(key)

    def rows(self) -> dict[str, Row]:
        """Return all rows by key, as they are now."""
        with self._lock:
            return dict(self._rows)

    def frame(self) -> "pandas.DataFrame":
        """Return the rows as a DataFrame with the key as its index, in the order of the keys."""
        return _frame(self.rows())

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def error(self) -> BaseException | None:
        """Return what ended the following, None if nothing did."""
        return self._follower.error

    # -- what one can do ------------------------------------------------------------------------

    def catch_up(self, seconds: float = 10.0) -> "Table":
        """Return when everything is in the table that was in the topic at the call.

        Raises BrokerError when that takes longer.
        """
        ends = self.topic.end_offsets(committed=True)
        deadline = time.monotonic() + seconds
        while not self._has(ends):
            if time.monotonic() > deadline or not self._follower.is_alive:
                raise BrokerError(
                    f"The table of {self.topic} is not up to date",
                    expected=f"all up to the offsets {ends} within {seconds:g} s",
                    found=self._follower.trouble or f"{self._follower.position}",
                    remedy="If the broker is stopped, start it with lab.broker.start().",
                )
            self._moved.wait(_TICK_SECONDS)
            self._moved.clear()
        return self

    def stop(self) -> None:
        """Follow no longer, and keep the rows."""
        self._follower.stop()

    def __enter__(self) -> "Table":
        return self

    def __exit__(self, *_error) -> None:
        self.stop()

    # -- how ------------------------------------------------------------------------------------

    def _has(self, ends: dict[int, int]) -> bool:
        return all(self._follower.position.get(n, 0) >= end for n, end in ends.items())

    def _take(self, batch: Batch) -> None:
        keys = batch.place["key"]
        with self._lock:
            apply(self._rows, keys, batch.fields)
        self._moved.set()
        if self._on_change is not None:
            self._on_change(list(dict.fromkeys(keys)))


def table_at(
    topic: Topic, *, end: int | dict[int, int] | None = None, until: datetime | None = None
) -> "pandas.DataFrame":
    """Return the table that a topic is up to some offsets or some moment, by default now.

    `end` (exclusive) is an offset for all partitions, or a dict by partition; `until` (exclusive)
    is an aware datetime, compared with the records' own times. The key is the index. Of a
    compacted topic the past is gone where a later record has replaced it. Raises TopicError,
    UsageError and BrokerError.
    """
    rows: dict[str | None, Row] = {}
    batch = changes(topic, end)
    keys, fields = batch.place["key"], batch.fields
    if until is not None:
        last = milliseconds(required_moment("until", until))
        in_time = [time < last for time in batch.place["timestamp"]]
        keys, fields = [*compress(keys, in_time)], [*compress(fields, in_time)]
    apply(rows, keys, fields)
    return _frame(rows)


def apply(rows: dict, keys: list[str | None], changes: list[Row]) -> None:
    """Make a stretch of the changelog part of the rows, in order."""
    for key, fields in zip(keys, changes, strict=True):
        if fields is TOMBSTONE:
            rows.pop(key, None)
        else:
            rows[key] = fields


def _frame(rows: dict[str | None, Row]) -> "pandas.DataFrame":
    import pandas

    keys = sorted(rows, key=str)
    return pandas.DataFrame([rows[key] for key in keys], index=pandas.Index(keys, name="key"))
