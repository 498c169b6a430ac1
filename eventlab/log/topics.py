"""Topics: made, emptied, looked at, changed."""

import difflib
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from confluent_kafka import (
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from eventlab.errors import LogError, TopicError, UsageError
from eventlab.log.cluster import ANSWER_SECONDS, Cluster
from eventlab.log.moments import milliseconds

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

# Kafka judges records by their own time. Under its defaults events of 2013 would be deleted within
# a second (after seven days), and events more than an hour ahead of the clock are refused.
KEEP_ALL = {"retention.ms": "-1", "message.timestamp.after.max.ms": str(2**63 - 1)}

# A broker that has just started knows less than its clients for a moment: who leads, since when.
_SETTLING = {
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.OFFSET_NOT_AVAILABLE,
}

_NAME = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_TICK_SECONDS = 0.01
_COMMITTED, _UNCOMMITTED = IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED


@dataclass(frozen=True)
class Topic:
    """One topic of a cluster, by name; nothing is asked until a method needs it.

    Methods raise TopicError where the topic does not exist, BrokerError where Kafka is away.
    """

    cluster: Cluster
    name: str

    def __post_init__(self):
        if not (isinstance(self.name, str) and _NAME.fullmatch(self.name)) or self.name in "..":
            raise UsageError(
                "This cannot be a topic's name",
                expected="1 to 249 letters, digits, dots, dashes or underscores",
                found=repr(self.name),
            )

    def __str__(self) -> str:
        return self.name

    # -- what it is -----------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Tell whether the cluster has the topic."""
        return self.name in self.cluster.metadata().topics

    @property
    def partitions(self) -> list[int]:
        """Return the partitions' numbers."""
        topics = self.cluster.metadata().topics
        if self.name not in topics:
            raise self._unknown(topics)
        return sorted(topics[self.name].partitions)

    def require_known(self, client: Consumer | Producer) -> list[int]:
        """Return the partitions as a client learns them here and now; raise TopicError."""
        metadata = self.cluster.asked(
            "name its topics", lambda: client.list_topics(self.name, ANSWER_SECONDS)
        )
        if metadata.topics[self.name].error is not None:
            raise self._unknown(self.cluster.metadata().topics)
        return sorted(metadata.topics[self.name].partitions)

    def start_offsets(self) -> dict[int, int]:
        """Return the offset of the oldest record of each partition."""
        return self._offsets(OffsetSpec.earliest())

    def end_offsets(self, committed: bool = False) -> dict[int, int]:
        """Return the offset that the next record of each partition will get.

        With `committed`, the offset at which a reader of committed transactions ends now.
        """
        return self._offsets(OffsetSpec.latest(), committed)

    def offsets_at(self, moment: datetime) -> dict[int, int]:
        """Return for each partition the first offset whose record is of `moment` or later.

        Where there is none yet, it is the offset of the next record.
        """
        at = max(0, milliseconds(moment))  # negative times have a meaning of their own for Kafka
        found, ends = self._offsets(OffsetSpec.for_timestamp(at)), self.end_offsets()
        return {n: ends[n] if offset < 0 else offset for n, offset in found.items()}

    def settings(self) -> dict[str, str]:
        """Return the settings that were made for this topic."""
        resource = ConfigResource(ResourceType.TOPIC, self.name)
        entries = self._each(self.cluster.admin.describe_configs, [resource], "describe")[0]
        own = ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        return {name: entry.value for name, entry in entries.items() if entry.source == own}

    def describe(self) -> "pandas.DataFrame":
        """Return one row a partition: leader, start and end offset, records."""
        import pandas

        partitions = self._metadata_of_partitions()
        start, end = self.start_offsets(), self.end_offsets()
        rows = [
            {
                "partition": number,
                "leader": partitions[number].leader,
                "start": start[number],
                "end": end[number],
                "records": end[number] - start[number],
            }
            for number in sorted(partitions)
        ]
        return pandas.DataFrame(rows)

    # -- what one can do with it ----------------------------------------------------------------

    def create(self, partitions: int = 1, settings: dict[str, str] | None = None) -> "Topic":
        """Make the topic, and return it when it can be written to."""
        _require_partitions(partitions)
        texts = {name: str(value) for name, value in (KEEP_ALL | (settings or {})).items()}
        self._each(
            self.cluster.admin.create_topics,
            [NewTopic(self.name, partitions, config=texts)],
            "make",
        )
        self._until(lambda: self._serves(partitions), "be ready")
        return self

    def made(self, partitions: int = 1) -> "Topic":
        """Return the topic, after making it if it is not there.

        Several may call it at once, and all find it.
        """
        if not self.exists:
            try:
                self.create(partitions)
            except TopicError:
                if not self.exists:
                    raise
        return self

    def delete(self) -> None:
        """Delete the topic with all its records, and return when it is gone."""
        self._each(self.cluster.admin.delete_topics, [self.name], "delete")
        self._until(lambda: not self.exists, "be gone")

    def reset(self, partitions: int = 1, settings: dict[str, str] | None = None) -> "Topic":
        """Make the topic anew and empty, its offsets beginning at 0, whatever was there before."""
        _require_partitions(partitions)
        if self.exists:
            self.delete()
        return self.create(partitions, settings)

    def add_partitions(self, total: int) -> None:
        """Give the topic `total` partitions; a key may then lead to another one than before."""
        now = len(self.partitions)
        if total <= now:
            raise UsageError(
                f"{self.name} has {now} partitions, and partitions cannot be taken away",
                expected=f"more than {now}",
                found=repr(total),
                remedy="Make a new topic to have fewer.",
            )
        request = [NewPartitions(self.name, total)]
        self._each(self.cluster.admin.create_partitions, request, "add partitions to")
        self._until(lambda: self._serves(total), "have its new partitions")

    def set(self, **settings: str) -> None:
        """Change settings of the topic, dots written as underscores: retention_ms=2000."""
        entries = [
            ConfigEntry(
                name.replace("_", "."), str(value), incremental_operation=AlterConfigOpType.SET
            )
            for name, value in settings.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, self.name, incremental_configs=entries)
        self._each(self.cluster.admin.incremental_alter_configs, [resource], "change")

    def answered(self, answer: Future, what: str) -> Any:
        """Return what an admin client's answer holds; what Kafka objects becomes one of ours."""
        try:
            return self.cluster.asked(what, lambda: answer.result(2 * ANSWER_SECONDS))
        except TopicError as error:
            if "UNKNOWN_TOPIC" in error.found:
                raise self._unknown(self.cluster.metadata().topics) from None
            raise

    # -- how ------------------------------------------------------------------------------------

    def _metadata_of_partitions(self) -> dict:
        topics = self.cluster.metadata().topics
        if self.name not in topics:
            raise self._unknown(topics)
        return topics[self.name].partitions

    def _offsets(self, which: OffsetSpec, committed: bool = False) -> dict[int, int]:
        wanted = {TopicPartition(self.name, number): which for number in self.partitions}
        isolation = _COMMITTED if committed else _UNCOMMITTED
        deadline = time.monotonic() + ANSWER_SECONDS
        while True:
            futures = self.cluster.admin.list_offsets(
                wanted, isolation_level=isolation, request_timeout=ANSWER_SECONDS
            )
            if time.monotonic() > deadline or not any(map(_is_settling, futures.values())):
                break
            time.sleep(_TICK_SECONDS)
        return {
            partition.partition: self.answered(future, "tell its offsets").offset
            for partition, future in futures.items()
        }

    def _each(self, request: Callable, things: list, verb: str) -> list:
        # The dict is kept while we wait: librdkafka's answers are looked up in it.
        futures = request(things, request_timeout=ANSWER_SECONDS)
        return [
            self.answered(future, f"{verb} the topic {self.name}") for future in futures.values()
        ]

    def _has_leaders(self, partitions: int) -> bool:
        topic = self.cluster.metadata().topics.get(self.name)
        found = topic.partitions.values() if topic else []
        return len(found) == partitions and all(one.leader >= 0 for one in found)

    def _serves(self, partitions: int) -> bool:
        # The controller names a leader before that broker itself has become it.
        if not self._has_leaders(partitions):
            return False
        wanted = {TopicPartition(self.name, n): OffsetSpec.latest() for n in range(partitions)}
        answers = self.cluster.admin.list_offsets(wanted, request_timeout=ANSWER_SECONDS)
        return not any(answer.exception(2 * ANSWER_SECONDS) for answer in answers.values())

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise LogError(
                    f"The topic {self.name} should {what}",
                    expected=f"it within {ANSWER_SECONDS:g} s",
                    remedy="Run the cell again.",
                )
            time.sleep(_TICK_SECONDS)

    def _unknown(self, known) -> TopicError:
        near = difflib.get_close_matches(self.name, list(known), n=3)
        return TopicError(
            f"There is no topic {self.name}",
            expected=f"perhaps {' or '.join(near)}" if near else "",
            remedy="Make it with lab.topic(name), or look at lab.topics().",
        )


def _is_settling(answer: Future) -> bool:
    error = answer.exception(2 * ANSWER_SECONDS)
    return isinstance(error, KafkaException) and error.args[0].code() in _SETTLING


def _require_partitions(partitions: int) -> None:
    if not isinstance(partitions, int) or isinstance(partitions, bool) or partitions < 1:
        raise UsageError("A topic needs partitions", expected="1 or more", found=repr(partitions))


def topics(cluster: Cluster, prefix: str = "") -> "pandas.DataFrame":
    """Return the cluster's topics, one row each: topic, partitions. Kafka's own are left out."""
    import pandas

    found = cluster.metadata().topics.values()
    rows = [
        {"topic": topic.topic, "partitions": len(topic.partitions)}
        for topic in sorted(found, key=lambda topic: topic.topic)
        if topic.topic.startswith(prefix) and not topic.topic.startswith("__")
    ]
    return pandas.DataFrame(rows, columns=["topic", "partitions"])
