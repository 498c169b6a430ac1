"""A watermark for the whole source: the time that all of its partitions have passed, less a bound.

Stream time is a partition's own; a watermark looks at all of them, as in Apache Flink
(WatermarkStrategy.forBoundedOutOfOrderness and withIdleness). It is stamped in one place, however
many workers there are, and kept through a crash.
"""

import time
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Stream
from bytewax.operators import StatefulBatchLogic
from bytewax.operators.windowing import UTC_MAX, ClockLogic
from bytewax.operators.windowing import Clock as WindowClock

from eventlab.arguments import required_duration, required_milliseconds
from eventlab.moments import from_milliseconds
from eventlab.streams.arrivals import NEVER, Arrival, Place, Timed
from eventlab.streams.operators import operator
from eventlab.streams.stream_times import StreamTimes, Times
from eventlab.streams.upstream import Clock, clock_of

_NOTHING = timedelta(0)


@operator
def watermarked(
    step_id: str,
    up: Stream[Any],
    *,
    bound: timedelta = _NOTHING,
    idle: timedelta | None = None,
    partitions: Collection[Place] | None = None,
) -> Stream[Any]:
    """Stamp each event with the watermark of its source, in place of its partition's stream time.

    The watermark is the least of all partitions' newest times, less `bound`; it never goes back.
    A partition that has shown nothing yet holds it, and so does one that is silent, until it was
    `idle` long by the wall clock; what it sends after that may be late. `windowed` below this step
    goes by the watermark, and so do bytewax's own windows with `watermark_clock()`. How far ahead
    one partition was read of another does not make an event late; which watermark an event meets
    does depend on it. All events pass one worker. Raises UsageError.

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1)
        >>> orders = events("orders", ("ann", 10, "pen"), ("bob", 4, "ink"), ("bob", 9, "cap"))
        >>> stamped = watermarked("watermark", orders, bound=seconds(2))
        >>> show(windowed("counts", stamped, Tumbling(seconds(5)), count).late)
        bob ink is 3 s too late at 4
    """
    room = required_milliseconds("bound", bound, at_least=_NOTHING)
    if idle is not None:
        required_duration("idle", idle)
    gathered = op.flat_map_batch("gather", up, lambda batch: [(step_id, batch)])
    stamps = Stamps(room, idle, clock_of(up, partitions))
    stamped = op.stateful_batch("stamp", gathered, stamps)
    return op.flat_map_batch("apart", stamped, lambda batch: [one for _, one in batch])


class Stamps:
    """Build the one logic that stamps; `watermark` may be asked from any thread (NEVER before)."""

    def __init__(self, bound: int, idle: timedelta | None, clock: Clock):
        self._bound = bound
        self._idle = idle
        self._clock = clock
        self.watermark = NEVER

    def __call__(self, state: tuple[int, Times] | None) -> "_Stamp":
        """Return the logic, as it was before a crash if there is a state."""
        kept = state or (NEVER, {})
        watermark = Watermark(self._bound, self._idle, self._clock.awaited, kept)
        return _Stamp(self, watermark, self._clock)


class Watermark:
    """The watermark of some partitions, by their newest times and when each was heard of."""

    def __init__(
        self,
        bound: int,
        idle: timedelta | None,
        awaited: Iterable[Place],
        kept: tuple[int, Times],
        clock: Callable[[], float] = time.monotonic,
    ):
        self._bound = bound
        self.value, newest = kept
        self._times = StreamTimes(awaited, newest, idle=idle, clock=clock)

    @property
    def newest(self) -> Times:
        """Return the newest time of each partition."""
        return self._times.newest

    def update(self, place: Place, newest: int) -> int:
        """Take in an event's time; return the watermark after it."""
        self._times.update(place, newest)
        passed = self._times.passed_without_silent()
        if passed is not None and passed != NEVER:
            self.value = max(self.value, passed - self._bound)
        return self.value


class _Stamp(StatefulBatchLogic[list[Any], Any, tuple[int, Times]]):
    def __init__(self, stamps: Stamps, watermark: Watermark, clock: Clock):
        self._stamps = stamps
        self._watermark = watermark
        self._place_of = clock.place_of
        stamps.watermark = watermark.value

    def on_batch(self, values: list[list[Any]]) -> tuple[list[Any], bool]:
        """Stamp each event, alone or with its key, with the watermark after it."""
        stamped = [self._stamped(item) for items in values for item in items]
        self._stamps.watermark = self._watermark.value
        return stamped, self.RETAIN

    def snapshot(self) -> tuple[int, Times]:
        """Return the watermark, and how far the partitions are."""
        return self._watermark.value, dict(self._watermark.newest)

    def _stamped(self, item: Any) -> Any:
        if isinstance(item, tuple):
            key, event = item
            return key, self._event(event)
        return self._event(item)

    def _event(self, one: Any) -> Timed:
        watermark = self._watermark.update(self._place_of(one), one.time)
        if isinstance(one, Arrival):  # much quicker than replace
            place = (one.topic, one.partition, one.offset)
            return Arrival(one.event, one.key, *place, one.time, watermark, one.headers, one.window)
        stamped: Timed = msgspec.structs.replace(one, stream_time=watermark)
        return stamped


def watermark_clock() -> WindowClock[Any, datetime]:
    """Return a clock for bytewax's own windows below `watermarked`.

    An event behind the watermark that it was stamped with is late, and comes out in the operator's
    stream `late`. bytewax hears of the watermark with a key's own events: the last windows of a key
    close with its next event, or when the input ends.
    """
    return _StampedClock()


class _StampedClock(WindowClock[Any, datetime]):
    def build(self, resume_state: datetime | None) -> "_StampedLogic":
        return _StampedLogic(resume_state or from_milliseconds(NEVER))


class _StampedLogic(ClockLogic[Any, datetime]):
    def __init__(self, watermark: datetime):
        self._watermark = watermark

    def before_batch(self) -> None:
        pass  # the wall clock says nothing here

    def on_item(self, value: Arrival) -> tuple[datetime, datetime]:
        self._watermark = max(self._watermark, from_milliseconds(value.stream_time))
        return value.timestamp, self._watermark

    def on_notify(self) -> datetime:
        return self._watermark

    def on_eof(self) -> datetime:
        return UTC_MAX

    def to_system_utc(self, timestamp: datetime) -> None:
        return None

    def snapshot(self) -> datetime:
        return self._watermark
