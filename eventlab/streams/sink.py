"""A bytewax sink that writes to a topic, and takes nothing for written that is not acknowledged."""

from typing import Any

import msgspec
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from eventlab.checked import checked
from eventlab.log import Record, Topic, Writer
from eventlab.log.producing import PATIENCE_SECONDS
from eventlab.log.records import recorder, value_bytes
from eventlab.log.window_keys import WindowKey, window_key
from eventlab.streams.arrivals import Arrival
from eventlab.streams.log_order import in_log_order
from eventlab.streams.results import RESULTS, Joined, Late, Row, Window

_record = recorder()
_encode = msgspec.json.Encoder().encode


class TopicSink(DynamicSink[Any]):
    """Write a stream's items to a topic, each acknowledged by Kafka before its epoch counts.

    An item is whatever `log.produce` takes, above all a (key, value) pair, in which a value of None
    is a tombstone; or an Arrival, which keeps its key, time, headers and, where the topic has it,
    its partition. A pair with a result of ours keeps the result's time, and is a tombstone if the
    result is none any more; of a window the record's key says which one it is (log.window_keys),
    and of what was late the reason is written too. What bytewax's own operators hand over in the
    order of keys is written in the order of the log, as long as it is an Arrival or a result of
    ours; whatever else they make of it has no place in the log, and stays in the order of keys
    within a batch. While Kafka is away the flow waits; after 30 seconds it ends with DeliveryError,
    and run again with its recovery store it writes what was missing. Then, as after a crash,
    records may be there twice: give them an id by which a reader knows them.
    """

    @checked
    def __init__(self, topic: Topic, settings: dict[str, Any] | None = None):
        self.topic = topic
        self._settings = settings

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Part":
        """Return the writer of one worker."""
        return _Part(Writer(self.topic, self._settings), len(self.topic.partitions))


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, writer: Writer, partitions: int):
        self._writer = writer
        self._partitions = partitions

    def write_batch(self, items: list[Any]) -> None:
        # bytewax tells a sink nothing of its epochs, so each batch is confirmed before the next.
        offer_parts = self._writer.offer_parts
        partitions = self._partitions
        kinds = set(map(type, items))
        for item in items if kinds == {Record} else in_log_order(items, _timed):
            if type(item) is not Arrival:
                while not self._offer(item):
                    self._confirm()
                continue
            # Most of what a flow writes: no record is made of it on the way, and nothing called.
            event = item.event
            value = _encoded(event) if type(event) is dict else value_bytes(event)
            key = item.key if item.window is None else _named_key(item)
            partition = item.partition if item.partition < partitions else -1
            headers = item.headers or None
            while not offer_parts(key, value, item.time, headers, partition, PATIENCE_SECONDS):
                self._confirm()
        self._confirm()

    def close(self) -> None:
        self._writer.close(0)

    def _offer(self, item: Any) -> bool:
        record = item if type(item) is Record else self._made(item)
        return self._writer.offer(record, PATIENCE_SECONDS)

    def _made(self, item: Any) -> Record:
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], RESULTS):
            return self._result(*item)
        return _record(item)

    def _result(self, key: str | None, result: Any) -> Record:
        value = None if result.event is None else value_bytes(_written(result))
        if isinstance(result, Window) and key is not None:
            named = window_key(key) or WindowKey(key, result.start, result.end)
            partition = named.partition(self._partitions)
            return Record(str(named), value, result.time, None, partition)
        return Record(key, value, result.time)

    def _confirm(self) -> None:
        self._writer.flush(PATIENCE_SECONDS).require_all()


def _named_key(arrival: Arrival) -> str | None:
    if arrival.key is None or arrival.window is None:
        return arrival.key
    return str(WindowKey(arrival.key, *arrival.window))


def _encoded(event: dict[str, Any]) -> bytes | None:
    try:
        return _encode(event)
    except (TypeError, ValueError, OverflowError):
        return value_bytes(event)  # which says what is wrong with it


def _timed(item: Any) -> Any:
    if isinstance(item, Arrival):
        return item
    if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], RESULTS):
        return item[1]
    return None


def _written(result: Any) -> Any:
    """Return what is written of a result: what it says, and not how it came to leave its step."""
    if isinstance(result, Window):
        value = _written(result.value)
        return {"start": result.start, "end": result.end, "value": value, "time": result.time}
    if isinstance(result, Joined):
        return {
            "left": _written(result.left),
            "right": _written(result.right),
            "left_time": result.left_time,
            "right_time": result.right_time,
        }
    if isinstance(result, Row):
        return _written(result.value)
    if isinstance(result, Late):
        return {
            "arrival": _written(result.arrival),
            "start": result.start,
            "end": result.end,
            "closed": result.closed,
            "reason": result.reason,
        }
    return result
