"""A bytewax sink that writes to a topic, and takes nothing for written that is not acknowledged."""

from typing import Any

import msgspec
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from eventlab.log import Record, Topic, Writer
from eventlab.log.producing import PATIENCE_SECONDS
from eventlab.log.records import recorder, value_bytes
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Joined, Late, Window

_record = recorder()
_RESULTS = Window, Joined, Late


class TopicSink(DynamicSink[Any]):
    """Write a stream's items to a topic, each acknowledged by Kafka before its epoch counts.

    An item is whatever `log.produce` takes, above all a (key, value) pair, in which a value of None
    is a tombstone; or an Arrival, which keeps its key, time, headers and, where the topic has it,
    its partition. A pair with a window, a joined or a late event keeps that one's time, and of
    what was late the reason is written too. While Kafka is away the flow waits; after 30 seconds
    it ends with DeliveryError, and run again with its recovery store it writes what was missing.
    Then, as after a crash, records may be there twice: give them an id by which a reader knows
    them.
    """

    def __init__(self, topic: Topic, settings: dict | None = None):
        self.topic, self._settings = topic, settings

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Part":
        """Return the writer of one worker."""
        return _Part(Writer(self.topic, self._settings), len(self.topic.partitions))


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, writer: Writer, partitions: int):
        self._writer, self._partitions = writer, partitions

    def write_batch(self, items: list[Any]) -> None:
        # bytewax tells a sink nothing of its epochs, so each batch is confirmed before the next.
        offer = self._writer.offer
        for item in items:
            record = self._copy(item) if isinstance(item, Arrival) else _made(item)
            while not offer(record, PATIENCE_SECONDS):
                self._confirm()
        self._confirm()

    def close(self) -> None:
        self._writer.close(0)

    def _copy(self, arrival: Arrival) -> Record:
        partition = arrival.partition if arrival.partition < self._partitions else -1
        headers = list(arrival.headers) if arrival.headers else None
        return Record(arrival.key, value_bytes(arrival.event), arrival.time, headers, partition)

    def _confirm(self) -> None:
        self._writer.flush(PATIENCE_SECONDS).require_all()


def _made(item: Any) -> Record:
    if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], _RESULTS)):
        return _record(item)
    key, result = item
    told = result
    if isinstance(result, Late):
        told = msgspec.structs.asdict(result) | {"reason": result.reason}
    return Record(key, value_bytes(told), result.time)
