"""Write to a topic, with every delivery accounted for."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message

from eventlab.errors import DeliveryError
from eventlab.log.cluster import Cluster
from eventlab.log.records import Key, Record, records
from eventlab.log.topics import Topic

# Longer than a broker needs to come back after a crash, shorter than one waits before a cell.
PATIENCE_SECONDS = 30.0
_SERVE_EVERY = 500
_SLICE_SECONDS = 0.1  # an interrupt of the kernel is only heard between two calls of librdkafka

# A retry neither doubles a record nor changes the order, and waits ten minutes for the broker. One
# exception: a restarted broker has forgotten a producer whose last record's own time is older than
# a day (Kafka's producer.id.expiration.ms), and takes a batch again whose answer was cut off.
_SETTINGS = {"enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 600_000}

_UNANSWERED = {KafkaError._PURGE_QUEUE, KafkaError._PURGE_INFLIGHT}


@dataclass(frozen=True)
class Report:
    """What became of the records: sent, acknowledged by the broker, failed with their reasons.

    `partitions` has how many were acknowledged in each partition, and `offsets` the first and the
    last offset that they got there. A report stays as it is; ask again for a newer one.
    """

    topic: str
    sent: int = 0
    acknowledged: int = 0
    failed: int = 0
    reasons: Counter = field(default_factory=Counter)
    partitions: dict[int, int] = field(default_factory=dict)
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
        reasons += [f"{self.waiting} without an answer yet"] if self.waiting else []
        raise DeliveryError(
            f"Not every record arrived in {self.topic}",
            expected=f"{self.sent} acknowledged",
            found=f"{self.acknowledged}; {', '.join(reasons)}",
            remedy="The error's report has the counts; write what is missing again.",
            report=self,
        )


class Writer:
    """Write records to one topic from one thread, and count what the broker says of each.

    A record that has no answer after ten minutes has failed. Any setting of librdkafka's producer
    may be given. Raises TopicError where the topic does not exist: librdkafka itself would only
    time out, record by record. `report` may be asked from any thread.
    """

    def __init__(self, topic: Topic, settings: dict | None = None):
        self._topic, self._name = topic, topic.name
        self._settings = _SETTINGS | (settings or {})
        self._producer = topic.cluster.borrow_producer(self._settings)
        self._produce = self._producer.produce
        topic.require_known(self._producer)
        self._sent = self._failed = 0
        self._reasons: Counter[str] = Counter()
        # By partition: how many were acknowledged, the first offset, the last message.
        self._tallies: dict[int, list] = {}
        self._on_answer = self._counting()

    @property
    def report(self) -> Report:
        """Return what became of the records so far."""
        # Each copy is one step, so the thread that writes may go on; sent comes last, so that no
        # more is answered than was sent.
        failed = self._failed
        tallies = {n: tuple(tally) for n, tally in list(self._tallies.items())}
        return Report(
            topic=self._name,
            sent=self._sent,
            acknowledged=sum(count for count, *_ in tallies.values()),
            failed=failed,
            reasons=self._reasons.copy(),
            partitions={n: count for n, (count, *_) in tallies.items()},
            offsets={n: (first, last.offset()) for n, (_, first, last) in tallies.items()},
        )

    @property
    def sent(self) -> int:
        """Return how many records were handed over."""
        return self._sent

    @property
    def failed(self) -> int:
        """Return how many records will never arrive."""
        return self._failed

    def offer(self, record: Record, seconds: float) -> bool:
        """Hand one record over, or return False if the queue stays full for so long."""
        try:
            self._hand_over(record)
        except BufferError:
            if not self._is_taken_later(record, seconds):
                return False
        self._sent += 1
        if self._sent % _SERVE_EVERY == 0:
            self._producer.poll(0)
        return True

    def serve(self) -> None:
        """Take in the broker's answers so far."""
        self._producer.poll(0)

    def flush(self, seconds: float) -> Report:
        """Return the report when every record has its answer, or when the time is up."""
        deadline = time.monotonic() + seconds
        while self._producer.flush(_SLICE_SECONDS) and time.monotonic() < deadline:
            continue
        return self.report

    def close(self, seconds: float) -> Report:
        """Flush, give up what has no answer by then, which has failed, and return the report."""
        if self.flush(seconds).waiting:
            self._producer.purge()
            self._producer.flush(_SLICE_SECONDS)
        elif not self._failed:
            self._topic.cluster.give_back_producer(self._producer, self._settings)
        return self.report

    def _hand_over(self, record: Record) -> None:
        place = self._name, record.value, record.key, record.partition, self._on_answer
        try:
            if record.headers:
                self._produce(*place, timestamp=record.timestamp, headers=record.headers)
            else:  # cheaper than None, for which a list is made
                self._produce(*place, timestamp=record.timestamp)
        except KafkaException as error:  # librdkafka would not take it: it may be too large
            self._refused(error.args[0])

    def _is_taken_later(self, record: Record, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._producer.poll(_SLICE_SECONDS / 2)
            with suppress(BufferError):
                self._hand_over(record)
                return True
        return False

    def _counting(self) -> Callable[[KafkaError | None, Message], None]:
        """Return what librdkafka calls for each record; it is the writer's innermost loop."""
        tallies, refused = self._tallies, self._refused

        def answered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                refused(error)
                return
            try:
                tally = tallies[message.partition()]
                tally[0] += 1
                tally[2] = message
            except KeyError:
                tallies[message.partition()] = [1, message.offset(), message]

        return answered

    def _refused(self, error: KafkaError) -> None:
        unanswered = error.code() in _UNANSWERED
        self._reasons["without an answer" if unanswered else error.name()] += 1
        self._failed += 1


def prepare(cluster: Cluster) -> None:
    """Make a producer before it is needed, so that the first records leave without delay."""
    cluster.give_back_producer(cluster.borrow_producer(_SETTINGS), _SETTINGS)


def produce(
    topic: Topic, items: Iterable[Any], *, key: Key = None, settings: dict | None = None
) -> Report:
    """Write every item to the topic and return when the broker has acknowledged all of them.

    Items and `key` as in `records`. Gives up when the broker is silent for 30 seconds. Raises
    DeliveryError, with the report, when something was not acknowledged, TopicError, UsageError and
    BrokerError.
    """
    written = records(items, key)
    writer = Writer(topic, settings)
    try:
        for record in written:
            if not writer.offer(record, PATIENCE_SECONDS):
                break
    except Exception:
        writer.close(PATIENCE_SECONDS)  # what was written before shall not be lost
        raise
    return writer.close(PATIENCE_SECONDS).require_all()
