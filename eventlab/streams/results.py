"""What comes out of windows and joins, and what came too late for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from eventlab.streams.arrivals import Arrival

_UNITS = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")]


class Window(msgspec.Struct, frozen=True, gc=False):
    """What a window of one key holds at the moment.

    `start` and `end` are milliseconds since 1970; the start belongs to the window, the end does
    too in sliding and session windows only. `time` is the greatest time of its events. A `value`
    of None takes back what was said before: its session became part of a greater one.
    """

    start: int
    end: int
    value: Any
    time: int

    @property
    def interval(self) -> tuple[datetime, datetime]:
        """Return start and end as aware datetimes."""
        return _moment(self.start), _moment(self.end)


class Late(msgspec.Struct, frozen=True, gc=False):
    """An event that came too late for a window, and by how much.

    `closed` is the stream time at which the window took its last event: its end and the grace,
    for a session also the gap. All times are milliseconds since 1970.
    """

    arrival: Arrival
    start: int
    end: int
    closed: int

    @property
    def time(self) -> int:
        """Return the event's own time."""
        return self.arrival.time

    @property
    def missed_by(self) -> timedelta:
        """Return how much earlier, in stream time, it should have come."""
        return timedelta(milliseconds=self.arrival.stream_time - self.closed)

    @property
    def reason(self) -> str:
        """Return in one sentence why it was not counted."""
        stream_time, patience = self.arrival.stream_time, self.closed - self.end
        missed = stream_time - self.closed
        return (
            f"arrived when stream time stood at {_clock(stream_time)};"
            f" its window ended at {_clock(self.end)}"
            + (f" and stayed open for {length_words(patience)} more; " if patience else "; ")
            + (f"{length_words(missed)} too late" if missed else "just too late")
        )


class Joined(msgspec.Struct, frozen=True, gc=False):
    """What a join made of two sides: their events and times, None for a side that has nothing.

    Times are milliseconds since 1970. `time` is the later of the two, as in Kafka Streams.
    """

    left: Any
    right: Any
    left_time: int | None
    right_time: int | None

    @property
    def time(self) -> int:
        """Return the time of the result."""
        return max(time for time in (self.left_time, self.right_time) if time is not None)


def length_words(milliseconds: int) -> str:
    """Return a length of time in its greatest units, at most two: "1 min 30 s"."""
    parts = []
    for size, unit in _UNITS:
        number, milliseconds = divmod(milliseconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"


def joined(left: Arrival | None, right: Arrival | None) -> Joined:
    """Return what two arrivals come to, one of which may be missing."""
    return Joined(
        left=None if left is None else left.event,
        right=None if right is None else right.event,
        left_time=None if left is None else left.time,
        right_time=None if right is None else right.time,
    )


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1000, UTC)


def _clock(time: int) -> str:
    return f"{_moment(time):%Y-%m-%d %H:%M:%S}"
