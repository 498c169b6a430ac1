"""Write to a topic, with every delivery accounted for."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from eventlab.errors import DeliveryError
from eventlab.log.records import Key, Record, records
from eventlab.log.topics import Topic

FLUSH_SECONDS = 60.0
_SERVE_EVERY = 500


@dataclass
class Report:
    """What became of the records: sent, acknowledged by the broker, failed with their reasons.

    `offsets` has for each partition the first and the last acknowledged offset.
    """

    topic: str
    sent: int = 0
    acknowledged: int = 0
    failed: int = 0
    reasons: Counter = field(default_factory=Counter)
    partitions: Counter = field(default_factory=Counter)
    offsets: dict[int, tuple[int, int]] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """Return how many records are neither acknowledged nor failed yet."""
        return self.sent - self.acknowledged - self.failed

    def require_all(self) -> "Report":
        """Return the report; raise DeliveryError unless every record was acknowledged."""
        if self.acknowledged == self.sent:
            return self
        reasons = [f"{count} {reason}" for reason, count in self.reasons.most_common()]
        reasons += [f"{self.waiting} without an answer"] if self.waiting else []
        raise DeliveryError(
            f"Not every record arrived in {self.topic}",
            expected=f"{self.sent} acknowledged",
            found=f"{self.acknowledged}; {', '.join(reasons)}",
            remedy="The error's report has the counts; write what is missing again.",
            report=self,
        )


class Writer:
    """Write records to one topic from one thread, and count what the broker says of each.

    Idempotent by default, so a retry neither doubles a record nor changes the order. Any setting of
    librdkafka's producer may be given. Raises TopicError where the topic does not exist: librdkafka
    itself would only time out, record by record.
    """

    def __init__(self, topic: Topic, settings: dict | None = None):
        topic.partitions  # noqa: B018 - asks the cluster, which knows whether it exists
        self.report = Report(topic.name)
        self._topic = topic
        chosen = {"enable.idempotence": True, "linger.ms": 20} | (settings or {})
        self._producer = topic.cluster.asked(
            "make a producer", lambda: Producer(topic.cluster.own_settings | chosen)
        )

    def write(self, record: Record) -> None:
        """Hand one record to the producer, waiting for room where its queue is full."""
        self.offer(record, FLUSH_SECONDS)

    def offer(self, record: Record, seconds: float) -> bool:
        """Hand over one record; False if the queue stayed full for so long, DeliveryError never."""
        deadline = time.monotonic() + seconds
        while not self._queued(record):
            if time.monotonic() > deadline:
                return False
            self._producer.poll(0.05)
        return True

    def serve(self) -> None:
        """Take in the broker's answers so far."""
        self._producer.poll(0)

    def flush(self, seconds: float = FLUSH_SECONDS) -> Report:
        """Return the report when every record has its answer, or when the time is up."""
        self._producer.flush(seconds)
        return self.report

    def abandon(self) -> None:
        """Give up what waits in the queue; it counts as failed."""
        self._producer.purge()
        self._producer.flush(1)

    def _queued(self, record: Record) -> bool:
        key, value, timestamp, headers, partition = record
        try:
            self._producer.produce(
                self._topic.name,
                value,
                key,
                partition,
                self._answered,
                timestamp=timestamp,
                headers=headers,
            )
        except BufferError:
            return False
        except KafkaException as error:
            self._refused(error.args[0])
        self.report.sent += 1
        if self.report.sent % _SERVE_EVERY == 0:
            self._producer.poll(0)
        return True

    def _refused(self, error: KafkaError) -> None:
        """Count a record that librdkafka would not take, such as one that is too large."""
        self.report.failed += 1
        self.report.reasons[error.name()] += 1

    def _answered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None:
            self._refused(error)
            return
        report, partition, offset = self.report, message.partition(), message.offset()
        report.acknowledged += 1
        report.partitions[partition] += 1
        first, _ = report.offsets.get(partition, (offset, offset))
        report.offsets[partition] = (first, offset)


def produce(
    topic: Topic, items: Iterable[Any], *, key: Key = None, settings: dict | None = None
) -> Report:
    """Write every item to the topic and return when the broker has acknowledged all of them.

    Items and `key` as in `records`. Raises DeliveryError, with the report, when something was not
    acknowledged, TopicError, UsageError and BrokerError.
    """
    writer = Writer(topic, settings)
    for record in records(items, key):
        writer.write(record)
    return writer.flush().require_all()
