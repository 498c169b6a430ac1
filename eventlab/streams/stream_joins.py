"""A join of two streams: pairs of events that happened close to each other.

The semantics are those that Kafka Streams documents for JoinWindows: a pair's times differ by no
more than the window, and an event is late when stream time has passed the end of its own window by
more than the grace. Here stream time is that of the event's own partition, so the pairs do not
depend on how the two topics were interleaved; and an event that found no partner leaves alone,
once, when any partner that still comes would be late.
"""

import pickle
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from time import monotonic
from typing import Any, Literal

import msgspec
from bytewax.operators import KeyedStream

from eventlab.arguments import required_duration, required_milliseconds, required_one_of
from eventlab.errors import UsageError
from eventlab.streams.arrivals import FOREVER, NEVER, Place, Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Joined, Late
from eventlab.streams.steps import Pair, Step, late_of, results_of, stepped
from eventlab.streams.stream_times import StreamTimes
from eventlab.streams.upstream import Clock, clock_of

NOTHING = timedelta(0)
IDLE = timedelta(milliseconds=500)
LEFT = 0
RIGHT = 1
# Which sides leave alone when they found no partner.
ALONE = {"inner": frozenset[int](), "left": frozenset({LEFT}), "outer": frozenset({LEFT, RIGHT})}

_NOTHING_KEPT = pickle.dumps([({}, [], {}), ({}, [], {})])
_A_LITTLE = 0.001  # so that what is silent counts as silent when one looks
_BOTH = ("both", 0)  # the one place of two sides that have one time

Both = tuple[Collection[Place], Collection[Place]]


@dataclass(frozen=True)
class Joins:
    """Both streams of a join: what it joined by key, and what came too late for it."""

    joined: KeyedStream[Joined]
    late: KeyedStream[Late]


@dataclass(frozen=True)
class _Settings:
    after: int
    before: int
    grace: int
    alone: frozenset[int]
    is_at_once: bool
    has_one_time: bool
    idle: timedelta | None
    clocks: list[Clock]


@operator
def join_streams(
    step_id: str,
    left: KeyedStream[Timed],
    right: KeyedStream[Timed],
    *,
    within: timedelta,
    before: timedelta | None = None,
    how: Literal["inner", "left", "outer"] = "inner",
    grace: timedelta = NOTHING,
    alone: Literal["over", "at once"] = "over",
    one_time: bool = False,
    idle: timedelta | None = IDLE,
    partitions: Both | None = None,
) -> Joins:
    """Join the events of two streams whose times are no more than `within` apart.

    The right event may be up to `within` after the left one, and as much before it, or `before`;
    below zero, either keeps the window on the other side. Every pair comes once, when the later of
    its two events comes; with "left" or "outer" an event that found no partner comes once too,
    alone, when the other side's time has passed everything that could still be its partner, or when
    the input ends. An event without a value joins nothing; one without a key has no partner
    (KIP-962). With `alone` "at once" it comes alone as soon as no partner is there, and with each
    that comes later once more (Kafka Streams before KAFKA-10847, ksqlDB where no grace is said).
    With `one_time` the newest time of both sides counts for both, and what is late still leaves
    alone where its side may, as in a task of Kafka Streams; by default each side has its own time. `partitions` are those of the left and of the right
    side whose stream time is waited for, by default all of the flow's topics above this step. One
    that was silent for `idle`, by the wall clock, holds back nothing that has waited as long
    (Kafka Streams' max.task.idle.ms); with None it is waited for until the input ends. Raises
    UsageError.

    Examples:
        >>> orders = events("orders", ("ann", 1, "pen"), ("bob", 20, "ink"))
        >>> payments = events("payments", ("ann", 4, "paid"))
        >>> show(join_streams("paid", orders, payments, within=seconds(5), how="left").joined)
        ann pen + paid at 4
        bob ink + None at 20
    """
    after = required_milliseconds("within", within, at_least=timedelta.min)
    if idle is not None:
        required_duration("idle", idle)
    earlier = within if before is None else before
    earliest = required_milliseconds("before", earlier, at_least=timedelta.min)
    if after + earliest < 0:
        raise UsageError(
            "No two events can be so far apart",
            expected="a window that ends no earlier than it begins",
            found=f"within={within!r}, before={before!r}",
            remedy="Make within and before longer; either may be below zero, not their sum.",
        )
    settings = _Settings(
        after=after,
        before=earliest,
        grace=required_milliseconds("grace", grace, at_least=NOTHING),
        alone=ALONE[required_one_of("join", how, list(ALONE))],
        is_at_once=required_one_of("alone", alone, ["over", "at once"]) == "at once",
        has_one_time=one_time,
        idle=idle,
        clocks=clocks_of([left, right], partitions),
    )
    worked = stepped(step_id, [left, right], lambda state: _Pairing(step_id, settings, state))
    return Joins(joined=results_of("joined", worked), late=late_of(worked))


