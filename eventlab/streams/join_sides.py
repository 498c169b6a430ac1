"""What a side of a join of two streams keeps: the events that may still find a partner."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Any

import msgspec

from eventlab.streams.arrivals import FOREVER


class Waiting(msgspec.Struct, gc=False):
    """An event that may still find partners; `since` is when it came, by the wall clock.

    `lane` tells whose stream time lets it go, where there are several.
    """

    event: Any
    since: float
    lane: int = 0
    is_paired: bool = False


class Side:
    """The events of one side that wait: by key in the order of their times, by lane by due time.

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
        due: dict[int, list[tuple[int, str]]],
    ):
        self.reach = reach
        self.behind = behind
        self.open = max(reach, 0) + grace
        # Its last partner is `reach` later, and in time for as long as its own window is open.
        self.patience = reach + max(behind, 0) + grace
        self.waiting = waiting
        self.due = due

    def put(self, key: str, waiting: Waiting) -> None:
        """Let an event wait."""
        time = waiting.event.time
        mine = self.waiting.setdefault(key, [])
        mine.insert(bisect_right(mine, time, key=_time), waiting)
        heappush(self.due.setdefault(waiting.lane, []), (time, key))

    def partners(self, key: str, first: int, last: int) -> list[Waiting]:
        """Return those of a key that wait and are of a time from the first to the last."""
        mine = self.waiting.get(key)
        if mine is None:
            return []
        return mine[bisect_left(mine, first, key=_time) : bisect_right(mine, last, key=_time)]

    def oldest(self) -> Waiting | None:
        """Return the one that is let go next, where there is one lane."""
        due = self.due.get(0)
        return self.waiting[due[0][1]][0] if due else None

    def let_go(
        self, before: int, came_before: float = FOREVER, *, lane: int = 0
    ) -> Iterator[tuple[str, Waiting]]:
        """Yield and drop those of a time before one, as long as they came before a moment."""
        due = self.due.get(lane)
        while due and due[0][0] < before:
            _, key = due[0]
            mine = self.waiting[key]
            # A key that was given anew within the flow may have events in several lanes.
            place = next(number for number, one in enumerate(mine) if one.lane == lane)
            if mine[place].since > came_before:
                return
            heappop(due)
            yield key, mine.pop(place)
            if not mine:
                del self.waiting[key]

    def all(self) -> Iterator[tuple[str, Waiting]]:
        """Yield and drop all that wait."""
        for lane in sorted(self.due):
            yield from self.let_go(FOREVER, lane=lane)


def _time(waiting: Waiting) -> int:
    time: int = waiting.event.time
    return time
