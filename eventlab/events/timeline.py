"""Virtual time: a queue of what comes next, in whole microseconds from 1970."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from math import log

from eventlab.events.contracts import Event

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND

Draw = Callable[[], float]  # the next number from 0 up to, and without, 1
Step = Callable[[int, object], tuple[Event, ...]]

_DIVISIONS = 2**24  # into which a mean duration is divided


class Timeline:
    """Take steps in order of time; each returns the events of its moment, and may plan others."""

    def __init__(self):
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
    return datetime.fromtimestamp(at // 1_000 / 1_000, UTC)


def exponential(draw: Draw) -> float:
    """Return a duration in multiples of its mean, for what may happen at any moment."""
    # Rounded, because the last bits of a logarithm differ between machines.
    return round(-log(1 - draw()) * _DIVISIONS) / _DIVISIONS


def about(mean: int, draw: Draw) -> int:
    """Return an exponential duration in microseconds."""
    return round(mean * exponential(draw))
