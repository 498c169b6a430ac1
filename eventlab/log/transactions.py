"""Read, transform, write: each batch in one transaction of Kafka, the reader's offsets included.

What is written and how far was read become visible together, or not at all (KIP-98, KIP-447). A
reader of committed records sees the effect of every record once, however often this crashed.
"""

from collections.abc import Callable, Iterable
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition

from eventlab.errors import FencedError
from eventlab.log.cluster import Cluster, is_passing, plain_error
from eventlab.log.records import recorder
from eventlab.log.topics import Topic

_PATIENCE_SECONDS = 30.0
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}

Transform = Callable[[Message], Iterable[tuple[Topic | str, Any]]]
_record = recorder()


class Transactions:
    """Read topics as a member of a group, and write what `transform` makes of each record.

    `transform` gets a message of `confluent_kafka` and returns pairs of a topic and whatever
    `produce` takes. `name` is the transactional id: of two with one name the older is fenced, and
    its next `step` raises FencedError, so a zombie writes nothing. Use it from one thread, as a
    context manager. Raises TopicError, BrokerError and LogError.
    """

    def __init__(
        self,
        cluster: Cluster,
        topics: Iterable[Topic],
        transform: Transform,
        *,
        group: str,
        name: str,
        at_most: int = 500,
    ):
        self._cluster, self._transform, self._at_most = cluster, transform, at_most
        topics = list(topics)
        settings = cluster.own_settings
        self._producer = Producer(settings | {"transactional.id": name})
        self._ask("begin its transactions", self._producer.init_transactions, _PATIENCE_SECONDS)
        for topic in topics:
            topic.require_known(self._producer)
        self._consumer = Consumer(
            settings
            | {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        self._consumer.subscribe([topic.name for topic in topics])

    def step(self, seconds: float = 1.0) -> int:
        """Read what comes within some seconds, write its results, and return how many it read.

        When anything fails the transaction is aborted, the reader goes back to where the last one
        ended, and the error is raised; the next step tries again.
        """
        messages = self._read(seconds)
        if not messages:
            return 0
        self._ask("begin a transaction", self._producer.begin_transaction)
        try:
            self._write(messages)
            self._ask("commit a transaction", self._producer.commit_transaction, _PATIENCE_SECONDS)
        except FencedError:
            raise
        except BaseException:
            self._abort()
            raise
        return len(messages)

    def close(self) -> None:
        """Leave the group; a transaction that is open ends as if it had never begun."""
        self._consumer.close()

    def __enter__(self) -> "Transactions":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def _read(self, seconds: float) -> list[Message]:
        messages = []
        for message in self._consumer.consume(self._at_most, seconds):
            error = message.error()
            if error is None:
                messages.append(message)
            elif not is_passing(error):
                raise plain_error("give the records", error, self._cluster)
        return messages

    def _write(self, messages: list[Message]) -> None:
        for message in messages:
            for topic, item in self._transform(message):
                record = _record(item)
                self._ask(
                    f"take a record for {topic}",
                    self._producer.produce,
                    str(topic),
                    record.value,
                    record.key,
                    record.partition,
                    timestamp=record.timestamp,
                    headers=record.headers,
                )
                self._producer.poll(0)
        self._ask(
            "take the offsets of a transaction",
            self._producer.send_offsets_to_transaction,
            self._consumer.position(self._consumer.assignment()),
            self._consumer.consumer_group_metadata(),
            _PATIENCE_SECONDS,
        )

    def _abort(self) -> None:
        self._ask("abort a transaction", self._producer.abort_transaction, _PATIENCE_SECONDS)
        assigned = self._consumer.assignment()
        for place in self._consumer.committed(assigned, _PATIENCE_SECONDS):
            start = place.offset if place.offset >= 0 else 0
            self._consumer.seek(TopicPartition(place.topic, place.partition, start))

    def _ask(self, what: str, call: Callable, *arguments: Any, **more: Any) -> None:
        try:
            call(*arguments, **more)
        except KafkaException as error:
            if error.args[0].code() in _FENCED:
                raise FencedError(
                    "Another one has taken over these transactions",
                    expected="one at a time of each name",
                    found=error.args[0].name(),
                    remedy="Close this one; what it had begun is aborted.",
                ) from None
            raise plain_error(what, error.args[0], self._cluster) from None
