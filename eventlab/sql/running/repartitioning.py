"""Rows on their way through a topic that is split by another key than the one they came with.

The first parts of a query read the partitions of its source, and pass rows on; the others each read
a partition of the topic, and do the rest. A row keeps its place, its time and the stream time of
its partition, so that it comes to the same as if it had not gone through the topic.

Nothing is lost or doubled by a crash. A part that begins where it was last kept passes some rows on
again, each to the partition in which it is already, and those of a source's partition follow each
other there as they do in the source: so whoever reads drops what is not further than the last one.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeAlias
from zlib import crc32

import msgspec

from eventlab.errors import RecoveryError
from eventlab.log import Record, Topic
from eventlab.log.messages import PlacedMessage
from eventlab.log.watching import TopicWatch
from eventlab.sql.planning.plans import Repartition
from eventlab.sql.running.changes import Pairs, Report
from eventlab.streams import Arrival
from eventlab.streams.arrivals import NEVER
from eventlab.streams.raw_source import RawPart, RawSource

# What a row is found by in its source: its offset there, and its number among those made of it.
_Seen: TypeAlias = dict[int, tuple[int, int]]

# A gap would be taken for rows that were read before.
WRITER_SETTINGS = {"enable.gapless.guarantee": True, "message.max.bytes": 100_000_000}
_SETTINGS: dict[str, str | float | bool] = {
    "cleanup.policy": "delete",
    "max.message.bytes": 100_000_000,
    "retention.bytes": -1,
    "retention.ms": -1,
    "segment.bytes": 50_000_000,
}
_MOST_BYTES = 500_000
_AT_MOST = 4  # records at once: in each may be the rows of a whole batch
_NONE_SEEN = (-1, 0)
_NOTHING = msgspec.msgpack.encode([])
_DECIMAL = 1
# The place and the times of a row, its key, and the row; without one only how far a partition is.
_Passed: TypeAlias = tuple[int, int, int, int, int, str | None, tuple[Any, ...] | None]


def make_topic(topic: Topic, partitions: int) -> None:
    """Make the topic that rows are to go through, empty. Raises TopicError and BrokerError."""
    topic.reset(partitions, _SETTINGS)


# -- rows that are passed on --------------------------------------------------------------------


def passing_on(step: Repartition, partitions: int, report: Report) -> Callable[[Pairs], list[Any]]:
    """Return what makes records of rows, for a topic of so many partitions; in one flow's thread.

    The rows of a batch that go to one partition are one record: each by itself would cost as much
    as all that is done with it. A row without a key is passed on where the key is the row's own: a
    join may keep it.
    """
    are_without_key_kept = not step.groups
    encode = _encoder([field.kind for field in step.shape.fields])
    numbers: _Seen = {}
    newest: dict[int, int] = {}

    @lru_cache(maxsize=10_000)
    def partition_of(key: str) -> int:
        return crc32(key.encode()) % partitions

    def pass_on(batch: Pairs) -> list[Record]:
        passed: dict[int, list[_Passed]] = {}
        for key, item in batch:
            partition = item.partition
            offset = item.offset
            before = numbers.get(partition)
            number = before[1] + 1 if before is not None and before[0] == offset else 0
            numbers[partition] = (offset, number)
            row = item.event
            if row is None or (key is None and not are_without_key_kept):
                continue
            to = partition % partitions if key is None else partition_of(key)
            one = (partition, offset, number, item.time, item.stream_time, key, row)
            passed.setdefault(to, []).append(one)
        if step.tells_time:
            add_times(batch, passed)
        return [
            Record(None, value, partition=to)
            for to, rows in passed.items()
            for value in encoded(rows)
        ]

    def add_times(batch: Pairs, passed: dict[int, list[_Passed]]) -> None:
        """Let each partition know how far those are that the batch is of."""
        shown = {item.partition: item.stream_time for _, item in batch}
        for partition, time in shown.items():
            if time > newest.get(partition, NEVER):
                newest[partition] = time
                for to in range(partitions):
                    passed.setdefault(to, []).append((partition, 0, 0, time, time, None, None))

    def encoded(rows: list[_Passed]) -> list[bytes]:
        """Return rows in bytes, in as many pieces as Kafka takes; what has none is left out."""
        try:
            value = encode(rows)
        except Exception as error:  # a query never stops for one row
            if len(rows) == 1:
                report(f"a row was left out: {error}")
                return []
        else:
            if len(value) <= _MOST_BYTES or len(rows) == 1:
                return [value]
        half = len(rows) // 2
        return encoded(rows[:half]) + encoded(rows[half:])

    return pass_on


# -- rows that were passed on -------------------------------------------------------------------


class PassedSource(RawSource):
    """Read what was passed on to one partition of a topic, each row as an Arrival of its source.

    Those that were passed on before are left out. An Arrival has the key's text; without a row it
    only says how far a partition of the source is. Where the source gets another partition, who
    reads ends with TopicError, as who passes rows on: it waits for the times of all partitions.
    """

    def __init__(
        self,
        topic: Topic,
        partition: int,
        *,
        source: Topic,
        is_paused: Callable[[], bool],
    ):
        super().__init__(topic, start={partition: 0}, is_paused=is_paused, at_most=_AT_MOST)
        self._source = source

    def build_part(self, step_id: str, for_part: str, resume_state: Any) -> "PassedPart":
        """Return the reader of the partition, where it was. Raises RecoveryError."""
        place, seen = resume_state or (None, {})
        if place is None:
            self._require_whole(int(for_part))
        options = self._part_options(for_part, place)
        return PassedPart(
            **options,
            has_windows=False,
            is_paused=self._is_paused,
            source=self._source,
            seen=seen,
        )

    def _require_whole(self, partition: int) -> None:
        start = self.topic.start_offsets()[partition]
        if start:
            raise RecoveryError(
                f"The query cannot begin anew: {self.topic} has not all that was passed on",
                expected="the records of the topic from the first one on",
                found=f"those from offset {start} on",
                remedy="TERMINATE the query, and create it again.",
            )


class PassedPart(RawPart):
    """Read one partition; made by PassedSource in the thread of the flow that reads it."""

    def __init__(self, *, source: Topic, seen: _Seen, **options: Any):
        super().__init__(**options)
        self._source = source
        self._source_watch = TopicWatch(source)
        self._seen = dict(seen)

    def snapshot(self) -> Any:
        """Return where to go on, and what was seen of each partition of the source."""
        return super().snapshot(), dict(self._seen)

    def _require_same_topic(self) -> None:
        super()._require_same_topic()
        self._require_same(self._source, self._source_watch)

    def _arrivals(self, messages: list[PlacedMessage]) -> list[Arrival]:
        source = self._source.name
        seen = self._seen
        arrivals: list[Arrival] = []
        for message in messages:
            error = message.error()
            if error is not None:
                self._take_error(error, message)
                continue
            self.next_offset = message.offset() + 1
            for partition, offset, number, time, stream_time, key, row in _decode(
                message.value() or _NOTHING
            ):
                whole = None
                if row is not None:
                    place = (offset, number)
                    if place <= seen.get(partition, _NONE_SEEN):
                        continue
                    seen[partition] = place
                    whole = tuple(row)
                if stream_time > self.stream_time:
                    self.stream_time = stream_time
                arrivals.append(Arrival(whole, key, source, partition, offset, time, stream_time))
        return arrivals


# -- the bytes of a row -------------------------------------------------------------------------


def _encoder(kinds: Iterable[Any]) -> Callable[[Any], bytes]:
    """Return what makes bytes of a row and its place, as `_decode` reads them."""
    encode = msgspec.msgpack.Encoder().encode
    if not any("DECIMAL" in str(kind) for kind in kinds):
        return encode
    return lambda passed: encode(_with_decimals(passed))


def _with_decimals(value: Any) -> Any:
    """Return a value whose decimals can be known again: MessagePack has none."""
    if isinstance(value, Decimal):
        return msgspec.msgpack.Ext(_DECIMAL, str(value).encode())
    if isinstance(value, list | tuple):
        return [_with_decimals(one) for one in value]
    if isinstance(value, dict):
        return {key: _with_decimals(one) for key, one in value.items()}
    return value


def _from_extension(_code: int, data: memoryview) -> Decimal:
    return Decimal(bytes(data).decode())


_decode = msgspec.msgpack.Decoder(ext_hook=_from_extension).decode
