"""Kinds of windows, and what each does with an event: Kafka Streams' semantics, without a flow.

A window takes an event as long as stream time has not passed its end by more than the grace; the
bounds are those of Kafka Streams (TimeWindows, SlidingWindows and SessionWindows, and the
processors KStreamWindowAggregate, KStreamSlidingWindowAggregate and KStreamSessionWindowAggregate).
Times and lengths inside are milliseconds.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

from eventlab.arguments import required_milliseconds
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.streams.arrivals import NEVER, Timed

# Key, start, end, value, and the greatest time of the events.
Change = tuple[str, int, int, Any, int]


class Missed(NamedTuple):
    """An event that came too late for a window, which took its last one at `closed`."""

    key: str
    event: Timed
    start: int
    end: int
    closed: int


@checked
@dataclass(frozen=True)
class Fold:
    """How events become a window's value: what it begins with, and what each event makes of it.

    `merge` makes one value of those of two sessions that an event has joined.

    Examples:
        >>> orders = events("orders", ("ann", 1, 20), ("ann", 4, 50))
        >>> highest = Fold(int, lambda cents, order: max(cents, order.event))
        >>> show(windowed("highest", orders, Tumbling(seconds(10)), highest).windows)
        ann [0, 10] 20 at 1
        ann [0, 10] 50 at 4
    """

    begin: Callable[[], Any]
    add: Callable[[Any, Any], Any]
    merge: Callable[[Any, Any], Any] | None = None


class Windows(ABC):
    """A kind of windows; the state of many keys is a plain dict that it alone understands."""

    def require(self, fold: Fold) -> None:  # noqa: B027  most windows need nothing more
        """Raise UsageError if these windows need more of a fold than it has."""

    @abstractmethod
    def add(
        self,
        state: dict[Any, Any],
        key: str,
        event: Timed,
        fold: Fold,
        grace: int,
        closed: int = NEVER,
    ) -> tuple[list[Change], list[Missed]]:
        """Put an event into its windows; return those it changed, and those it came late for.

        A window is closed for it when its own stream time, or `closed`, has passed it.
        """

    @abstractmethod
    def close(
        self, state: dict[Any, Any], fold: Fold, grace: int, stream_time: int
    ) -> list[Change]:
        """Drop the windows that take nothing more, and return them with their last value.

        `stream_time` is what all partitions have passed. In the order of their ends.
        """


@checked
@dataclass(frozen=True)
class Hopping(Windows):
    """Windows of one length, of which one begins at every hop since 1970 (UTC).

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1)
        >>> orders = events("orders", ("ann", 7, "pen"))
        >>> show(windowed("counts", orders, Hopping(seconds(10), hop=seconds(5)), count).windows)
        ann [0, 10] 1 at 7
        ann [5, 15] 1 at 7
    """

    length: timedelta
    hop: timedelta
    _length: int = field(init=False, repr=False, compare=False)
    _hop: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        length = required_milliseconds("length", self.length)
        hop = required_milliseconds("hop", self.hop)
        if self.hop > self.length:
            raise UsageError(
                "Events between two windows would be lost",
                expected="a hop no longer than the window",
                found=f"a hop of {self.hop} and a window of {self.length}",
                remedy="Make the hop shorter, or the window longer.",
            )
        object.__setattr__(self, "_length", length)
        object.__setattr__(self, "_hop", hop)

    def add(
        self,
        state: dict[Any, Any],
        key: str,
        event: Timed,
        fold: Fold,
        grace: int,
        closed: int = NEVER,
    ) -> tuple[list[Change], list[Missed]]:
        """Put an event into each window that holds its time."""
        length = self._length
        time = event.time
        passed = max(event.stream_time - grace, closed)
        changed: list[Change] = []
        missed: list[Missed] = []
        for start in self._starts(time):
            end = start + length
            if end <= passed:
                missed.append(Missed(key, event, start, end, end + grace))
                continue
            window = state.get(start)
            if window is None:
                window = state[start] = {}
            before = window.get(key)
            if before is None or before[0] is None:  # a fold that gives None begins anew
                value = fold.add(fold.begin(), event)
                newest = time
            else:
                value = fold.add(before[0], event)
                newest = before[1] if before[1] > time else time
            window[key] = (value, newest)
            changed.append((key, start, end, value, newest))
        return changed, missed

    def close(
        self, state: dict[Any, Any], fold: Fold, grace: int, stream_time: int
    ) -> list[Change]:
        """Drop the windows whose end and grace stream time has reached."""
        length = self._length
        passed = stream_time - grace
        closing = sorted(start for start in state if start + length <= passed)
        closed: list[Change] = []
        for start in closing:
            values = state.pop(start)
            closed += [
                (key, start, start + length, value, newest)
                for key, (value, newest) in values.items()
                if value is not None
            ]
        return sorted(closed, key=by_end)

    def _starts(self, time: int) -> range:
        # Time begins in 1970: no window begins before, unless its events did.
        last = time - time % self._hop
        earliest = time - self._length + 1
        first = earliest + (last - earliest) % self._hop
        if time >= 0:
            first = max(first, 0)
        return range(first, last + 1, self._hop)


class Tumbling(Hopping):
    """Windows of one length, one after the other since 1970 (UTC).

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1)
        >>> orders = events("orders", ("ann", 7, "pen"), ("ann", 12, "ink"))
        >>> show(windowed("counts", orders, Tumbling(seconds(10)), count).windows)
        ann [0, 10] 1 at 7
        ann [10, 20] 1 at 12
    """

    @checked
    def __init__(self, length: timedelta):
        super().__init__(length, length)


@checked
@dataclass(frozen=True)
class Session(Windows):
    """Windows that last as long as no two events of a key are further apart than the gap.

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1, lambda one, other: one + other)
        >>> orders = events("orders", ("ann", 7, "pen"), ("ann", 12, "ink"), ("ann", 40, "cap"))
        >>> show(windowed("visits", orders, Session(seconds(10)), count, emit="final").windows)
        ann [7, 12] 2 at 12
        ann [40, 40] 1 at 40
    """

    gap: timedelta
    _gap: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_gap", required_milliseconds("gap", self.gap))

    def require(self, fold: Fold) -> None:
        """Raise UsageError unless the values of two sessions can be merged."""
        if fold.merge is None:
            raise UsageError(
                "Sessions that an event joins cannot be merged",
                expected="Fold(begin, add, merge)",
                found="a Fold without merge",
                remedy="For a count it is operator.add.",
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
        """Put an event into its session; sessions that it joins become one, and are taken back."""
        gap = self._gap
        time = event.time
        sessions: list[tuple[int, int, Any]] = state.get(key, [])
        passed = max(event.stream_time - grace, closed) - gap
        joined = [s for s in sessions if s[0] - gap <= time <= s[1] + gap and s[1] >= passed]
        joined.sort(key=lambda one: (one[1], one[0]))  # as Kafka's store finds them
        start = min([time, *(one[0] for one in joined)])
        end = max([time, *(one[1] for one in joined)])
        if end < passed:
            return [], [Missed(key, event, start, end, end + gap + grace)]
        value = fold.begin()
        for *_, other in joined:
            value = fold.merge(value, other) if fold.merge else value
        value = fold.add(value, event)
        taken_back: list[Change] = [
            (key, one[0], one[1], None, one[1])
            for one in joined
            if (one[0], one[1]) != (start, end)
        ]
        rest = [one for one in sessions if one not in joined]
        kept = rest if value is None else [*rest, (start, end, value)]
        if kept:
            state[key] = kept
        else:
            state.pop(key, None)
        return [*taken_back, (key, start, end, value, end)], []

    def close(
        self, state: dict[Any, Any], fold: Fold, grace: int, stream_time: int
    ) -> list[Change]:
        """Drop the sessions whose end, gap and grace stream time has passed."""
        passed = stream_time - grace - self._gap
        closed: list[Change] = []
        for key in list(state):
            ended = [one for one in state[key] if one[1] < passed]
            if not ended:
                continue
            closed += [(key, start, end, value, end) for start, end, value in ended]
            state[key] = [one for one in state[key] if one not in ended]
            if not state[key]:
                del state[key]
        return sorted(closed, key=by_end)


def by_end(change: Change) -> tuple[int, int, int, str]:
    """Return what puts windows that close together into the order of their ends."""
    key, start, end, _, time = change
    return end, time, start, key
