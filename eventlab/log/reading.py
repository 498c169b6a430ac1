"""Read a stretch of a topic into a DataFrame, bounded by where it ends at the call."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, TopicPartition

from eventlab.arguments import required_moment, required_whole_number
from eventlab.checked import checked
from eventlab.errors import BrokerError, TopicError, UsageError, shown
from eventlab.log.cluster import ANSWER_SECONDS, Cluster, is_passing, plain_error
from eventlab.log.decoding import Batch
from eventlab.log.messages import PlacedMessage, consumed, polled
from eventlab.log.topics import Topic

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

    from eventlab.log.schemas import Contract

_TAKE = 1000
_TURN_SECONDS = 0.05

Offsets = int | dict[int, int]
Bounds = dict[int, tuple[int, int]]


class Reading(NamedTuple):
    """What was read: `events`, and apart what could not be decoded, with the reason."""

    events: "pandas.DataFrame"
    unreadable: "pandas.DataFrame"


@checked
def read(
    topic: Topic,
    *,
    start: Offsets | None = None,
    end: Offsets | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    uncommitted: bool = False,
    contract: "Contract | None" = None,
) -> Reading:
    """Return the records of a topic, of a range of offsets, or of a range of the records' time.

    `start` (inclusive) and `end` (exclusive) are offsets for all partitions, or a dict by partition
    that chooses the partitions too; `since` (inclusive) and `until` (exclusive) are aware
    datetimes. Columns are partition, offset, timestamp [UTC], key, and the events' fields; rows are
    ordered by partition and offset. What is written during the call is not read, and what
    transactions aborted is not either, unless `uncommitted`. With a `contract` the events are read
    as that version of it knows them. Raises TopicError, UsageError and BrokerError.
    """
    for name, moment in (("since", since), ("until", until)):
        if moment is not None:
            required_moment(name, moment)
    for name, place in (("start", start), ("end", end)):
        require_offsets(name, place)
    bounds = _bounds(topic, start, end, since, uncommitted)
    batch = collected(topic, bounds, uncommitted, contract)
    events = _within(batch.frame(), since, until)
    unreadable = _within(batch.unreadable_frame(), since, until)
    return Reading(events, unreadable)


def changes(topic: Topic, end: Offsets | None = None) -> Batch:
    """Return a topic's records up to `end`, those of each partition in order; as `read` does."""
    require_offsets("end", end)
    return collected(topic, _bounds(topic, None, end, None, False), False)


def collected(
    topic: Topic, bounds: Bounds, uncommitted: bool, contract: "Contract | None" = None
) -> Batch:
    """Return the records within the bounds, those of each partition in order."""
    batch = Batch(contract=contract)
    for messages in _stretch(topic, bounds, uncommitted):
        batch.add(messages)
    return batch


def reader(cluster: Cluster, **settings: Any) -> Consumer:
    """Return a consumer of no group: what it reads is assigned to it, and it commits nothing.

    Where the records that it should read are deleted meanwhile, it goes on with the oldest ones.
    """
    alone = {
        "group.id": "eventlab-reads-alone",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
    }
    return cluster.asked(
        "make a consumer", lambda: Consumer(cluster.own_settings | alone | settings)
    )


def require_offsets(name: str, offsets: Offsets | None) -> None:
    """Raise UsageError for a negative offset, which Kafka takes for a word of its own."""
    each = offsets.values() if isinstance(offsets, dict) else [offsets]
    for offset in each:
        if offset is not None:
            required_whole_number(name, offset, at_least=0)


def require_partitions(topic: Topic, wanted: set[int], known: set[int]) -> None:
    """Raise UsageError for a partition that the topic does not have."""
    if not wanted <= known:
        raise UsageError(
            f"{topic} has no partition {', '.join(map(str, sorted(wanted - known)))}",
            expected=f"some of {sorted(known)}",
            found=shown(sorted(wanted)),
            remedy="Look at the topic's partitions: topic.describe().",
        )


# -- which offsets ------------------------------------------------------------------------------


def _bounds(
    topic: Topic,
    start: Offsets | None,
    end: Offsets | None,
    since: datetime | None,
    uncommitted: bool,
) -> Bounds:
    """Return the stretch of each partition that is to be read, as [first, past the last)."""
    lows = topic.start_offsets()
    highs = topic.end_offsets(committed=not uncommitted)
    young = topic.offsets_at(since) if since is not None else lows
    bounds: Bounds = {}
    for number in _chosen(topic, set(lows), start, end):
        first = max(_first(topic, number, start, lows[number]), young[number])
        past = min(_at(end, number, highs[number]), highs[number])
        if first < past:
            bounds[number] = (first, past)
    return bounds


