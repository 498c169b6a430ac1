"""Chapter 04: a share group, whose consumers take records from one partition as from a queue."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, ShareConsumer
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from eventlab.errors import LogError
from eventlab.lab.verbs import Verbs
from eventlab.log.cluster import plain_error, refusal
from eventlab.log.messages import PlacedMessage, consumed
from eventlab.processes.closing import close_all

_PATIENCE_SECONDS = 15.0
_POLL_SECONDS = 0.02
_AT_A_TIME = 5
_JOIN_SECONDS = 4.0
# A share consumer refuses these.
_NOT_FOR_SHARING = ("fetch.queue.backoff.ms", "session.timeout.ms", "heartbeat.interval.ms")

_SHARING = "work as a share group"
_NEEDED = "Kafka 4.2 or newer, with share groups turned on"
# Up to 3.9 Kafka does not know the setting, nor that groups have any. From 4.0 on it takes it even
# where share groups are off: then 4.0 is silent, and those that follow refuse the consumers.
_NOT_KNOWN = {
    KafkaError.INVALID_REQUEST,
    KafkaError.INVALID_CONFIG,
    KafkaError.UNSUPPORTED_VERSION,
    KafkaError._UNSUPPORTED_FEATURE,
}


@contextmanager
def needs_share_groups() -> Iterator[None]:
    """Print in the place of the error that Kafka has no share groups, and go on after the block."""
    try:
        yield
    except LogError as error:
        if error.expected != _NEEDED:
            raise
        print(error)


def share_settings(lab: Verbs, group: str) -> dict[str, Any]:
    """Return the settings of a share consumer in a share group that begins at the first record.

    Raises LogError where Kafka has no share groups, and BrokerError.
    """
    earliest = ConfigEntry(
        "share.auto.offset.reset", "earliest", incremental_operation=AlterConfigOpType.SET
    )
    resource = ConfigResource(ResourceType.GROUP, group, incremental_configs=[earliest])
    lab.cluster.require_up(_SHARING)
    for answer in lab.cluster.admin.incremental_alter_configs([resource]).values():
        _require_taken(lab, answer)
    own = {name: value for name, value in lab.kafka.items() if name not in _NOT_FOR_SHARING}
    return own | {"group.id": group, "max.poll.records": _AT_A_TIME}


def worked(workers: Sequence[Consumer | ShareConsumer], records: int) -> dict[str, int]:
    """Let workers take records in turn until all are done, and close them; return the counts.

    Who has had some rests for a moment while another has had none: joining takes its time. Raises
    LogError where Kafka has no share groups.
    """
    try:
        done = _taken_in_turn(workers, records)
    except KafkaException as error:
        raise _refused(error.args[0]) from None
    finally:
        close_all([worker.close for worker in workers])
    if not any(done) and any(isinstance(worker, ShareConsumer) for worker in workers):
        raise _no_share_groups(f"no record within {_PATIENCE_SECONDS:g} s")
    offsets = Counter(offset for mine in done for offset in mine)
    return {
        "records": records,
        "done": len(offsets),
        "twice": sum(count > 1 for count in offsets.values()),
        "idle": sum(not mine for mine in done),
    }


# -- how ------------------------------------------------------------------------------------------


def _taken_in_turn(workers: Sequence[Consumer | ShareConsumer], records: int) -> list[list[int]]:
    """Return the offsets that each worker has taken."""
    done: list[list[int]] = [[] for _ in workers]
    began = time.monotonic()
    while sum(map(len, done)) < records and time.monotonic() < began + _PATIENCE_SECONDS:
        joins = not all(done) and time.monotonic() < began + _JOIN_SECONDS
        for worker, mine in zip(workers, done, strict=True):
            if not (joins and mine):
                mine += [message.offset() for message in _taken(worker)]
    return done


def _taken(worker: Consumer | ShareConsumer) -> list[PlacedMessage]:
    if isinstance(worker, Consumer):
        messages = consumed(worker, _AT_A_TIME, _POLL_SECONDS)
    else:
        messages = cast("list[PlacedMessage]", list(worker.poll(_POLL_SECONDS)))
        worker.commit_sync()  # what it has taken is acknowledged, and not given out again
    return [message for message in messages if message.error() is None]


def _require_taken(lab: Verbs, answer: "Future[None]") -> None:
    try:
        answer.result(_PATIENCE_SECONDS)
    except KafkaException as error:
        if error.args[0].code() in _NOT_KNOWN:
            raise _refused(error.args[0]) from None
        raise plain_error(_SHARING, error.args[0], lab.cluster) from None


def _refused(error: KafkaError) -> LogError:
    """Return what it means that Kafka would not have a share group or a consumer of it."""
    plain = refusal(_SHARING, error)
    return _no_share_groups(plain.found) if error.code() in _NOT_KNOWN else plain


def _no_share_groups(found: str) -> LogError:
    return LogError(
        "This Kafka has no share groups",
        expected=_NEEDED,
        found=found,
        remedy="Go on with the next experiment, or run this one on the lab's own Kafka.",
    )
