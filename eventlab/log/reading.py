"""Read a stretch of a topic into a DataFrame, bounded by where it ends at the call."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

import pandas
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from eventlab.errors import BrokerError, TopicError, UsageError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster, plain_error
from eventlab.log.decoding import Batch
from eventlab.log.records import milliseconds
from eventlab.log.topics import Topic

_TAKE = 1000
_TURN_SECONDS = 0.05

# While the broker is away librdkafka says so and tries again; silence has its own deadline.
_PASSING = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._RESOLVE}

Offsets = int | dict[int, int]


class Reading(NamedTuple):
    """What was read: `events`, and apart what could not be decoded, with the reason."""

    events: pandas.DataFrame
    unreadable: pandas.DataFrame


def read(
    topic: Topic,
    *,
    start: Offsets | None = None,
    end: Offsets | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    uncommitted: bool = False,
) -> Reading:
    """Return the records of a topic, of a range of offsets, or of a range of the records' time.

    `start` (inclusive) and `end` (exclusive) are offsets for all partitions, or a dict by partition
    that chooses the partitions too; `since` (inclusive) and `until` (exclusive) are aware
    datetimes. Columns are partition, offset, timestamp [UTC], key, and the events' fields; rows are
    ordered by partition and offset. What is written during the call is not read, and what
    transactions aborted is not either, unless `uncommitted`. Raises TopicError, UsageError and
    BrokerError.
    """
    _require_aware(since=since, until=until)
    batch = Batch()
    for messages in _stretch(topic, start, end, since, uncommitted):
        batch.add(messages)
    events, unreadable = batch.frame(), batch.unreadable_frame()
    return Reading(_within(events, since, until), _within(unreadable, since, until))


def reader(cluster: Cluster, **settings) -> Consumer:
    """Return a consumer that belongs to no group: it is told what to read, and commits nothing."""
    alone = {
        "group.id": "eventlab-reads-alone",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "error",
    }
    return Consumer(cluster.own_settings | alone | settings)


def _stretch(
    topic: Topic, start: Offsets | None, end: Offsets | None, since, uncommitted: bool
) -> Iterator[list[Message]]:
    isolation = "read_uncommitted" if uncommitted else "read_committed"
    consumer = reader(topic.cluster, **{"isolation.level": isolation, "enable.partition.eof": True})
    try:
        bounds = _bounds(consumer, topic, start, end, since)
        yield from _messages(consumer, topic, bounds)
    except KafkaException as error:
        raise plain_error(f"give the records of {topic}", error.args[0], topic.cluster) from None
    finally:
        consumer.close()


def _bounds(
    consumer: Consumer, topic: Topic, start: Offsets | None, end: Offsets | None, since
) -> dict[int, tuple[int, int]]:
    """Return the stretch of each partition that is to be read, as [first, past the last)."""
    numbers = _chosen(topic, start, end)
    first_since = _first_since(consumer, topic, numbers, since) if since else {}
    bounds = {}
    for number in numbers:
        place = TopicPartition(topic.name, number)
        low, high = consumer.get_watermark_offsets(place, ANSWER_SECONDS, cached=False)
        first = first_since.get(number, low if start is None else _at(start, number, low))
        past = high if end is None else _at(end, number, high)
        bounds[number] = (_not_deleted(topic, number, first, low, start), min(past, high))
    return {number: (first, past) for number, (first, past) in bounds.items() if first < past}


def _chosen(topic: Topic, *ranges: Offsets | None) -> list[int]:
    known = topic.partitions
    named = [set(offsets) for offsets in ranges if isinstance(offsets, dict)]
    wanted = set.intersection(*named) if named else set(known)
    if not wanted <= set(known):
        raise UsageError(
            f"{topic} has no partition {sorted(wanted - set(known))}",
            expected=f"partitions of {known}",
            found=repr(sorted(wanted)),
        )
    return sorted(wanted)


def _at(offsets: Offsets, number: int, otherwise: int) -> int:
    return offsets.get(number, otherwise) if isinstance(offsets, dict) else offsets


def _not_deleted(topic: Topic, number: int, first: int, low: int, start) -> int:
    if start is not None and 0 < first < low:
        raise TopicError(
            f"The offset {first} of {topic} partition {number} is gone",
            expected=f"{low} or later, where the log now begins",
            remedy="Its retention has deleted what was before; leave start out to read the rest.",
        )
    return max(first, low)


def _first_since(consumer: Consumer, topic: Topic, numbers: list[int], since) -> dict[int, int]:
    asked = [TopicPartition(topic.name, number, milliseconds(since)) for number in numbers]
    found = consumer.offsets_for_times(asked, ANSWER_SECONDS)
    # -1 says that no record is that young: then nothing is to be read.
    return {place.partition: 2**62 if place.offset < 0 else place.offset for place in found}


def _messages(
    consumer: Consumer, topic: Topic, bounds: dict[int, tuple[int, int]]
) -> Iterator[list[Message]]:
    """Yield the messages within the bounds, in lists.

    Offsets have holes (compaction, the markers of transactions), so a partition is done when a
    message at or past its end came, or when the broker says that there is no more.
    """
    consumer.assign([TopicPartition(topic.name, n, first) for n, (first, _) in bounds.items()])
    open_ends = {number: past for number, (_, past) in bounds.items()}
    deadline = time.monotonic() + ANSWER_SECONDS
    while open_ends:
        messages = consumer.consume(_TAKE, _TURN_SECONDS)
        if messages:
            deadline = time.monotonic() + ANSWER_SECONDS
            yield _kept(messages, open_ends, topic)
        elif time.monotonic() > deadline:
            raise BrokerError(
                f"{topic} stopped before its end",
                expected=f"records up to {open_ends}",
                found=f"none for {ANSWER_SECONDS:g} s",
                remedy="If the broker is stopped, start it with lab.broker.start().",
            )


def _kept(messages: list[Message], open_ends: dict[int, int], topic: Topic) -> list[Message]:
    kept = []
    for message in messages:
        number, error = message.partition(), message.error()
        if error is None:
            past = open_ends.get(number, 0)
            if message.offset() < past:
                kept.append(message)
            if message.offset() >= past - 1:
                open_ends.pop(number, None)
        elif error.code() == KafkaError._PARTITION_EOF:
            open_ends.pop(number, None)
        elif error.code() not in _PASSING:
            raise plain_error(f"give the records of {topic}", error, topic.cluster)
    return kept


def _within(frame: pandas.DataFrame, since, until) -> pandas.DataFrame:
    # Time need not grow along a partition, so offsets alone do not bound a range of time.
    chosen = pandas.Series(True, index=frame.index)
    if since is not None:
        chosen &= frame["timestamp"] >= since
    if until is not None:
        chosen &= frame["timestamp"] < until
    return frame if chosen.all() else frame[chosen].reset_index(drop=True)


def _require_aware(**moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and (not isinstance(moment, datetime) or moment.tzinfo is None):
            raise UsageError(
                f"{name} is no moment",
                expected="a datetime with its time zone, such as datetime(…, tzinfo=UTC)",
                found=repr(moment),
            )
