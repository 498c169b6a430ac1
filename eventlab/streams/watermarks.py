"""A watermark for the whole source: the time that all of its partitions have passed, less a bound.

Stream time is a partition's own; a watermark looks at all of them, as in Apache Flink
(WatermarkStrategy.forBoundedOutOfOrderness and withIdleness). It is stamped in one place, however
many workers there are, and kept through a crash.
"""

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import bytewax.operators as op
from bytewax.dataflow import operator
from bytewax.operators import StatefulBatchLogic, Stream
from bytewax.operators.windowing import UTC_MAX, Clock, ClockLogic

from eventlab.streams.arguments import required_length
from eventlab.streams.arrivals import Arrival
from eventlab.streams.shards import NEVER, Partition, Times, partitions_of

_NOTHING = timedelta(0)


@operator
def watermarked(
    step_id: str,
    up: Stream[Arrival],
    *,
    bound: timedelta = _NOTHING,
    idle: timedelta | None = None,
    partitions: Iterable[Partition] | None = None,
) -> Stream[Arrival]:
    """Stamp each event with the watermark of its source, in place of its partition's stream time.

    The watermark is the least of all partitions' newest times, less `bound`; it never goes back.
    A partition that has shown nothing yet holds it, and so does one that is silent, until it was
    `idle` long by the wall clock; what it sends after that may be late. `windowed` below this step
    goes by the watermark, and so do bytewax's own windows with `watermark_clock()`. How far ahead
    one partition was read of another does not make an event late; which watermark an event meets
    does depend on it. All events pass one worker. Raises UsageError.
    """
    room = required_length("A bound", bound, least=_NOTHING)
    if idle is not None:
        required_length("An idle time", idle)
    patience = None if idle is None else idle.total_seconds()
    awaited = partitions_of(up) if partitions is None else frozenset(partitions)
    gathered = op.flat_map_batch("gather", up, lambda batch: [("all", batch)])
    stamped = op.stateful_batch("stamp", gathered, Stamps(room, patience, awaited))
    return op.flat_map_batch("apart", stamped, lambda batch: [one for _, one in batch])


class Stamps:
    """Build the one logic that stamps; `watermark` may be asked from any thread (NEVER before)."""

    def __init__(self, bound: int, idle_seconds: float | None, awaited: frozenset[Partition]):
        self._settings = bound, idle_seconds, awaited
        self.watermark = NEVER

    def __call__(self, state: tuple[int, Times] | None) -> "_Stamp":
        """Return the logic, as it was before a crash if there is a state."""
        return _Stamp(self, *self._settings, state or (NEVER, {}))


class Watermark:
    """The watermark of some partitions, by their newest times and when each was heard of."""

    def __init__(
        self,
        bound: int,
        idle_seconds: float | None,
        awaited: Iterable[Partition],
        state: tuple[int, Times],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._bound, self._idle_seconds, self._clock = bound, idle_seconds, clock
        self.value, self.newest = state
        now = clock()  # whoever was silent before a crash is waited for anew
        self._heard = dict.fromkeys([*awaited, *self.newest], now)

    def heed(self, partition: Partition, newest: int) -> int:
        """Take in an event's time; return the watermark after it."""
        if self.newest.get(partition, NEVER) < newest:
            self.newest[partition] = newest
        now = self._clock()
        self._heard[partition] = now
        least = min(self.newest.get(one, NEVER) for one in self._active(now))
        if least != NEVER and least - self._bound > self.value:
            self.value = least - self._bound
        return self.value

    def _active(self, now: float) -> Iterable[Partition]:
        if self._idle_seconds is None:
            return self._heard
        return [one for one, at in self._heard.items() if now - at <= self._idle_seconds]


class _Stamp(StatefulBatchLogic):
    def __init__(self, stamps: Stamps, bound, idle_seconds, awaited, state: tuple[int, Times]):
        self._stamps, self._watermark = stamps, Watermark(bound, idle_seconds, awaited, state)
        stamps.watermark = self._watermark.value

    def on_batch(self, values: list[list[Arrival]]) -> tuple[list[Arrival], bool]:
        stamped = [self._stamped(arrival) for arrivals in values for arrival in arrivals]
        self._stamps.watermark = self._watermark.value
        return stamped, self.RETAIN

    def snapshot(self) -> tuple[int, Times]:
        return self._watermark.value, dict(self._watermark.newest)

    def _stamped(self, one: Arrival) -> Arrival:
        watermark = self._watermark.heed((one.topic, one.partition), one.time)
        place = one.topic, one.partition, one.offset
        return Arrival(one.event, one.key, *place, one.time, watermark, one.headers)


def watermark_clock() -> Clock:
    """Return a clock for bytewax's own windows below `watermarked`.

    An event behind the watermark that it was stamped with is late, and comes out in the operator's
    stream `late`. bytewax hears of the watermark with a key's own events: the last windows of a key
    close with its next event, or when the input ends.
    """
    return _StampedClock()


class _StampedClock(Clock):
    def build(self, resume_state: datetime | None) -> "_StampedLogic":
        return _StampedLogic(resume_state or _moment(NEVER))


class _StampedLogic(ClockLogic):
    def __init__(self, watermark: datetime):
        self._watermark = watermark

    def before_batch(self) -> None:
        pass  # the wall clock says nothing here

    def on_item(self, value: Arrival) -> tuple[datetime, datetime]:
        self._watermark = max(self._watermark, _moment(value.stream_time))
        return value.timestamp, self._watermark

    def on_notify(self) -> datetime:
        return self._watermark

    def on_eof(self) -> datetime:
        return UTC_MAX

    def to_system_utc(self, timestamp: datetime) -> None:
        return None

    def snapshot(self) -> datetime:
        return self._watermark


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
