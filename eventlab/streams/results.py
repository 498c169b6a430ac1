"""What operators make: windows, joins, rows of tables, and what came too late for them.

Each is an item that every other operator takes: it has its own time, and its place among what left
the step that made it, with the stream time there (see arrivals.Timed). All times are milliseconds
since 1970.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec

from eventlab.moments import (
    clock_words,
    duration_from_milliseconds,
    duration_words,
    from_milliseconds,
)
from eventlab.streams.arrivals import NEVER, Timed


class Window(msgspec.Struct, frozen=True, gc=False):
    """What a window of one key holds at the moment.

    `start` belongs to the window, and `end` does too in sliding and session windows only. `time`
    is the greatest time of its events. A `value` of None takes back what was said before: its
    session became part of a greater one.
    """

    start: int
    end: int
    value: Any
    time: int
    stream_time: int = NEVER
    topic: str = ""
    partition: int = 0
    offset: int = -1

    @property
    def event(self) -> "Window | None":
        """Return the window itself, None if it was taken back."""
        return None if self.value is None else self

    @property
    def interval(self) -> tuple[datetime, datetime]:
        """Return start and end as aware datetimes."""
        return from_milliseconds(self.start), from_milliseconds(self.end)


class Joined(msgspec.Struct, frozen=True, gc=False):
    """What a join made of two sides: their events and times, None for a side that has nothing.

    `time` is the later of the two that made it, as in Kafka Streams: where a side was deleted, that
    is the time of the deletion. A row that is no more has nothing on either side.
    """

    left: Any
    right: Any
    left_time: int | None
    right_time: int | None
    time: int
    stream_time: int = NEVER
    topic: str = ""
    partition: int = 0
    offset: int = -1

    @property
    def event(self) -> "Joined | None":
        """Return the row itself, None if it is no more."""
        return None if self.left is None and self.right is None else self


class Row(msgspec.Struct, frozen=True, gc=False):
    """The row of a table that an operator keeps; a `value` of None says that it is no more."""

    value: Any
    time: int
    stream_time: int = NEVER
    topic: str = ""
    partition: int = 0
    offset: int = -1

    @property
    def event(self) -> Any:
        """Return the value."""
        return self.value


class Late(msgspec.Struct, frozen=True, gc=False):
    """An event that came too late for a window, and by how much.

    `closed` is the stream time at which the window took its last event: its end and the grace,
    for a session also the gap.
    """

    arrival: Any
    start: int
    end: int
    closed: int
    time: int
    stream_time: int = NEVER
    topic: str = ""
    partition: int = 0
    offset: int = -1

    @property
    def event(self) -> Any:
        """Return what the event says."""
        return self.arrival.event

    @property
    def missed_by(self) -> timedelta:
        """Return how much earlier, in stream time, it should have come."""
        missed: int = self.arrival.stream_time - self.closed
        return duration_from_milliseconds(missed)

    @property
    def reason(self) -> str:
        """Return in one sentence why it was not counted."""
        stream_time = self.arrival.stream_time
        patience = self.closed - self.end
        missed = stream_time - self.closed
        return (
            f"arrived when the watermark stood at {clock_words(stream_time)};"
            f" its window ended at {clock_words(self.end)}"
            + (f" and stayed open for {duration_words(patience)} more; " if patience else "; ")
            + (f"{duration_words(missed)} too late" if missed else "just too late")
        )


RESULTS = (Window, Joined, Row, Late)


class Output:
    """One of the streams that leave a step: what leaves it is numbered and stamped.

    It has a lane for each partition from which records come, as Kafka Streams has a task, with a
    stream time and offsets of its own: that one partition is read ahead of another makes nothing
    late. `pairs` are those that have not left yet; what a crash must not change is in `lanes`.
    """

    def __init__(self, topic: str, lanes: dict[int, tuple[int, int]] | None = None):
        self._topic = topic
        self.lanes = dict(lanes or {})
        self.pairs: list[tuple[str | None, Any]] = []

    def put(
        self, key: str | None, kind: Callable[..., Any], *fields: Any, time: int, lane: int
    ) -> None:
        """Let a result of a kind leave, made of its fields, its time and its place."""
        offset, stream_time = self._place(time, lane)
        result = kind(*fields, time, stream_time, self._topic, lane, offset)
        self.pairs.append((key, result))

    def put_joined(
        self, key: str | None, left: Timed | None, right: Timed | None, *, time: int, lane: int
    ) -> None:
        """Let what two sides come to leave, of which one may be missing."""
        offset, stream_time = self._place(time, lane)
        joined = Joined(
            None if left is None else left.event,
            None if right is None else right.event,
            None if left is None else left.time,
            None if right is None else right.time,
            time,
            stream_time,
            self._topic,
            lane,
            offset,
        )
        self.pairs.append((key, joined))

    def put_again(self, key: str | None, item: Any) -> None:
        """Let an item leave as what it is, with its place here."""
        offset, stream_time = self._place(item.time, item.partition)
        place = {"stream_time": stream_time, "topic": self._topic, "offset": offset}
        self.pairs.append((key, msgspec.structs.replace(item, **place)))

    def take(self) -> list[tuple[str | None, Any]]:
        """Return what has not left yet, which leaves now."""
        pairs = self.pairs
        self.pairs = []
        return pairs

    def _place(self, time: int, lane: int) -> tuple[int, int]:
        offset, newest = self.lanes.get(lane, (0, NEVER))
        stream_time = newest if newest > time else time
        self.lanes[lane] = (offset + 1, stream_time)
        return offset, stream_time