def clocks_of(sides: list[KeyedStream[Any]], partitions: Both | None) -> list[Clock]:
    """Return the clock of each side of a join."""
    named: list[Iterable[Place] | None] = [None, None] if partitions is None else [*partitions]
    return [clock_of(up, mine) for up, mine in zip(sides, named, strict=True)]


class Waiting(msgspec.Struct, gc=False):
    """An event that may still find partners; `since` is when it came, by the wall clock."""

    event: Any
    since: float
    is_paired: bool = False


class _Side:
    """The events of one side that wait: by key in the order of their times, and by due time.

    `reach` is how far after it an event's partner may be, `behind` how far before. An event is in
    time for as long as it is `open` behind stream time, and may still find a partner until the
    other side's time has passed it by its `patience`.
    """

    def __init__(
        self,
        reach: int,
        behind: int,
        grace: int,
        waiting: dict[str, list[Waiting]],
        due: list[tuple[int, str]],
    ):
        self.reach = reach
        self.behind = behind
        self.open = max(reach, 0) + grace
        # Its last partner is `reach` later, and in time for as long as its own window is open.
        self.patience = reach + max(behind, 0) + grace
        self.waiting = waiting
        self.due = due

    def put(self, key: str, waiting: Waiting) -> None:
        time = waiting.event.time
        mine = self.waiting.setdefault(key, [])
        mine.insert(bisect_right(mine, time, key=_time), waiting)
        heappush(self.due, (time, key))

    def partners(self, key: str, first: int, last: int) -> list[Waiting]:
        mine = self.waiting.get(key)
        if mine is None:
            return []
        return mine[bisect_left(mine, first, key=_time) : bisect_right(mine, last, key=_time)]

    def oldest(self) -> Waiting | None:
        """Return the one that is let go next."""
        return self.waiting[self.due[0][1]][0] if self.due else None

    def let_go(self, before: int, came_before: float = FOREVER) -> Iterator[tuple[str, Waiting]]:
        """Yield and drop those of a time before one, as long as they came before a moment."""
        while self.due and self.due[0][0] < before:
            _, key = self.due[0]
            mine = self.waiting[key]
            if mine[0].since > came_before:
                return
            heappop(self.due)
            yield key, mine.pop(0)
            if not mine:
                del self.waiting[key]


