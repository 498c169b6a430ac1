"""Virtual time: a queue of what comes next, in whole microseconds from 1970."""

from collections.abc import Callable, Iterator
from datetime import datetime
from heapq import heappop, heappush
from itertools import count
from math import log
from typing import Any

from eventlab.events.contracts import Event
from eventlab.moments import from_milliseconds

MILLISECOND = 1_000
SECOND = 1_000 * MILLISECOND
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Draw = Callable[[], float]  # the next number from 0 up to, and without, 1
Step = Callable[[int, Any], tuple[Event, ...]]  # a time, and the subject it was planned with

_DIVISIONS = 2**24  # into which a mean duration is divided


class Timeline:
    """Take steps in order of time; each returns the events of its moment, and may plan others."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, Step, object]] = []
        self._places = count()

    @property
    def pending(self) -> int:
        """Return how many steps are planned."""
        return len(self._queue)

    def plan(self, at: int, step: Step, subject: object = None) -> None:
        """Take a step later; of steps at the same microsecond the one planned first is first."""
        heappush(self._queue, (at, next(self._places), step, subject))

    def __iter__(self) -> Iterator[Event]:
        while self._queue:
            at, _, step, subject = heappop(self._queue)
            yield from step(at, subject)


def moment(at: int) -> datetime:
    """Return a time as events carry it: in UTC, to the whole millisecond, as Kafka counts."""
    return from_milliseconds(at // MILLISECOND)


def exponential(draw: Draw) -> float:
    """Return a duration in multiples of its mean, for what may happen at any moment."""
    # Rounded, because the last bits of a logarithm differ between machines.
    return round(-log(1 - draw()) * _DIVISIONS) / _DIVISIONS


def about(mean: int, draw: Draw) -> int:
    """Return an exponential duration in microseconds."""
    return round(mean * exponential(draw))
