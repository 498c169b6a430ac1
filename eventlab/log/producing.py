"""Write to a topic, with every delivery accounted for."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from confluent_kafka import KafkaError, KafkaException, Message

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.errors import DeliveryError
from eventlab.log.cluster import Cluster, Settings
from eventlab.log.messages import PlacedMessage
from eventlab.log.records import Headers, Key, Record, listed, records, unwritable
from eventlab.log.topics import Topic

if TYPE_CHECKING:  # whoever writes JSON needs none of this
    from eventlab.log.schemas import Contract

# Longer than a broker needs to come back after a crash, shorter than one waits before a cell.
PATIENCE_SECONDS = 30.0
_SERVE_EVERY = 500
_SLICE_SECONDS = 0.1  # an interrupt of the kernel is only heard between two calls of librdkafka

# A retry neither doubles a record nor changes the order, and waits ten minutes for the broker. One
# exception: a restarted broker has forgotten a producer whose last record's own time is older than
# a day (Kafka's producer.id.expiration.ms), and takes a batch again whose answer was cut off.
_SETTINGS = {"enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 600_000}

OnAnswer = Callable[[KafkaError | None, Message], None]

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
    reasons: Counter[str] = field(default_factory=Counter)
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
        if self.waiting:
            reasons.append(f"{self.waiting} without an answer yet")
        raise DeliveryError(
            f"Not every record arrived in {self.topic}",
            expected=f"{self.sent} acknowledged",
            found=f"{self.acknowledged}; {', '.join(reasons)}",
            remedy="The error's report has the counts; write what is missing again.",
            report=self,
        )


@dataclass(slots=True)
class _Tally:
    """What one partition has acknowledged: how many, the first offset, the last message."""

    count: int
    first: int
    last: PlacedMessage


class Writer:
    """Write records to one topic from one thread, and count what the broker says of each.

    A record that has no answer after ten minutes has failed. Any setting of librdkafka's producer
    may be given. Raises TopicError where the topic does not exist: librdkafka itself would only
    time out, record by record. `report` may be asked from any thread.
    """

    @checked
    def __init__(self, topic: Topic, settings: Settings | None = None) -> None:
        self._topic = topic
        self._name = topic.name
        self._settings = _SETTINGS | (settings or {})
        self._producer = topic.cluster.borrow_producer(self._settings)
        self._produce = self._producer.produce
        topic.require_known(self._producer)
        self._sent = 0
        self._failed = 0
        self._reasons: Counter[str] = Counter()
        self._tallies: dict[int, _Tally] = {}
        self._on_answer = self._counting()

    @property
    def report(self) -> Report:
        """Return what became of the records so far."""
        # The thread that writes may go on meanwhile; sent is asked last, so that no more is
        # answered than was sent.
        failed = self._failed
        tallies = dict(self._tallies)
        partitions = {n: tally.count for n, tally in tallies.items()}
        offsets = {n: (tally.first, tally.last.offset()) for n, tally in tallies.items()}
        return Report(
            topic=self._name,
            failed=failed,
            acknowledged=sum(partitions.values()),
            reasons=self._reasons.copy(),
            partitions=partitions,
            offsets=offsets,
            sent=self._sent,
        )

    @property
    def sent(self) -> int:
        """Return how many records were given to librdkafka."""
        return self._sent

    @property
    def failed(self) -> int:
        """Return how many records will never arrive."""
        return self._failed

    def offer(self, record: Record, seconds: float) -> bool:
        """Send one record, or return False if the queue stays full for so long."""
        if not isinstance(record, Record):
            raise refused("record", record, "a record", 'Record("key", b"value")')
        return self.offer_parts(
            record.key, record.value, record.timestamp, record.headers, record.partition, seconds
        )

    def offer_parts(
        self,
        key: str | bytes | None,
        value: bytes | None,
        timestamp: int,
        headers: Headers | None,
        partition: int,
        seconds: float,
    ) -> bool:
        """Do as `offer` does for a record of these parts, which need not become one."""
        try:
            if headers is None:
                # In their places: names cost a dict for each record, headers of None a list.
                self._produce(self._name, value, key, partition, self._on_answer, None, timestamp)
            else:
                self._send(key, value, timestamp, headers, partition)
        except BufferError:
            if not self._is_taken_later(seconds, key, value, timestamp, headers, partition):
                return False
        except (TypeError, ValueError, OverflowError) as error:
            raise unwritable(Record(key, value, timestamp, headers, partition), error) from None
        except KafkaException as error:  # librdkafka would not take it: it may be too large
            self._count_failure(error.args[0])
        self._sent += 1
        if self._sent % _SERVE_EVERY == 0:
            self.serve()
        return True

    def serve(self) -> None:
        """Take in the broker's answers so far."""
        _answers(self._producer.poll, 0)

    @checked
    def flush(self, seconds: float) -> Report:
        """Return the report when every record has its answer, or when the time is up."""
        deadline = time.monotonic() + seconds
        while _answers(self._producer.flush, _SLICE_SECONDS) and time.monotonic() < deadline:
            continue
        return self.report

    @checked
    def close(self, seconds: float) -> Report:
        """Flush, give up what has no answer by then, which has failed, and return the report."""
        if self.flush(seconds).waiting:
            self._producer.purge()
            _answers(self._producer.flush, _SLICE_SECONDS)
        elif not self._failed:
            self._topic.cluster.give_back_producer(self._producer, self._settings)
        return self.report

    def _send(
        self,
        key: str | bytes | None,
        value: bytes | None,
        timestamp: int,
        headers: Headers | None,
        partition: int,
    ) -> None:
        self._produce(
            self._name,
            value,
            key,
            partition,
            self._on_answer,
            timestamp=timestamp,
            headers=listed(headers),
        )

    def _is_taken_later(self, seconds: float, *parts: Any) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            _answers(self._producer.poll, _SLICE_SECONDS / 2)
            try:
                self._send(*parts)
            except BufferError:
                continue
            except KafkaException as error:
                self._count_failure(error.args[0])
            return True
        return False

    def _counting(self) -> OnAnswer:
        """Return what librdkafka calls for each record; it is the writer's innermost loop."""
        tallies = self._tallies
        count_failure = self._count_failure

        def answered(error: KafkaError | None, message: PlacedMessage) -> None:
            if error is not None:
                count_failure(error)
                return
            try:
                tally = tallies[message.partition()]
                tally.count += 1
                tally.last = message
            except KeyError:
                tallies[message.partition()] = _Tally(1, message.offset(), message)

        return cast("OnAnswer", answered)

    def _count_failure(self, error: KafkaError) -> None:
        unanswered = error.code() in _UNANSWERED
        self._reasons["without an answer" if unanswered else error.name()] += 1
        self._failed += 1


