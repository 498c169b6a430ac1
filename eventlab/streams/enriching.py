"""A join of a stream with a table: each event gets the row that was valid at its own time.

Kafka Streams does this with a versioned table (KIP-889, KIP-914) and a grace (KIP-923). A row
counts for an event if it is not newer than the event, and came before the table's stream time had
passed the event by more than the grace. That depends on the two topics alone, not on which of them
was read faster.
"""

import pickle
from bisect import bisect_right, insort
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Literal, NamedTuple

import bytewax.operators as op
from bytewax.dataflow import operator
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.streams.arguments import required_length, required_one_of
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Joined, Late, joined
from eventlab.streams.shards import Dealt, Partition, Side, StreamTimes, dealt_sides
from eventlab.streams.stream_joins import NOTHING, Both, Joins, each

HISTORY = timedelta(days=1)
IDLE = timedelta(milliseconds=500)

_STREAM, _TABLE = "stream", "table"


@operator
def join_table(
    step_id: str,
    stream: KeyedStream[Arrival],
    table: KeyedStream[Arrival],
    *,
    how: Literal["inner", "left"] = "inner",
    grace: timedelta = NOTHING,
    history: timedelta = HISTORY,
    idle: timedelta | None = IDLE,
    partitions: Both | None = None,
) -> Joins:
    """Join each event of a stream with the row that a table had for its key at the event's time.

    An event waits until the table's stream time has passed it by the grace, so that a row that
    belongs to its past is there. A table that stays quiet is waited for `idle` long, by the wall
    clock, and then taken as it is (Kafka Streams' max.task.idle.ms); with None it is waited for
    until the input ends, and the result depends on nothing but the topics. Rows are kept for as
    long as an event needs them that is `history` behind its stream's time; events and rows that
    come later than that are late. With "left" an event without a row comes with None. Raises
    UsageError.
    """
    patience = required_length("A grace", grace, least=NOTHING)
    kept = required_length("A history", history, least=NOTHING)
    if idle is not None:
        required_length("An idle time", idle, least=NOTHING)
    is_left = required_one_of("join", how, ["inner", "left"]) == "left"
    sides, awaited = dealt_sides({_STREAM: stream, _TABLE: table}, partitions)
    rows = op.stateful_batch(
        "look_up", sides, lambda state: _Shard(is_left, patience, kept, idle, awaited, state)
    )
    return Joins(
        joined=op.flat_map_batch("joined", rows, lambda batch: each(batch, 0)),
        late=op.flat_map_batch("late", rows, lambda batch: each(batch, 1)),
    )


class Versions:
    """The rows that a table had, by key in the order of their times; tombstones are rows too."""

    def __init__(self, grace: int, rows: dict[str, list[Arrival]]):
        self.rows, self._grace = rows, grace
        self._deleted = [(row.time, key) for key in rows for row in rows[key] if row.event is None]
        heapify(self._deleted)

    def put(self, key: str, row: Arrival, forget_before: int) -> None:
        """Take a row in; rows that no event from `forget_before` on can see are dropped."""
        insort(self.rows.setdefault(key, []), row, key=_order)
        self._forget(key, forget_before)
        if row.event is None:
            heappush(self._deleted, (row.time, key))

    def at(self, key: str, time: int) -> Arrival | None:
        """Return the row that was valid at a time, None if there was none."""
        place = self._place(self.rows.get(key, []), time)
        row = None if place is None else self.rows[key][place]
        return None if row is None or row.event is None else row

    def forget_deleted(self, before: int) -> None:
        """Drop the tombstones older than any event or row that still comes."""
        while self._deleted and self._deleted[0][0] < before:
            time, key = heappop(self._deleted)
            self._forget(key, before)
            rows = self.rows.get(key, [])
            if rows and rows[0].event is None and rows[0].time <= time:
                del rows[0]
            if not rows:
                self.rows.pop(key, None)

    def _forget(self, key: str, before: int) -> None:
        rows = self.rows.get(key, [])
        del rows[: self._place(rows, before) or 0]

    def _place(self, rows: list[Arrival], time: int) -> int | None:
        for place in range(bisect_right(rows, time, key=_time) - 1, -1, -1):
            if rows[place].stream_time <= time + self._grace:
                return place
        return None


