"""The compacted topic in which a schema registry keeps all it knows, in Confluent's own form."""

import json
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from eventlab.errors import ContractError, EventlabError, TopicError, shown
from eventlab.log.cluster import plain_error
from eventlab.log.decoding import Tombstone
from eventlab.log.reading import changes
from eventlab.log.records import Record
from eventlab.log.schemas.subjects import Entry, Subjects
from eventlab.log.topics import Topic

# Sooner than whoever asks the registry gives up.
_SETTINGS = {
    "enable.idempotence": True,
    "linger.ms": 0,
    "message.timeout.ms": 3000,
    "topic.metadata.propagation.max.ms": 1000,
}
_PATIENCE_SECONDS = 4.0


def made_anew(topic: Topic) -> Topic:
    """Make the topic of a registry anew and empty."""
    return topic.reset(1, {"cleanup.policy": "compact"})


def replayed(topic: Topic) -> Subjects:
    """Return what a registry knows by its topic. Raises TopicError, ContractError, BrokerError."""
    batch = changes(topic)
    if batch.unreadable:
        raise _not_ours(topic, batch.unreadable[0]["value"])
    subjects = Subjects()
    for key, fields in zip(batch.row_keys, batch.fields, strict=True):
        subjects.apply(_key(topic, key), None if isinstance(fields, Tombstone) else fields)
    return subjects


def write(topic: Topic, entries: list[Entry]) -> None:
    """Write records, and return when they are kept. Raises TopicError, BrokerError, LogError."""
    producer = topic.cluster.borrow_producer(_SETTINGS)
    failed: list[KafkaError] = []
    try:
        for entry in entries:
            _send(producer, topic, _record(entry), failed)
        waiting = producer.flush(_PATIENCE_SECONDS)
    except KafkaException as error:  # librdkafka knows already that it cannot be sent
        raise _not_kept(topic, error.args[0]) from None
    if failed or waiting:
        raise _not_kept(topic, failed[0] if failed else KafkaError(KafkaError._MSG_TIMED_OUT))
    topic.cluster.give_back_producer(producer, _SETTINGS)


def _send(producer: Producer, topic: Topic, record: Record, failed: list[KafkaError]) -> None:
    def answered(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            failed.append(error)

    producer.produce(topic.name, record.value, record.key, on_delivery=answered)


def _not_kept(topic: Topic, error: KafkaError) -> EventlabError:
    if error.code() == KafkaError._MSG_TIMED_OUT:  # the broker is away, whoever says so
        error = KafkaError(KafkaError._TIMED_OUT)
    found = plain_error(f"keep the schemas in {topic}", error, topic.cluster)
    if isinstance(found, TopicError):
        try:
            _ = topic.partitions
        except TopicError as missing:
            return missing
    return found


def _record(entry: Entry) -> Record:
    value = None if entry.value is None else json.dumps(entry.value).encode()
    return Record(json.dumps(entry.key, sort_keys=True), value)


def _key(topic: Topic, key: str | bytes | None) -> dict[str, Any]:
    try:
        found = json.loads(key or b"")
    except ValueError:
        raise _not_ours(topic, key) from None
    if not isinstance(found, dict):
        raise _not_ours(topic, key)
    return found


def _not_ours(topic: Topic, found: object) -> ContractError:
    return ContractError(
        f"{topic} is not the topic of a schema registry",
        expected="records that a registry has written",
        found=shown(found),
        remedy="Make the registry anew: lab.new_registry().",
    )