def _chosen(topic: Topic, known: set[int], *ranges: Offsets | None) -> list[int]:
    named = [set(offsets) for offsets in ranges if isinstance(offsets, dict)]
    for wanted in named:
        require_partitions(topic, wanted, known)
    return sorted(set.intersection(known, *named))


def _first(topic: Topic, number: int, start: Offsets | None, low: int) -> int:
    first = _at(start, number, low)
    if 0 < first < low:
        raise TopicError(
            f"The offset {first} of {topic} partition {number} is gone",
            expected=f"{low} or later, where the log now begins",
            found=f"the offset {first}",
            remedy="Its retention has deleted what was before; leave start out to read the rest.",
        )
    return max(first, low)


def _at(offsets: Offsets | None, number: int, otherwise: int) -> int:
    if isinstance(offsets, dict):
        return offsets.get(number, otherwise)
    return otherwise if offsets is None else offsets


# -- what stands there --------------------------------------------------------------------------


def _stretch(topic: Topic, bounds: Bounds, uncommitted: bool) -> Iterator[list[PlacedMessage]]:
    isolation = "read_uncommitted" if uncommitted else "read_committed"
    if not bounds:
        return
    # The broker tells that a log has ended only after waiting so long for more.
    settings = {"isolation.level": isolation, "enable.partition.eof": True, "fetch.wait.max.ms": 10}
    consumer = reader(topic.cluster, **settings)
    try:
        yield from _messages(consumer, topic, bounds)
    finally:
        consumer.close()


def _messages(consumer: Consumer, topic: Topic, bounds: Bounds) -> Iterator[list[PlacedMessage]]:
    """Yield the messages within the bounds, in lists.

    Offsets have holes (compaction, the markers of transactions), so a partition is done when a
    message at or past its end came, or when the broker says that there is no more.
    """
    consumer.assign([TopicPartition(topic.name, n, first) for n, (first, _) in bounds.items()])
    open_ends = {number: past for number, (_, past) in bounds.items()}
    deadline = time.monotonic() + ANSWER_SECONDS
    while open_ends:
        messages = _taken(consumer)
        kept = _kept(messages, open_ends, topic)
        if kept or not open_ends:
            deadline = time.monotonic() + ANSWER_SECONDS
            yield kept
        elif time.monotonic() > deadline:
            raise _silence(topic, open_ends)


def _taken(consumer: Consumer) -> list[PlacedMessage]:
    # consume() alone would wait its whole timeout for a last list that never gets full.
    first = polled(consumer, _TURN_SECONDS)
    return [] if first is None else [first, *consumed(consumer, _TAKE, 0)]


def _kept(
    messages: list[PlacedMessage], open_ends: dict[int, int], topic: Topic
) -> list[PlacedMessage]:
    kept = []
    for message in messages:
        number = message.partition()
        error = message.error()
        if error is None:
            past = open_ends.get(number, 0)
            offset = message.offset()
            if offset < past:
                kept.append(message)
            if offset >= past - 1:
                open_ends.pop(number, None)
        elif error.code() == KafkaError._PARTITION_EOF:
            open_ends.pop(number, None)
        elif not is_passing(error):
            raise plain_error(f"give the records of {topic}", error, topic.cluster)
    return kept


def _silence(topic: Topic, open_ends: dict[int, int]) -> BrokerError:
    ends = ", ".join(f"{past} of partition {n}" for n, past in open_ends.items())
    return BrokerError(
        f"{topic} stopped before its end",
        expected=f"records up to offset {ends}",
        found=f"none for {ANSWER_SECONDS:g} s",
        remedy=topic.cluster.when_away,
    )


def _within(
    frame: "pandas.DataFrame", since: datetime | None, until: datetime | None
) -> "pandas.DataFrame":
    # Time need not grow along a partition, so offsets alone do not bound a range of time. What has
    # no time that could be told is not left out: it may be what is looked for.
    times = frame["timestamp"]
    without = times.isna()
    chosen = without | times.notna()
    if since is not None:
        chosen &= without | (times >= since)
    if until is not None:
        chosen &= without | (times < until)
    return frame if chosen.all() else frame[chosen].reset_index(drop=True)
