"""A topic as a table: the last value of each key, kept up to date, or as it was at some moment.

A table and its stream are two sides of one thing: the stream is the table's changelog, and the
table is what the changelog comes to (chapter 6 of the book). A tombstone, a record without a value,
deletes its key.
"""

import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import compress
from typing import TYPE_CHECKING, Any

from eventlab.arguments import required_moment
from eventlab.checked import checked
from eventlab.errors import BrokerError
from eventlab.log import Batch, Follower, Topic, follow
from eventlab.log.decoding import Tombstone
from eventlab.log.reading import changes
from eventlab.moments import milliseconds
from eventlab.views.table_fold import put

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

Row = dict[str, Any]
Key = str | bytes | None

_TICK_SECONDS = 0.01


class Table:
    """Hold the last value of each key of a topic in memory, and follow the topic.

    A row is a dict of the value's fields; where keys name windows, each window is a row, and its
    key is the whole text (log.window_keys). What cannot be decoded changes nothing. It begins with
    `start`, `catch_up` or `with`. Ask from any thread. Raises TopicError and BrokerError.
    """

    @checked
    def __init__(self, topic: Topic, on_change: Callable[[list[Key]], object] | None = None):
        self.topic = topic
        self._on_change = on_change
        self._rows: dict[Key, Row] = {}
        self._lock = threading.Lock()
        self._moved = threading.Event()
        self._follower: Follower | None = None

    # -- what one sees --------------------------------------------------------------------------

    @checked
    def get(self, key: Key) -> Row | None:
        """Return the row of a key, None if it has none."""
        return self._rows.get(key)

    def rows(self) -> dict[Key, Row]:
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
        return None if self._follower is None else self._follower.error

    # -- what one can do ------------------------------------------------------------------------

    def start(self) -> "Table":
        """Begin to follow, and return at once; a second call does nothing."""
        self._started()
        return self

    @checked
    def catch_up(self, seconds: float = 10.0) -> "Table":
        """Return when everything is in the table that was in the topic at the call.

        It begins to follow where it does not yet. Raises BrokerError when that takes longer.
        """
        follower = self._started()
        ends = self.topic.end_offsets(committed=True)
        deadline = time.monotonic() + seconds
        while not _has(follower, ends):
            if time.monotonic() > deadline or not follower.is_alive:
                raise BrokerError(
                    f"The table of {self.topic} is not up to date",
                    expected=f"all up to the offsets {ends} within {seconds:g} s",
                    found=follower.trouble or f"{follower.position}",
                    remedy=self.topic.cluster.when_away,
                )
            self._moved.wait(_TICK_SECONDS)
            self._moved.clear()
        return self

    def stop(self) -> None:
        """Follow no longer, and keep the rows."""
        if self._follower is not None:
            self._follower.stop()

    def __enter__(self) -> "Table":
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    # -- how ------------------------------------------------------------------------------------

    def _started(self) -> Follower:
        if self._follower is None:
            self._follower = follow(self.topic, self._take, start="earliest")
        return self._follower

    def _take(self, batch: Batch) -> None:
        with self._lock:
            apply(self._rows, batch.row_keys, batch.fields)
        self._moved.set()
        if self._on_change is not None:
            self._on_change(list(dict.fromkeys(batch.row_keys)))


def _has(follower: Follower, ends: dict[int, int]) -> bool:
    return all(follower.position.get(number, 0) >= end for number, end in ends.items())


@checked
def table_at(
    topic: Topic, *, end: int | dict[int, int] | None = None, until: datetime | None = None
) -> "pandas.DataFrame":
    """Return the table that a topic is up to some offsets or some moment, by default now.

    `end` (exclusive) is an offset for all partitions, or a dict by partition; `until` (exclusive)
    is an aware datetime, compared with the records' own times. The key is the index. Of a
    compacted topic the past is gone where a later record has replaced it. Raises TopicError,
    UsageError and BrokerError.
    """
    rows: dict[Key, Row] = {}
    batch = changes(topic, end)
    keys = batch.row_keys
    fields = batch.fields
    if until is not None:
        last = milliseconds(required_moment("until", until))
        in_time = [time < last for time in batch.place["timestamp"]]
        keys = [*compress(keys, in_time)]
        fields = [*compress(fields, in_time)]
    apply(rows, keys, fields)
    return _frame(rows)


def apply(rows: dict[Key, Row], keys: Sequence[Key], changes: Sequence[Row]) -> None:
    """Make a stretch of the changelog part of the rows, in order."""
    for key, fields in zip(keys, changes, strict=True):
        put(rows, key, None if isinstance(fields, Tombstone) else fields)


def _frame(rows: dict[Key, Row]) -> "pandas.DataFrame":
    import pandas

    keys = sorted(rows, key=str)
    return pandas.DataFrame([rows[key] for key in keys], index=pandas.Index(keys, name="key"))
