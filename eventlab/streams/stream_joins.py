"""A join of two streams: pairs of events that happened close to each other.

The semantics are those that Kafka Streams documents for JoinWindows: a pair's times differ by no
more than the window, and an event is late when stream time has passed the end of its own window by
more than the grace. Here stream time is that of the event's own partition, so the pairs do not
depend on how the two topics were interleaved; and an event that found no partner is told once, when
any partner that still comes would be late.
"""

import pickle
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from typing import Any, Literal

import bytewax.operators as op
from bytewax.dataflow import operator
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.streams.arguments import required_length, required_one_of
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Joined, Late, joined
from eventlab.streams.shards import Dealt, Partition, Side, StreamTimes, dealt_sides

NOTHING = timedelta(0)
LEFT, RIGHT = "left", "right"
OTHER = {LEFT: RIGHT, RIGHT: LEFT}
# Which sides are told when they found no partner.
ALONE = {"inner": (), "left": (LEFT,), "outer": (LEFT, RIGHT)}

Both = tuple[Iterable[Partition], Iterable[Partition]]


@dataclass(frozen=True)
class Joins:
    """Both streams of a join: what it joined by key, and what came too late for it."""

    joined: KeyedStream[Joined]
    late: KeyedStream[Late]


@operator
def join_streams(
    step_id: str,
    left: KeyedStream[Arrival],
    right: KeyedStream[Arrival],
    *,
    within: timedelta,
    before: timedelta | None = None,
    how: Literal["inner", "left", "outer"] = "inner",
    grace: timedelta = NOTHING,
    partitions: Both | None = None,
) -> Joins:
    """Join the events of two streams whose times are no more than `within` apart.

    The right event may be up to `within` after the left one, and as much before it, or `before`.
    Every pair comes once; with "left" or "outer" an event that found no partner comes once too,
    alone, when stream time has passed everything that could still be its partner, or when the
    input ends. An event without a value joins nothing. `partitions` are those of the left and of
    the right side whose stream time is waited for, by default all of the flow's topics above this
    step: a side that stands still holds back what waits for it. Raises UsageError.
    """
    after = required_length("A window", within, least=NOTHING)
    earlier = after if before is None else required_length("A window", before, least=NOTHING)
    patience = required_length("A grace", grace, least=NOTHING)
    alone = ALONE[required_one_of("join", how, list(ALONE))]
    sides, awaited = dealt_sides({LEFT: left, RIGHT: right}, partitions)
    pairs = op.stateful_batch(
        "pair", sides, lambda state: _Shard(after, earlier, patience, alone, awaited, state)
    )
    return Joins(
        joined=op.flat_map_batch("joined", pairs, lambda batch: each(batch, 0)),
        late=op.flat_map_batch("late", pairs, lambda batch: each(batch, 1)),
    )


def each(batch: list[tuple[str, tuple[list, list]]], which: int) -> list[tuple[str, Any]]:
    """Return one of the two lists of pairs that each shard gave."""
    return [pair for _, both in batch for pair in both[which]]


class _Waiting:
    """An event that may still find partners; the first in its list is the oldest."""

    __slots__ = ("arrival", "is_paired")

    def __init__(self, arrival: Arrival):
        self.arrival, self.is_paired = arrival, False

    def __reduce__(self):
        return _restored, (self.arrival, self.is_paired)


def _restored(arrival: Arrival, is_paired: bool) -> _Waiting:
    waiting = _Waiting(arrival)
    waiting.is_paired = is_paired
    return waiting


class _Side:
    """The events of one side that wait: by key in the order of their times, and by due time.

    `reach` is how far after it an event's partner may be, `behind` how far before.
    """

    def __init__(self, reach: int, behind: int):
        self.reach, self.behind = reach, behind
        self.waiting: dict[str, list[_Waiting]] = {}
        self.due: list[tuple[int, str]] = []

    def put(self, key: str, waiting: _Waiting) -> None:
        mine = self.waiting.setdefault(key, [])
        mine.insert(bisect_right(mine, waiting.arrival.time, key=_time), waiting)
        heappush(self.due, (waiting.arrival.time, key))

    def partners(self, key: str, first: int, last: int) -> list[_Waiting]:
        mine = self.waiting.get(key)
        if mine is None:
            return []
        return mine[bisect_left(mine, first, key=_time) : bisect_right(mine, last, key=_time)]

    def let_go(self, before: float) -> Iterable[tuple[str, _Waiting]]:
        while self.due and self.due[0][0] < before:
            _, key = heappop(self.due)
            mine = self.waiting[key]
            yield key, mine.pop(0)
            if not mine:
                del self.waiting[key]


class _Shard(StatefulBatchLogic):
    def __init__(
        self,
        after: int,
        before: int,
        grace: int,
        alone: tuple[Side, ...],
        awaited: list[frozenset[Partition]],
        state: bytes | None,
    ):
        self._sides = {LEFT: _Side(after, before), RIGHT: _Side(before, after)}
        self._grace, self._alone = grace, alone
        kept = pickle.loads(state) if state else [({}, [], {}), ({}, [], {})]
        self._times: dict[Side, StreamTimes] = {}
        for (name, side), partitions, (waiting, due, times) in zip(
            self._sides.items(), awaited, kept, strict=True
        ):
            side.waiting, side.due = waiting, due
            self._times[name] = StreamTimes(partitions, times)

    def on_batch(self, values: list[tuple[Side, Dealt]]) -> tuple[list, bool]:
        found: list[tuple[str, Joined]] = []
        missed: list[tuple[str, Late]] = []
        for side, (pairs, times) in values:
            for key, arrival in pairs:
                if arrival.event is not None:
                    self._join(side, key, arrival, found, missed)
            self._times[side].heed(times)
            for one in (LEFT, RIGHT):
                self._let_go(one, self._times[OTHER[one]].passed - self._patience(one), found)
        return ([(found, missed)] if found or missed else []), self.RETAIN

    def on_eof(self) -> tuple[list, bool]:
        found: list[tuple[str, Joined]] = []
        for side in (LEFT, RIGHT):
            self._let_go(side, float("inf"), found)
        return ([(found, [])] if found else []), self.RETAIN

    def snapshot(self) -> bytes:
        return pickle.dumps(
            [
                (side.waiting, side.due, self._times[name].times)
                for name, side in self._sides.items()
            ]
        )

    def _join(self, side: Side, key: str, arrival: Arrival, found: list, missed: list) -> None:
        mine, others = self._sides[side], self._sides[OTHER[side]]
        end = arrival.time + mine.reach
        if arrival.stream_time > end + self._grace:
            start, closed = arrival.time - mine.behind, end + self._grace
            missed.append((key, Late(arrival, start, end, closed)))
            return
        one = _Waiting(arrival)
        for other in others.partners(key, arrival.time - mine.behind, end):
            one.is_paired = other.is_paired = True
            both = (arrival, other.arrival) if side == LEFT else (other.arrival, arrival)
            found.append((key, joined(*both)))
        mine.put(key, one)

    def _patience(self, side: Side) -> int:
        # Its last partner is `reach` later, and is itself in time for as long as its own window.
        return self._sides[side].reach + self._sides[side].behind + self._grace

    def _let_go(self, side: Side, before: float, found: list) -> None:
        for key, waiting in self._sides[side].let_go(before):
            if side in self._alone and not waiting.is_paired:
                both = (waiting.arrival, None) if side == LEFT else (None, waiting.arrival)
                found.append((key, joined(*both)))


def _time(waiting: _Waiting) -> int:
    return waiting.arrival.time
