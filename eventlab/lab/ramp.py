"""A play that begins so slowly that the eye can follow each event, and then speeds up by itself."""

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

from eventlab.events import Delivery, Event
from eventlab.log import Playing
from eventlab.log.playing import arrival

# Virtual seconds in a second: from real time to a day in less than two seconds; 0 is full speed.
_SPEEDS = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 10_000, 60_000]

HOLD_SECONDS = 4.0
CLIMB_SECONDS = 8.0


def spacing_seconds(first: Sequence[Any]) -> float:
    """Return how many seconds of the story lie between two of its first events; 0 for one alone."""
    moments = [arrival(one) for one in first]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(moments)]
    return statistics.median(gaps) if gaps else 0.0


def length_seconds(events: Iterable[Any]) -> float:
    """Return how long a story lasts from its first event to its last; 0 where nobody knows yet."""
    if not isinstance(events, Sequence) or not events:
        return 0.0
    if not all(isinstance(one, Event | Delivery) for one in (events[0], events[-1])):
        return 0.0  # who plays it says what it is
    return (arrival(events[-1]) - arrival(events[0])).total_seconds()


class Ramp:
    """Set the speed of players from an event a second, for some seconds, to the one they have.

    The learner's own hand ends it: a speed that it has not set is left as it is. A speed of 0 (as
    fast as the machine can), or one that is slow already, is left too.
    """

    def __init__(
        self,
        players: Sequence[Playing],
        spacing_seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._players = players
        self._clock = clock
        self._began = clock()
        self._target = players[0].speed if players else 0.0
        self._slow = spacing_seconds
        self._set_to = self._target
        self.is_over = not 0 < self._slow < self._target
        if not self.is_over:
            self._set(self._slow)

    def go_on(self) -> None:
        """Set the speed that is due now, unless the learner has set one."""
        if self.is_over:
            return
        if any(player.speed != self._set_to for player in self._players):
            self.is_over = True
            return
        climbed = (self._clock() - self._began - HOLD_SECONDS) / CLIMB_SECONDS
        share = min(max(climbed, 0.0), 1.0)
        self._set(self._target if share == 1 else self._slow * (self._target / self._slow) ** share)
        self.is_over = share == 1

    def _set(self, speed: float) -> None:
        self._set_to = speed
        for player in self._players:
            player.speed = speed


def _rounded(speed: float) -> float:
    return float(f"{speed:.2g}")  # between two that can be chosen, as it climbs


def speeds_around(now: float) -> list[tuple[str, float]]:
    """Return the speeds that one can choose, with words for each; the one of now among them."""
    speeds = sorted({float(speed) for speed in _SPEEDS} | ({now} if now else set()))
    # As fast as the machine can is written 0, and stands at the fast end.
    return [*((_speed_words(speed), speed) for speed in speeds), ("as fast as it can", 0.0)]


def _speed_words(speed: float) -> str:
    return "real time" if speed == 1 else f"{_rounded(speed):,.10g} times as fast"
