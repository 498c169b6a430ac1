"""Read, transform, write: each batch in one transaction of Kafka, the reader's offsets included.

What is written and how far was read become visible together, or not at all (KIP-98, KIP-447). A
reader of committed records sees the effect of every record once, however often this crashed.
"""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from eventlab.arguments import (
    refused,
    required_items,
    required_name,
    required_number,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.errors import FencedError
from eventlab.log.cluster import Cluster, is_passing, plain_error
from eventlab.log.interrupts import in_turns
from eventlab.log.messages import MOST_AT_ONCE, PlacedMessage, consumed
from eventlab.log.records import Record, listed, recorder, unwritable
from eventlab.log.settling import settled
from eventlab.log.topics import Topic

_PATIENCE_SECONDS = 30.0
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}

Transform = Callable[[PlacedMessage], Iterable[tuple[Topic | str, Any]]]
_record = recorder()


class Transactions:
    """Read topics as a member of a group, and write what `transform` makes of each record.

    `transform` gets a message of `confluent_kafka` and returns pairs of a topic and whatever
    `produce` takes. `name` is the transactional id: of two with one name the older is fenced, and
    its next `step` raises FencedError, so a zombie writes nothing. Use it from one thread, as a
    context manager. Raises TopicError, BrokerError and LogError.
    """

    @checked
    def __init__(
        self,
        cluster: Cluster,
        topics: Collection[Topic],
        transform: Transform,
        *,
        group: str,
        name: str,
        at_most: int = 500,
    ) -> None:
        self._cluster = cluster
        self._transform = transform
        self._at_most = required_whole_number("at_most", at_most, at_least=1, at_most=MOST_AT_ONCE)
        if not topics:
            raise refused("topics", topics, "at least one topic", '[lab.topic("orders")]')
        # Of an empty group librdkafka ends the whole process.
        required_name("group", group, example='"copies"')
        required_name("name", name, example='"copies-1"')
        settings = cluster.own_settings
        self._consumer = Consumer(
            settings
            | {
                "group.id": group,
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
                "isolation.level": "read_committed",
            }
        )
        try:
            for topic in topics:
                topic.require_known(self._consumer)
            # This fences whoever has the name now, so nothing that could be refused comes after it.
            self._producer = Producer(settings | {"transactional.id": name})
            self._ask("begin its transactions", self._begin)
        except BaseException:
            self._consumer.close()
            raise
        self._unfinished: Callable[[], object] | None = None
        self._consumer.subscribe([topic.name for topic in topics])

    @checked
    def step(self, seconds: float = 1.0) -> int:
        """Read what comes within some seconds, write its results, and return how many it read.

        When anything fails the transaction is aborted, the reader goes back to where the last one
        ended, and the error is raised; the next step tries again. What an interrupt of the kernel
        has left open the next step ends first.
        """
        required_number("seconds", seconds, at_least=0)
        if self._unfinished is not None:
            self._unfinished()
        messages = self._read(seconds)
        if not messages:
            return 0
        self._ask("begin a transaction", self._producer.begin_transaction)
        self._unfinished = self._abort
        try:
            self._write(messages)
            self._commit()
        except (FencedError, KeyboardInterrupt):  # to abort would wait for the broker once more
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

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _begin(self) -> None:
        begin = self._producer.init_transactions
        # A broker that has just started first finds out who coordinates them.
        settled(lambda: in_turns(begin, _PATIENCE_SECONDS), _PATIENCE_SECONDS)

    def _read(self, seconds: float) -> list[PlacedMessage]:
        messages = []
        for message in consumed(self._consumer, self._at_most, seconds):
            error = message.error()
            if error is None:
                messages.append(message)
            elif not is_passing(error):
                raise plain_error("give the records", error, self._cluster)
        return messages

    def _write(self, messages: list[PlacedMessage]) -> None:
        for message in messages:
            made = self._transform(message)
            for topic, item in required_items("transform", made, example="lambda message: []"):
                self._send(str(topic), _record(item))
        self._wait(
            "take the offsets of a transaction",
            partial(
                self._producer.send_offsets_to_transaction,
                self._consumer.position(self._consumer.assignment()),
                self._consumer.consumer_group_metadata(),
            ),
        )

    def _send(self, topic: str, record: Record) -> None:
        try:
            self._ask(
                f"take a record for {topic}",
                self._producer.produce,
                topic,
                record.value,
                record.key,
                record.partition,
                timestamp=record.timestamp,
                headers=listed(record.headers),
            )
        except (TypeError, ValueError, OverflowError) as error:
            raise unwritable(record, error) from None
        self._producer.poll(0)

    def _commit(self) -> None:
        self._unfinished = self._commit  # once begun it can only be gone on with
        self._wait("commit a transaction", self._producer.commit_transaction)
        self._unfinished = None

    def _abort(self) -> None:
        self._wait("abort a transaction", self._producer.abort_transaction)
        assigned = self._consumer.assignment()
        committed = partial(self._consumer.committed, assigned)
        for place in in_turns(committed, _PATIENCE_SECONDS):
            start = place.offset if place.offset >= 0 else 0
            self._consumer.seek(TopicPartition(place.topic, place.partition, start))
        self._unfinished = None

    def _wait(self, what: str, call: Callable[[float], object]) -> None:
        # A transaction's call that ran out of time is gone on with by the next one.
        self._ask(what, in_turns, call, _PATIENCE_SECONDS)

    def _ask(self, what: str, call: Callable[..., object], *arguments: Any, **more: Any) -> None:
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
