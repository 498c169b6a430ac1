"""Sliding windows, as Kafka Streams has them (KIP-450). Times inside are milliseconds."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from eventlab.arguments import required_milliseconds
from eventlab.checked import checked
from eventlab.streams.arrivals import NEVER, Timed
from eventlab.streams.windows import Change, Fold, Missed, Windows, by_end


@checked
@dataclass(frozen=True)
class Sliding(Windows):
    """Windows of the events of a key that are no further apart than a difference.

    One ends with each event, and one begins just after it where others follow; both bounds belong
    to a window (KIP-450), so it is closed when stream time has passed its end and the grace
    (KAFKA-13739). An event counts in each of them that was not closed when it came. It is late, and
    said to be once, when the one that ends with it had closed, whichever others it missed too.
    Events are kept until their last window closes, and a window's are folded anew, in the order in
    which they came, when one comes in.

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1)
        >>> orders = events("orders", ("ann", 17, "pen"), ("ann", 22, "ink"))
        >>> show(windowed("counts", orders, Sliding(seconds(10)), count).windows)
        ann [7, 17] 1 at 17
        ann [17.001, 27.001] 1 at 22
        ann [12, 22] 2 at 22
    """

    difference: timedelta
    _difference: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "_difference", required_milliseconds("difference", self.difference)
        )

    def add(
        self,
        state: dict[Any, Any],
        key: str,
        event: Timed,
        fold: Fold,
        grace: int,
        closed: int = NEVER,
    ) -> tuple[list[Change], list[Missed]]:
        """Put an event into each window that holds its time, and make those that it brings."""
        difference = self._difference
        time = event.time
        passed = max(event.stream_time - grace, closed)
        last_end = time + 1 + difference
        if last_end <= passed:
            return [], [Missed(key, event, time + 1, last_end, last_end + grace)]
        events, done, number = state.get(key, ([], NEVER, 0))
        end = self._end(time)
        is_late = end < passed
        near = _between(events, time - difference - 1, last_end)
        starts = self._starts_holding(time, near, last_end)
        if not is_late and end - difference not in starts:
            starts.append(end - difference)
        has_later = any(time < one.time for one in _between(near, time + 1, last_end))
        makes_right = has_later and not any(one.time == time and one.makes_right for one in near)
        open_starts = [start for start in starts if start + difference >= passed]
        only_in = frozenset(open_starts) if is_late else None
        one = _Kept(time, number, passed, event, only_in, has_later or not is_late)
        insort(events, one, key=_time)
        state[key] = (events, done, number + 1)
        own_right = [time + 1] if makes_right else []
        if time < difference and 0 in open_starts:  # the first window comes last
            open_starts = sorted(start for start in open_starts if start) + own_right + [0]
        else:
            open_starts += own_right
        found = [self._change(key, events, start, fold) for start in open_starts]
        missed = [Missed(key, event, end - difference, end, end + grace)] if is_late else []
        return [change for change in found if change], missed

    def close(
        self, state: dict[Any, Any], fold: Fold, grace: int, stream_time: int
    ) -> list[Change]:
        """Drop the windows whose end and grace stream time has passed."""
        difference = self._difference
        passed = stream_time - grace
        closed: list[Change] = []
        for key in list(state):
            events, done, number = state[key]
            ends = {self._end(one.time) for one in events if one.only_in is None}
            ends |= {one.time + 1 + difference for one in events if one.makes_right}
            for end in sorted(end for end in ends if done <= end < passed):
                window = self._change(key, events, end - difference, fold)
                closed += [window] if window and window[3] is not None else []
            kept = [one for one in events if one.time + 1 + difference >= passed]
            if kept:
                state[key] = (kept, passed, number)
            else:
                del state[key]
        return sorted(closed, key=by_end)

    def _end(self, time: int) -> int:
        # No window begins before 1970; the first one ends a difference later (KIP-450).
        return max(time, self._difference) if time >= 0 else time

    def _starts_holding(self, time: int, near: list["_Kept"], last_end: int) -> list[int]:
        """Return where the windows begin that hold a time: those that are there, latest first.

        Last comes the one that begins just after the event before, where it is not there yet: the
        order in which Kafka Streams makes and changes them.
        """
        there = {
            self._end(other.time) - self._difference
            for other in near
            if time <= other.time < last_end and other.only_in is None
        }
        before = [other for other in near if other.time < time and other.makes_right]
        latest = max((other.time for other in before), default=NEVER)
        there |= {other.time + 1 for other in before if other.time < latest}
        right = latest + 1
        new: list[int] = []
        if before and right not in there:
            if _between(near, right, right + self._difference):
                there.add(right)
            else:
                new.append(right)
        return [*sorted(there, reverse=True), *new]

    def _change(self, key: str, events: list["_Kept"], start: int, fold: Fold) -> Change | None:
        end = start + self._difference
        inside = [one for one in _between(events, start, end) if one.counts_in(start, end)]
        if not inside:
            return None
        value = None
        for one in sorted(inside, key=_number):
            value = fold.add(fold.begin() if value is None else value, one.event)
        return key, start, end, value, inside[-1].time


class _Kept(NamedTuple):
    """An event of a sliding window: when it came among others, and what was closed by then.

    One whose own window had closed counts `only_in` the windows that were there when it came, as
    Kafka Streams keeps windows and no events. `makes_right` tells whether a window begins after it.
    """

    time: int
    number: int
    closed: int
    event: Timed
    only_in: frozenset[int] | None
    makes_right: bool

    def counts_in(self, start: int, end: int) -> bool:
        """Tell whether it counts in a window that holds its time."""
        return end >= self.closed and (self.only_in is None or start in self.only_in)


def _time(one: _Kept) -> int:
    return one.time


def _number(one: _Kept) -> int:
    return one.number


def _between(events: list[_Kept], first: int, last: int) -> list[_Kept]:
    return events[bisect_left(events, first, key=_time) : bisect_right(events, last, key=_time)]
