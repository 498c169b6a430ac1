"""Kinds of windows, and what each does with an event: Kafka Streams' semantics, without a flow.

A window takes an event as long as stream time has not passed its end by more than the grace; the
bounds are those of Kafka Streams (TimeWindows, SlidingWindows and SessionWindows, and the
processors KStreamWindowAggregate, KStreamSlidingWindowAggregate and KStreamSessionWindowAggregate).
Times and lengths inside are milliseconds.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eventlab.errors import UsageError
from eventlab.streams.arguments import required_length
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Late, Window

FOREVER = 2**62

Changed = list[tuple[str, Window]]
Missed = list[tuple[str, Late]]


@dataclass(frozen=True)
class Fold:
    """How events become a window's value: what it begins with, and what each event makes of it.

    `merge` makes one value of those of two sessions that an event has joined.
    """

    begin: Callable[[], Any]
    add: Callable[[Any, Arrival], Any]
    merge: Callable[[Any, Any], Any] | None = None


class Windows(ABC):
    """A kind of windows; the state of many keys is a plain dict that it alone understands."""

    def require(self, fold: Fold) -> None:  # noqa: B027  most windows need nothing more
        """Raise UsageError if these windows need more of a fold than it has."""

    @abstractmethod
    def add(
        self, state: dict, key: str, arrival: Arrival, fold: Fold, grace: int
    ) -> tuple[Changed, Missed]:
        """Put an event into its windows; return those it changed, and those it came late for."""

    @abstractmethod
    def close(self, state: dict, fold: Fold, grace: int, stream_time: int) -> Changed:
        """Drop the windows that take nothing more, and return them with their last value.

        `stream_time` is what all partitions have passed.
        """


@dataclass(frozen=True)
class Hopping(Windows):
    """Windows of one length, of which one begins at every hop since 1970 (UTC)."""

    length: timedelta
    hop: timedelta

    def __post_init__(self):
        length = required_length("A window's length", self.length)
        hop = required_length("A hop", self.hop)
        if self.hop > self.length:
            raise UsageError(
                "Events between two windows would be lost",
                expected="a hop no longer than the window",
                found=f"a hop of {self.hop} and a window of {self.length}",
            )
        object.__setattr__(self, "_length", length)
        object.__setattr__(self, "_hop", hop)

    def add(self, state, key, arrival, fold, grace):
        """Put an event into each window that holds its time."""
        length, hop, time = self._length, self._hop, arrival.time
        closed = arrival.stream_time - grace
        changed, missed = [], []
        for start in range(time - time % hop, time - length, -hop):
            end = start + length
            if end <= closed:
                missed.append((key, Late(arrival, start, end, end + grace)))
                continue
            window = state.get(start)
            if window is None:
                window = state[start] = {}
            value, newest = window[key] if key in window else (fold.begin(), time)
            value, newest = fold.add(value, arrival), max(newest, time)
            window[key] = value, newest
            changed.append((key, Window(start, end, value, newest)))
        return changed, missed

    def close(self, state, fold, grace, stream_time):
        """Drop the windows whose end and grace stream time has reached."""
        length, passed = self._length, stream_time - grace
        closing = sorted(start for start in state if start + length <= passed)
        return [
            (key, Window(start, start + length, value, newest))
            for start in closing
            for key, (value, newest) in state.pop(start).items()
        ]


class Tumbling(Hopping):
    """Windows of one length, one after the other since 1970 (UTC)."""

    def __init__(self, length: timedelta):
        super().__init__(length, length)


@dataclass(frozen=True)
class Session(Windows):
    """Windows that last as long as no two events of a key are further apart than the gap."""

    gap: timedelta

    def __post_init__(self):
        object.__setattr__(self, "_gap", required_length("A gap", self.gap))

    def require(self, fold):
        """Raise UsageError unless the values of two sessions can be merged."""
        if fold.merge is None:
            raise UsageError(
                "Sessions that an event joins cannot be merged",
                expected="Fold(begin, add, merge)",
                found="a Fold without merge",
                remedy="For a count it is operator.add.",
            )

    def add(self, state, key, arrival, fold, grace):
        """Put an event into its session; sessions that it joins become one, and are taken back."""
        gap, time = self._gap, arrival.time
        sessions: list[tuple[int, int, Any]] = state.get(key, [])
        closed = arrival.stream_time - grace - gap
        joined = [s for s in sessions if s[0] - gap <= time <= s[1] + gap and s[1] >= closed]
        start = min([time, *(one[0] for one in joined)])
        end = max([time, *(one[1] for one in joined)])
        if end < closed:
            return [], [(key, Late(arrival, start, end, end + gap + grace))]
        value = fold.begin()
        for *_, other in joined:
            value = fold.merge(value, other)
        value = fold.add(value, arrival)
        changed = [(key, Window(one[0], one[1], None, one[1])) for one in joined]
        changed = [back for back in changed if (back[1].start, back[1].end) != (start, end)]
        rest = [one for one in sessions if one not in joined]
        state[key] = [*rest, (start, end, value)]
        return [*changed, (key, Window(start, end, value, end))], []

    def close(self, state, fold, grace, stream_time):
        """Drop the sessions whose end, gap and grace stream time has passed."""
        passed, closed = stream_time - grace, []
        for key in list(state):
            ended = [one for one in state[key] if one[1] + self._gap < passed]
            if ended:
                closed += [(key, Window(start, end, value, end)) for start, end, value in ended]
                state[key] = [one for one in state[key] if one not in ended]
                if not state[key]:
                    del state[key]
        return closed


@dataclass(frozen=True)
class Sliding(Windows):
    """Windows of the events of a key that are no further apart than a difference.

    One ends with each event, and one begins just after it where others follow; both bounds belong
    to a window (KIP-450). An event counts in each of them whose end stream time had not passed,
    grace included, when it came. It is late, and told once, when the one that ends with it had
    closed, whichever others it missed too. Events are kept until their last window closes, and a
    window's are folded anew, in the order of their times, when one comes in.
    """

    difference: timedelta

    def __post_init__(self):
        object.__setattr__(self, "_difference", required_length("A difference", self.difference))

    def add(self, state, key, arrival, fold, grace):
        """Put an event into each window that holds its time, and make those that it brings."""
        difference, time = self._difference, arrival.time
        last_end = time + 1 + difference
        if not _counts(arrival, last_end, grace):
            return [], [(key, Late(arrival, time + 1, last_end, last_end + grace))]
        events, done = state.get(key, ([], -1))
        is_first = not _between(events, time, time)
        insort(events, arrival, key=_time)
        state[key] = events, done
        near = _between(events, time - difference - 1, last_end)
        starts = {
            event.time - difference
            for event in near
            if time <= event.time < last_end and _counts(event, event.time, grace)
        }
        starts |= {event.time + 1 for event in near if event.time < time}
        is_late = not _counts(arrival, time, grace)
        missed = [(key, Late(arrival, time - difference, time, time + grace))] if is_late else []
        changed = [
            (key, self._window(near, start, fold, grace))
            for start in sorted(starts)
            if _counts(arrival, start + difference, grace)
        ]
        if is_first and time < near[-1].time < last_end:
            changed += [(key, one) for one in [self._window(near, time + 1, fold, grace)] if one]
        return changed, missed

    def close(self, state, fold, grace, stream_time):
        """Drop the windows whose end and grace stream time has reached."""
        difference, passed, closed = self._difference, stream_time - grace, []
        for key in list(state):
            events, done = state[key]
            ends = {event.time for event in events if _counts(event, event.time, grace)}
            ends |= {event.time + 1 + difference for event in events}
            for end in sorted(end for end in ends if done < end <= passed):
                window = self._window(events, end - difference, fold, grace)
                closed += [(key, window)] if window else []
            kept = [event for event in events if event.time + 1 + difference > passed]
            if kept:
                state[key] = kept, passed
            else:
                del state[key]
        return closed

    def _window(self, events: list[Arrival], start: int, fold: Fold, grace: int) -> Window | None:
        end = start + self._difference
        inside = [one for one in _between(events, start, end) if _counts(one, end, grace)]
        if not inside:
            return None
        value = fold.begin()
        for event in inside:
            value = fold.add(value, event)
        return Window(start, end, value, inside[-1].time)


def _counts(arrival: Arrival, end: int, grace: int) -> bool:
    return end > arrival.stream_time - grace


def _time(arrival: Arrival) -> int:
    return arrival.time


def _between(events: list[Arrival], first: int, last: int) -> list[Arrival]:
    return events[bisect_left(events, first, key=_time) : bisect_right(events, last, key=_time)]