class _Pairing(Step):
    def __init__(self, step_id: str, settings: _Settings, state: Any):
        self._settings = settings
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up what waits on each side, and how far the partitions are."""
        settings = self._settings
        reaches = [(settings.after, settings.before), (settings.before, settings.after)]
        self._sides: list[_Side] = []
        self._times: list[StreamTimes] = []
        for side, (waiting, due, newest) in enumerate(pickle.loads(kept or _NOTHING_KEPT)):
            for ones in waiting.values():
                for one in ones:
                    one.since = monotonic()  # what waits since a crash waits anew
            self._sides.append(_Side(*reaches[side], settings.grace, waiting, due))
            awaited = settings.clocks[side].awaited
            self._times.append(StreamTimes(awaited, newest, idle=settings.idle))
        if settings.has_one_time:
            newest = max((*self._times[LEFT].newest.values(), NEVER))
            self._times = [StreamTimes([], {_BOTH: newest}, idle=settings.idle)] * 2

    def kept(self) -> Any:
        """Return what waits on each side, and how far the partitions are."""
        sides = zip(self._sides, self._times, strict=True)
        # What waits may find a partner later, which changes it.
        return pickle.dumps([(side.waiting, side.due, times.newest) for side, times in sides])

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Join each event with those that wait on the other side."""
        if self._settings.alone:
            self._take_one_by_one(side, pairs)
            return
        now = monotonic()
        for key, event in pairs:
            if key is not None and event.event is not None:
                self._join(side, key, Waiting(event, now))
        place_of = self._place_of(side)
        for place, newest in {place_of(event): event.stream_time for _, event in pairs}.items():
            self._times[side].update(place, newest, now)
        for one in (LEFT, RIGHT):
            self._let_go(one, self._times[1 - one].passed)

    def _place_of(self, side: int) -> Callable[[Timed], Place]:
        settings = self._settings
        return _one_place if settings.has_one_time else settings.clocks[side].place_of

    def _take_one_by_one(self, side: int, pairs: list[Pair]) -> None:
        # What leaves alone has its place in the order, whatever the size of batches.
        place_of = self._place_of(side)
        times = self._times[side]
        now = monotonic()
        for key, event in pairs:
            if times.update(place_of(event), event.stream_time, now):
                self._let_go(1 - side, times.passed)  # before, since it is older
                if self._settings.has_one_time:
                    self._let_go(side, times.passed)
            if event.event is None:
                continue
            if key is None:
                self._leave_alone(side, None, Waiting(event, now))
            else:
                self._join(side, key, Waiting(event, now))
                self._let_go(side, self._times[1 - side].passed)  # it may be over already

    def look(self) -> None:
        """Let go what only a silent side holds back."""
        idle = self._settings.idle
        if idle is None:
            return
        came_before = monotonic() - idle.total_seconds()
        for side in self._settings.alone:
            passed = self._times[1 - side].passed_without_silent()
            if passed is None:  # all of it is silent: this side's own time counts
                passed = self._times[side].shown()
            self._let_go(side, passed, came_before)

    def end(self) -> None:
        """Let everything leave, in the order of its time."""
        if self._settings.is_at_once:
            return
        alone = [
            (waiting.event.time, -side, key, waiting)  # of one time the right ones come first
            for side in (LEFT, RIGHT)
            for key, waiting in self._sides[side].let_go(FOREVER)
        ]
        for _, side, key, waiting in sorted(alone, key=lambda one: one[:3]):
            self._leave_alone(-side, key, waiting)

    def seconds_to_wait(self) -> float | None:
        """Return when something has waited long enough for a silent side."""
        waits = [wait for side in self._settings.alone if (wait := self._seconds_held(side))]
        return min(waits, default=None)

    def _seconds_held(self, side: int) -> float | None:
        """Return in how many seconds the oldest of a side leaves if the other stays silent."""
        oldest = self._sides[side].oldest()
        idle = self._settings.idle
        if oldest is None or idle is None:
            return None
        needed = oldest.event.time + self._sides[side].patience
        if self._times[side].shown() <= needed:
            return None  # it is not over by its own side's time either
        waited = oldest.since + idle.total_seconds() - monotonic()
        silent = self._times[1 - side].seconds_until_silent(needed)
        return max(_A_LITTLE, waited, silent or 0) + _A_LITTLE

    def _join(self, side: int, key: str, one: Waiting) -> None:
        mine = self._sides[side]
        event = one.event
        end = event.time + mine.reach
        closed = event.time + mine.open
        if self._stream_time(side, event) > closed:
            window = (event, event.time - mine.behind, end, closed)
            self.late.put(key, Late, *window, time=event.time, lane=event.partition)
            if self._settings.has_one_time:
                self._leave_alone(side, key, one)
            return
        for other in self._sides[1 - side].partners(key, event.time - mine.behind, end):
            one.is_paired = True
            other.is_paired = True
            self._leave(side, key, event, other.event)
        if self._settings.is_at_once:
            self._leave_alone(side, key, one)
        mine.put(key, one)

    def _stream_time(self, side: int, event: Timed) -> int:
        if not self._settings.has_one_time:
            return event.stream_time
        return max(event.stream_time, self._times[side].passed)

    def _let_go(self, side: int, passed: int, came_before: float = FOREVER) -> None:
        mine = self._sides[side]
        before = passed - mine.patience
        if not mine.due or mine.due[0][0] >= before:
            return
        for key, one in mine.let_go(before, came_before):
            if not self._settings.is_at_once:
                self._leave_alone(side, key, one)

    def _leave_alone(self, side: int, key: str | None, one: Waiting) -> None:
        if side in self._settings.alone and not one.is_paired:
            self._leave(side, key, one.event, None)

    def _leave(self, side: int, key: str | None, event: Timed, other: Timed | None) -> None:
        time = event.time if other is None else max(event.time, other.time)
        both = (event, other) if side == LEFT else (other, event)
        self.results.put_joined(key, *both, time=time, lane=event.partition)


def _one_place(item: Timed) -> Place:
    return _BOTH


def _time(waiting: Waiting) -> int:
    time: int = waiting.event.time
    return time
