"""A table that every worker has whole, and a join with it by any key that an event names.

Kafka Streams' GlobalKTable: there is no need for both sides to be keyed alike, since all rows are
everywhere. The price is that it knows no time: an event meets the row that is there when it passes.
"""

from collections.abc import Callable
from typing import Any, Literal

import bytewax.operators as op
from bytewax.operators import KeyedStream
from confluent_kafka import Consumer, TopicPartition

from eventlab.arguments import required_one_of
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.events.codec import Contract
from eventlab.log import Topic
from eventlab.log.cluster import is_passing, plain_error
from eventlab.log.messages import consumed, wrong_time
from eventlab.log.reading import reader
from eventlab.streams.arrivals import Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Joined
from eventlab.streams.source import UNDECODABLE, decoder

_AT_MOST = 1000
_PATIENCE_SECONDS = 1.0

KeyOf = Callable[[Any, Any], str | None]


class GlobalTable:
    """A topic as a table for `join_global_table`; each process that uses it reads it whole.

    It is read up to its end when the first event asks for a row, and followed from then on.
    `contract` is as in TopicSource; what cannot be decoded changes nothing,
    nor does what has a time in another unit than milliseconds. Raises TopicError,
    BrokerError and UsageError.
    """

    @checked
    def __init__(self, topic: Topic, *, contract: Contract | None = None):
        self.topic = topic
        self._contract = contract
        self._rows: dict[str, tuple[Any, int]] = {}
        self._positions: dict[int, int] = {}
        self._decode = decoder(contract)
        self._consumer: Consumer | None = None

    def __reduce__(self) -> Any:
        return _global_table, (self.topic, self._contract)

    @checked
    def get(self, key: str) -> tuple[Any, int] | None:
        """Return what the row of a key says, and its time; None if there is no row."""
        return self._rows.get(key)

    def catch_up(self) -> None:
        """Take in what has come; the first time, everything that is there."""
        if self._consumer is None:
            self._consumer = self._opened()
            ends = self.topic.end_offsets(committed=True)
            while any(self._positions[number] < end for number, end in ends.items()):
                self._take(self._consumer, _PATIENCE_SECONDS)
        while self._take(self._consumer, 0.0) == _AT_MOST:
            continue

    def _opened(self) -> Consumer:
        consumer = reader(self.topic.cluster, **{"enable.partition.eof": True})
        starts = self.topic.start_offsets()
        consumer.assign([TopicPartition(self.topic.name, n, at) for n, at in starts.items()])
        self._positions = dict(starts)
        return consumer

    def _take(self, consumer: Consumer, seconds: float) -> int:
        messages = consumed(consumer, _AT_MOST, seconds)
        for message in messages:
            error = message.error()
            if error is None:
                self._positions[message.partition()] = message.offset() + 1
                self._put(message.key(), message.value(), message.timestamp()[1])
            elif error.code() == error._PARTITION_EOF:
                self._positions[message.partition()] = message.offset()
            elif not is_passing(error):
                raise plain_error(f"give the rows of {self.topic}", error, self.topic.cluster)
        return len(messages)

    def _put(self, key: bytes | None, value: bytes | None, time: int) -> None:
        if wrong_time(time):
            return
        try:
            text = None if key is None else key.decode()
            event = None if value is None else self._decode(value)
        except UNDECODABLE:
            return
        if text is None:
            return
        if event is None:
            self._rows.pop(text, None)
        else:
            self._rows[text] = (event, time)


def _global_table(topic: Topic, contract: Contract | None) -> GlobalTable:
    return GlobalTable(topic, contract=contract)


@operator
def join_global_table(
    step_id: str,
    stream: KeyedStream[Timed],
    table: GlobalTable,
    key_of: KeyOf,
    *,
    how: Literal["inner", "left"] = "inner",
) -> KeyedStream[Joined]:
    """Join each event with the row that it names, as it is when the event passes.

    `key_of` takes an event's key and what it says, and returns the key of the row. A result keeps
    the event's key and time. With "left" an event without a row comes with None. What has no value
    joins nothing, nor does what has a key and names no row (KIP-962). Raises UsageError.
    """
    is_left = required_one_of("join", how, ["inner", "left"]) == "left"
    if not isinstance(table, GlobalTable):
        raise UsageError(
            "This is no global table",
            expected="a GlobalTable",
            found=shown(table),
            remedy="Write GlobalTable(topic).",
        )

    def look_up(batch: list[tuple[Any, Timed]]) -> list[tuple[Any, Joined]]:
        table.catch_up()
        found = []
        for key, event in batch:
            named = None if event.event is None else key_of(key, event.event)
            if event.event is None or (named is None and key is not None):
                continue
            joined = _joined(event, named, table)
            if is_left or joined.right_time is not None:
                found.append((key, joined))
        return found

    return op.flat_map_batch("look_up", stream, look_up)


def _joined(event: Timed, named: str | None, table: GlobalTable) -> Joined:
    row = None if named is None else table.get(named)
    value, time = row or (None, None)
    place = (event.stream_time, event.topic, event.partition, event.offset)
    return Joined(event.event, value, event.time, time, event.time, *place)
