"""The compacted topic in which a schema registry keeps all it knows, in Confluent's own form."""

import json
from typing import Any

from eventlab.errors import ContractError, shown
from eventlab.log.decoding import Tombstone
from eventlab.log.producing import produce
from eventlab.log.reading import changes
from eventlab.log.records import Record
from eventlab.log.schemas.subjects import Entry, Subjects
from eventlab.log.topics import Topic

# Sooner than whoever asks the registry gives up.
_SETTINGS = {"message.timeout.ms": 4000, "linger.ms": 0}


def made_anew(topic: Topic) -> Topic:
    """Make the topic of a registry anew and empty."""
    return topic.reset(1, {"cleanup.policy": "compact"})


def told(topic: Topic) -> Subjects:
    """Return what a registry knows by its topic. Raises TopicError, ContractError, BrokerError."""
    batch = changes(topic)
    if batch.unreadable:
        raise _not_ours(topic, batch.unreadable[0]["value"])
    subjects = Subjects()
    for key, fields in zip(batch.row_keys, batch.fields, strict=True):
        subjects.apply(_key(topic, key), None if isinstance(fields, Tombstone) else fields)
    return subjects


def write(topic: Topic, entries: list[Entry]) -> None:
    """Write records, and return when they are kept. Raises what `produce` does."""
    produce(topic, [_record(entry) for entry in entries], settings=_SETTINGS)


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