class _Waiting(NamedTuple):
    """An event that waits for the table; the order of its fields is that in which it is let go."""

    time: int
    number: int
    key: str
    arrival: Arrival
    since: datetime


class _Shard(StatefulBatchLogic):
    def __init__(
        self,
        is_left: bool,
        grace: int,
        history: int,
        idle: timedelta | None,
        awaited: list[frozenset[Partition]],
        state: bytes | None,
    ):
        self._is_left, self._grace, self._history, self._idle = is_left, grace, history, idle
        rows, waiting, self._number, *times = pickle.loads(state) if state else ({}, [], 0, {}, {})
        self._versions = Versions(grace, rows)
        self._stream, self._table = (
            StreamTimes(partitions, known) for partitions, known in zip(awaited, times, strict=True)
        )
        self._news = datetime.now(UTC)  # of the table; what waits since a crash waits anew
        self._waiting = [one._replace(since=self._news) for one in waiting]

    def on_batch(self, values: list[tuple[Side, Dealt]]) -> tuple[list, bool]:
        now, missed = datetime.now(UTC), []
        for side, (pairs, times) in values:
            if side == _TABLE:
                self._take_rows(self._in_time(pairs, missed), now)
                self._table.heed(times)
            else:
                self._take_events(self._in_time(pairs, missed), now)
                self._stream.heed(times)
        table_passed = self._table.passed - self._history
        self._versions.forget_deleted(min(self._forget_before(), table_passed))
        return self._results(self._passed(), missed)

    def on_notify(self) -> tuple[list, bool]:
        now = datetime.now(UTC)
        ready = [one for one in self._waiting if self._patient_until(one.since) <= now]
        self._waiting = [one for one in self._waiting if self._patient_until(one.since) > now]
        heapify(self._waiting)
        return self._results(sorted(ready), [])

    def on_eof(self) -> tuple[list, bool]:
        ready, self._waiting = sorted(self._waiting), []
        return self._results(ready, [])

    def notify_at(self) -> datetime | None:
        if self._idle is None or not self._waiting:
            return None
        return self._patient_until(min(one.since for one in self._waiting))

    def snapshot(self) -> bytes:
        known = self._stream.times, self._table.times
        return pickle.dumps((self._versions.rows, self._waiting, self._number, *known))

    def _in_time(self, pairs: list, missed: list[tuple[str, Late]]) -> Iterable:
        for key, arrival in pairs:
            closed = arrival.time + self._history
            if arrival.stream_time <= closed:
                yield key, arrival
            else:
                missed.append((key, Late(arrival, arrival.time, arrival.time, closed)))

    def _take_rows(self, pairs: Iterable, now: datetime) -> None:
        forget_before = self._forget_before()
        for key, row in pairs:
            self._versions.put(key, row, forget_before)
        self._news = now

    def _take_events(self, pairs: Iterable, now: datetime) -> None:
        for key, arrival in pairs:
            if arrival.event is None:
                continue  # a stream's event without a value says nothing, as in Kafka Streams
            self._number += 1
            heappush(self._waiting, _Waiting(arrival.time, self._number, key, arrival, now))

    def _forget_before(self) -> int:
        # What waits was in time when it came, and is not to lose its row while it waits.
        passed = self._stream.passed - self._history
        return min(self._waiting[0].time, passed) if self._waiting else passed

    def _patient_until(self, since: datetime) -> datetime:
        return max(since, self._news) + self._idle

    def _passed(self) -> list[_Waiting]:
        ready, passed = [], self._table.passed - self._grace
        while self._waiting and self._waiting[0].time < passed:
            ready.append(heappop(self._waiting))
        return ready

    def _results(self, ready: list[_Waiting], missed: list) -> tuple[list, bool]:
        found: list[tuple[str, Joined]] = []
        for one in ready:
            row = self._versions.at(one.key, one.time)
            if row is not None or self._is_left:
                found.append((one.key, joined(one.arrival, row)))
        return ([(found, missed)] if found or missed else []), self.RETAIN


def _order(row: Arrival) -> tuple[int, int, int]:
    return row.time, row.partition, row.offset


def _time(row: Arrival) -> int:
    return row.time
