"""How the events of two sides find each other: what a join of two streams does at each of them."""

import pickle
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any

import msgspec

from eventlab.streams.arrivals import FOREVER, NEVER, Timed
from eventlab.streams.join_sides import Side, Waiting
from eventlab.streams.results import Late
from eventlab.streams.steps import Pair, Step
from eventlab.streams.stream_times import StreamTimes
from eventlab.streams.upstream import Clock

LEFT = 0
RIGHT = 1

_NOTHING_KEPT = pickle.dumps([({}, {}, {}), ({}, {}, {})])
_A_LITTLE = 0.001  # so that what is silent counts as silent when one looks


@dataclass(frozen=True)
class PairingSettings:
    """How far apart a pair may be, in milliseconds, and what is done with what has no partner."""

    after: int
    before: int
    grace: int
    alone: frozenset[int]
    is_at_once: bool
    idle: timedelta | None
    clocks: list[Clock]


class Pairing(Step):
    """Two sides, each with a time of its own that lets the other's events go."""

    def __init__(self, step_id: str, settings: PairingSettings, state: Any):
        self._settings = settings
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up what waits on each side, and how far the partitions are."""
        settings = self._settings
        reaches = [(settings.after, settings.before), (settings.before, settings.after)]
        self._sides: list[Side] = []
        self._times: list[StreamTimes] = []
        for side, (waiting, due, newest) in enumerate(pickle.loads(kept or _NOTHING_KEPT)):
            for ones in waiting.values():
                for one in ones:
                    one.since = monotonic()  # what waits since a crash waits anew
            self._sides.append(Side(*reaches[side], settings.grace, waiting, due))
            awaited = settings.clocks[side].awaited
            self._times.append(StreamTimes(awaited, newest, idle=settings.idle))

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
        place_of = self._settings.clocks[side].place_of
        for place, newest in {place_of(event): event.stream_time for _, event in pairs}.items():
            self._times[side].update(place, newest, now)
        for one in (LEFT, RIGHT):
            self._let_go(one, self._times[1 - one].passed)

    def _take_one_by_one(self, side: int, pairs: list[Pair]) -> None:
        # What leaves alone has its place in the order, whatever the size of batches.
        place_of = self._settings.clocks[side].place_of
        times = self._times[side]
        now = monotonic()
        for key, event in pairs:
            if times.update(place_of(event), event.stream_time, now):
                self._let_go(1 - side, times.passed)  # before, since it is older
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
        self._leave_in_order(
            [(side, key, one) for side in (LEFT, RIGHT) for key, one in self._sides[side].all()]
        )

    def _leave_in_order(self, over: list[tuple[int, str, Waiting]]) -> None:
        """Let those of both sides leave in the order of their times, the right ones first."""
        if self._settings.is_at_once:
            return
        for side, key, one in sorted(over, key=lambda it: (it[2].event.time, -it[0], it[1])):
            self._leave_alone(side, key, one)

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
        stream_time = self._stream_time(event)
        if stream_time > closed:
            missed = msgspec.structs.replace(event, stream_time=stream_time)
            window = (missed, event.time - mine.behind, end, closed)
            self.late.put(key, Late, *window, time=event.time, lane=event.partition)
            self._miss(side, key, one)
            return
        for other in self._sides[1 - side].partners(key, event.time - mine.behind, end):
            one.is_paired = True
            other.is_paired = True
            self._leave(side, key, event, other.event)
        if self._settings.is_at_once:
            self._leave_alone(side, key, one)
        mine.put(key, one)

    def _stream_time(self, event: Timed) -> int:
        return event.stream_time

    def _miss(self, side: int, key: str, one: Waiting) -> None:
        """Do what there is to do with one that is late."""

    def _let_go(
        self, side: int, passed: int, came_before: float = FOREVER, *, lane: int = 0
    ) -> None:
        mine = self._sides[side]
        for key, one in mine.let_go(passed - mine.patience, came_before, lane=lane):
            if not self._settings.is_at_once:
                self._leave_alone(side, key, one)

    def _leave_alone(self, side: int, key: str | None, one: Waiting) -> None:
        if side in self._settings.alone and not one.is_paired:
            self._leave(side, key, one.event, None)

    def _leave(self, side: int, key: str | None, event: Timed, other: Timed | None) -> None:
        time = event.time if other is None else max(event.time, other.time)
        both = (event, other) if side == LEFT else (other, event)
        self.results.put_joined(key, *both, time=time, lane=event.partition)


class TaskPairing(Pairing):
    """Two sides with one time for each partition number, that of a task of Kafka Streams."""

    def restore(self, kept: Any) -> None:
        """Take up what waits on each side, and how far the tasks are."""
        super().restore(kept)
        self._newest: dict[int, int] = {}
        for _, _, newest in pickle.loads(kept or _NOTHING_KEPT):
            self._newest |= newest

    def kept(self) -> Any:
        """Return what waits on each side, and how far the tasks are."""
        return pickle.dumps([(side.waiting, side.due, self._newest) for side in self._sides])

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Join each event with those that wait on the other side, one by one."""
        now = monotonic()
        for key, event in pairs:
            lane = event.partition
            self._move_on(lane, event.stream_time)
            if event.event is None:
                continue
            one = Waiting(event, now, lane)
            if key is None:
                self._leave_alone(side, None, one)
            else:
                self._join(side, key, one)
                self._let_go(side, self._newest[lane], lane=lane)  # it may be over already

    def _move_on(self, lane: int, stream_time: int) -> None:
        if stream_time <= self._newest.setdefault(lane, NEVER):
            return
        self._newest[lane] = stream_time
        over = [
            (side, key, one)
            for side in (LEFT, RIGHT)
            for key, one in self._sides[side].let_go(
                stream_time - self._sides[side].patience, lane=lane
            )
        ]
        self._leave_in_order(over)

    def look(self) -> None:
        """Do nothing: no side is waited for."""

    def seconds_to_wait(self) -> float | None:
        """Return that there is nothing to wait for."""
        return None

    def _stream_time(self, event: Timed) -> int:
        return self._newest[event.partition]

    def _miss(self, side: int, key: str, one: Waiting) -> None:
        self._leave_alone(side, key, one)
