"""What operators take: one event as a flow gets it, and what every item of ours has in common."""

from datetime import datetime
from typing import Any, Protocol

import msgspec

from eventlab.moments import from_milliseconds

NEVER = -1  # before any time that an event can have
FOREVER = 2**62

Place = tuple[str, int]


class Timed(Protocol):
    """An item that operators take: an Arrival, or what another operator made.

    `event` is what it says, None if it takes back what was said before (a tombstone). `time` is its
    own time, and `stream_time` the greatest that its stream had shown up to it, both in
    milliseconds since 1970. `topic`, `partition` and `offset` say which stream that is, and which
    number in it: for an Arrival its place in the log; for a result the step that made it, the
    partition of the record that brought it, and its number among those.
    """

    @property
    def event(self) -> Any:
        """Return what it says; None for a tombstone."""

    @property
    def time(self) -> int:
        """Return its own time."""

    @property
    def stream_time(self) -> int:
        """Return the time of its stream when it came."""

    @property
    def topic(self) -> str:
        """Return the topic, or the step, that it comes from."""

    @property
    def partition(self) -> int:
        """Return the partition."""

    @property
    def offset(self) -> int:
        """Return its number in the partition."""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One event that came from a topic.

    `event` is a dict of the event's fields, or the contract that the source was given (an Order),
    None for a tombstone. `time` is the record's own time and `stream_time` the greatest that its
    partition has shown up to this record, both in milliseconds since 1970. Stream time is Kafka
    Streams' notion (KIP-353, TimestampedWindowStore); it is stamped where the partition is read, so
    it does not depend on the size of batches, nor on what other partitions do. `window` is the
    start and the end of the window that the record's key names, None for any other key.
    """

    event: Any
    key: str | None
    topic: str
    partition: int
    offset: int
    time: int
    stream_time: int
    headers: tuple[tuple[str, bytes | None], ...] = ()
    window: tuple[int, int] | None = None

    @property
    def timestamp(self) -> datetime:
        """Return the record's own time, aware, in UTC."""
        return from_milliseconds(self.time)


def place_of(item: Timed) -> Place:
    """Return the partition from which an item comes."""
    return item.topic, item.partition