def _answers(take_in: Callable[[float], int], seconds: float) -> int:
    """Take in answers by poll or flush, and return what it returns."""
    try:
        return take_in(seconds)
    except SystemError:
        # What a callback raises, confluent_kafka may lose on its way (seen in 2.16.1, with nearly
        # every interrupt that meets one), and then has no exception to show. Ours raise nothing.
        raise KeyboardInterrupt from None


@checked
def prepare(cluster: Cluster) -> None:
    """Make a producer before it is needed, so that the first records leave without delay."""
    cluster.give_back_producer(cluster.borrow_producer(_SETTINGS), _SETTINGS)


@checked
def produce(
    topic: Topic,
    items: Iterable[Any],
    *,
    key: Key = None,
    contract: "Contract | None" = None,
    settings: Settings | None = None,
) -> Report:
    """Write every item to the topic and return when the broker has acknowledged all of them.

    Items, `key` and `contract` as in `records`. Gives up when the broker is silent for 30 seconds.
    Raises DeliveryError, with the report, when something was not acknowledged, EventError at an
    event that breaks the contract (those before it are written), TopicError, UsageError and
    BrokerError.

    Each record is written once, and in order, also when the broker dies meanwhile. One exception:
    events older than a day can be written twice when the broker dies and comes back: it has then
    forgotten what it took from this producer, and takes the batch again whose answer was lost
    (Kafka's producer.id.expiration.ms). Whoever needs each once writes events of today, writes them
    in transactions (log.Transactions), or drops at reading the event_id that came before.
    """
    written = records(items, key, contract)
    writer = Writer(topic, settings)
    try:
        for record in written:
            if not writer.offer(record, PATIENCE_SECONDS):
                break
    except Exception:
        writer.close(PATIENCE_SECONDS)  # what was written before shall not be lost
        raise
    return writer.close(PATIENCE_SECONDS).require_all()
