"""How far the partitions of a stream are: the newest time of each, and what all have passed."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta

from eventlab.streams.arrivals import NEVER, Place

Times = dict[Place, int]


class StreamTimes:
    """The newest time of each partition, and the one that all of them have passed.

    A partition that has shown nothing yet holds `passed` at NEVER: everything may still come. With
    `idle`, one that was silent for so long by the wall clock can be left out (Kafka Streams'
    max.task.idle.ms, Flink's withIdleness); after a crash each is waited for anew.
    """

    def __init__(
        self,
        awaited: Iterable[Place],
        newest: Mapping[Place, int],
        *,
        idle: timedelta | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.newest: Times = dict(newest)
        self._clock = clock
        self._idle_seconds = None if idle is None else idle.total_seconds()
        self._heard = dict.fromkeys([*awaited, *self.newest], clock())
        self.passed = self._least(self._heard)

    def update(self, place: Place, newest: int, now: float | None = None) -> bool:
        """Take in how far a partition is; return whether all have passed a later time.

        `now` is the clock's time, for who has looked at it already.
        """
        if self._idle_seconds is not None or place not in self._heard:
            self._heard[place] = self._clock() if now is None else now
        before = self.newest.get(place, NEVER)
        if newest <= before:
            return False
        self.newest[place] = newest
        if before > self.passed:
            return False  # it was not the slowest
        passed = self._least(self._heard)
        moved = passed > self.passed
        self.passed = max(self.passed, passed)
        return moved

    def passed_without_silent(self) -> int | None:
        """Return the time that all but the silent have passed; None where all are silent."""
        if self._idle_seconds is None:
            return self.passed
        heard_since = self._clock() - self._idle_seconds
        speaking = [place for place, at in self._heard.items() if at >= heard_since]
        return self._least(speaking) if speaking else None

    def shown(self) -> int:
        """Return the time that all have passed of those that have shown any."""
        return min(self.newest.values(), default=NEVER)

    def seconds_until_silent(self, below: int) -> float | None:
        """Return in how many seconds all count as silent that are not past a time.

        It is 0 or less where they do already; None where there is nobody, or nobody ever does.
        """
        if self._idle_seconds is None:
            return None
        slow = [at for place, at in self._heard.items() if self.newest.get(place, NEVER) <= below]
        return max(slow) + self._idle_seconds - self._clock() if slow else None

    def _least(self, places: Iterable[Place]) -> int:
        return min((self.newest.get(place, NEVER) for place in places), default=NEVER)
