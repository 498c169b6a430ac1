"""Events on their way while a test breaks something, and what came of them."""

import logging
import threading

from confluent_kafka import Consumer, Producer, TopicPartition

from eventlab.broker.readiness import create_topic
from tests.waiting import until

_SILENT = logging.getLogger("eventlab.tests.librdkafka")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False


class Sender:
    """Send numbers for as long as it is open, and remember which were acknowledged."""

    def __init__(self, seat, topic: str):
        quick = {"linger.ms": 0, "reconnect.backoff.max.ms": 100, "message.timeout.ms": 60_000}
        self._producer = Producer(seat.client_settings | quick, logger=_SILENT)
        self._topic, self._stop, self.acknowledged = topic, threading.Event(), set()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        number = 0
        while not self._stop.wait(0.001):
            self._producer.produce(self._topic, str(number).encode(), on_delivery=self._note)
            self._producer.poll(0)
            number += 1

    def _note(self, error, message) -> None:
        if error is None:
            self.acknowledged.add(message.value())

    def some_more(self) -> None:
        """Wait for a hundred acknowledgements from now."""
        enough = len(self.acknowledged) + 100
        until(lambda: len(self.acknowledged) >= enough, what="acknowledgements")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._stop.set()
        self._thread.join()
        self._producer.flush(60)


def values_in(seat, topic: str) -> set[bytes]:
    """Return every value of the topic's one partition, from its first to its last offset."""
    consumer = Consumer(seat.client_settings | {"group.id": "reader"}, logger=_SILENT)
    partition = TopicPartition(topic, 0, 0)
    consumer.assign([partition])
    end = consumer.get_watermark_offsets(partition, timeout=30)[1]
    values, offset = set(), 0
    while offset < end:
        for message in consumer.consume(1000, 1.0):
            assert message.error() is None
            values.add(message.value())
            offset = message.offset() + 1
    consumer.close()
    return values


def sent_to(seat, topic: str) -> set[bytes]:
    """Create the topic and return the values that were acknowledged, a few of 1 kB."""
    create_topic(seat.client_settings, topic)
    with Sender(seat, topic) as sender:
        sender.some_more()
    return sender.acknowledged
