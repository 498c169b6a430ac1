"""One event as a flow gets it: decoded, with its place in the log and the time of its partition."""

from datetime import UTC, datetime
from typing import Any

import msgspec


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """One event that came from a topic.

    `event` is a dict of the event's fields, or the contract that the source was given (an Order),
    None for a tombstone. `time` is the record's own time and `stream_time` the greatest that its
    partition has shown up to this record, both in milliseconds since 1970. Stream time is Kafka
    Streams' notion (KIP-353, TimestampedWindowStore); it is stamped where the partition is read, so
    it does not depend on the size of batches, nor on what other partitions do.
    """

    event: Any
    key: str | None
    topic: str
    partition: int
    offset: int
    time: int
    stream_time: int
    headers: tuple[tuple[str, bytes], ...] = ()

    @property
    def timestamp(self) -> datetime:
        """Return the record's own time, aware, in UTC."""
        return datetime.fromtimestamp(self.time / 1000, UTC)
