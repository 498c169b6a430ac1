"""Topics: made, emptied, looked at, changed."""

import difflib
import re
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from confluent_kafka import Consumer, Producer, TopicCollection, TopicPartition
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewPartitions,
    NewTopic,
    OffsetSpec,
    ResourceType,
    TopicDescription,
    TopicMetadata,
)

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.errors import LogError, TopicError, UsageError, shown
from eventlab.log.cluster import ANSWER_SECONDS, Answer, Cluster
from eventlab.log.keeping import keeping_all
from eventlab.log.offsets import offsets
from eventlab.moments import milliseconds

if TYPE_CHECKING:  # 55 MB that a process which only runs a flow never needs
    import pandas

Setting = str | float | bool  # Kafka takes the text of it
TopicSettings = Mapping[str, Setting]

_MOST_LETTERS = 249
_NAME = re.compile(rf"[a-zA-Z0-9._-]{{1,{_MOST_LETTERS}}}")
_IS_THERE = "TOPIC_ALREADY_EXISTS"
_TICK_SECONDS = 0.01
_MOST_PARTITIONS = 1000  # one broker on a laptop takes minutes over more


@checked
@dataclass(frozen=True)
class Topic:
    """One topic of a cluster, by name; nothing is asked until a method needs it.

    Methods raise TopicError where the topic does not exist, BrokerError where Kafka is away.
    """

    cluster: Cluster
    name: str

    def __post_init__(self) -> None:
        require_topic_name(self.name)

    def __str__(self) -> str:
        return self.name

    # -- what it is -----------------------------------------------------------------------------

    @property
    def exists(self) -> bool:
        """Tell whether the cluster has the topic."""
        return self._found() is not None

    @property
    def partitions(self) -> list[int]:
        """Return the partitions' numbers."""
        found = self._found()
        if found is None:
            raise self._unknown(self.cluster.metadata().topics)
        return sorted(one.id for one in found.partitions)

    def require_known(self, client: Consumer | Producer) -> list[int]:
        """Return the partitions as a client learns them here and now; raise TopicError."""
        metadata = self.cluster.asked_in_turns(
            "name its topics",
            lambda seconds: client.list_topics(self.name, seconds),
            ANSWER_SECONDS,
        )
        if metadata.topics[self.name].error is not None:
            raise self._unknown(self.cluster.metadata().topics)
        return sorted(metadata.topics[self.name].partitions)

    def start_offsets(self) -> dict[int, int]:
        """Return the offset of the oldest record of each partition."""
        return self._offsets(OffsetSpec.earliest())

    @checked
    def end_offsets(self, committed: bool = False) -> dict[int, int]:
        """Return the offset that the next record of each partition will get.

        With `committed`, the offset at which a reader of committed transactions ends now.
        """
        return self._offsets(OffsetSpec.latest(), committed=committed)

    @checked
    def offsets_at(self, moment: datetime) -> dict[int, int]:
        """Return for each partition the first offset whose record is of `moment` or later.

        Where there is none yet, it is the offset of the next record.
        """
        at = max(0, milliseconds(moment))  # negative times have a meaning of their own for Kafka
        found = self._offsets(OffsetSpec.for_timestamp(at))
        ends = self.end_offsets()
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

        partitions = self._metadata().partitions
        start = self.start_offsets()
        end = self.end_offsets()
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

    @checked
    def create(self, partitions: int = 1, settings: TopicSettings | None = None) -> "Topic":
        """Make the topic, and return it when it can be written to."""
        self._make(self.name, partitions, settings)
        self._until(lambda: self._serves(partitions), "be ready")
        return self

    @checked
    def made(self, partitions: int = 1) -> "Topic":
        """Return the topic, after making it if it is not there.

        Several may call it at once, and all find it.
        """
        if not self.exists:
            try:
                self.create(partitions)
            except TopicError as error:
                if _IS_THERE not in error.found:
                    raise
                # Whoever makes topics knows it before those who name them.
                self._until(lambda: self.exists, "be there")
        return self

    def delete(self) -> None:
        """Delete the topic with all its records, and return when it is gone."""
        self._each(self.cluster.admin.delete_topics, [self.name], "delete")
        self._until(lambda: not self.exists, "be gone")

    @checked
    def reset(self, partitions: int = 1, settings: TopicSettings | None = None) -> "Topic":
        """Make the topic anew and empty, its offsets beginning at 0, whatever was there before."""
        self.require_makeable(partitions, settings)
        if not self.exists:
            return self.create(partitions, settings)
        self.delete()
        self._until(lambda: self._is_made_again(partitions, settings), "be there again")
        return self

    @checked
    def require_makeable(self, partitions: int = 1, settings: TopicSettings | None = None) -> None:
        """Raise TopicError or UsageError if Kafka would not make the topic so; make nothing."""
        # Of a name that is taken Kafka only says that it is.
        free = f"{self.name[: _MOST_LETTERS - 33]}.{uuid4().hex}"
        self._make(free, partitions, settings, validate_only=True)

    @checked
    def add_partitions(self, total: int) -> None:
        """Give the topic `total` partitions; a key may then lead to another one than before."""
        required_whole_number("total", total, at_least=1, at_most=_MOST_PARTITIONS)
        now = len(self.partitions)
        if total <= now:
            raise UsageError(
                f"{self.name} has {now} partitions, and partitions cannot be taken away",
                expected=f"more than {now}",
                found=shown(total),
                remedy="Make a new topic to have fewer.",
            )
        request = [NewPartitions(self.name, total)]
        self._each(self.cluster.admin.create_partitions, request, "add partitions to")
        self._until(lambda: self._serves(total), "have its new partitions")

    @checked
    def set(self, **settings: Setting) -> None:
        """Change settings of the topic, dots written as underscores: retention_ms=2000.

        It returns once the topic says them: a broker learns a moment later what was changed.
        """
        changed = {name.replace("_", "."): str(value) for name, value in settings.items()}
        entries = [
            ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
            for name, value in changed.items()
        ]
        resource = ConfigResource(ResourceType.TOPIC, self.name, incremental_configs=entries)
        self._each(self.cluster.admin.incremental_alter_configs, [resource], "change")
        self._until(lambda: self._says(changed), "have its new settings")

    def answered(self, answer: "Future[Answer]", what: str) -> Answer:
        """Return what an admin client's answer holds; what Kafka objects becomes one of ours."""
        try:
            return self.cluster.answer(what, answer)
        except TopicError as error:
            raise self._named(error) from None

    # -- how ------------------------------------------------------------------------------------

    def _make(
        self,
        name: str,
        partitions: int,
        settings: Mapping[str, object] | None,
        *,
        validate_only: bool = False,
    ) -> None:
        required_whole_number("partitions", partitions, at_least=1, at_most=_MOST_PARTITIONS)
        asked = partial(self.cluster.admin.create_topics, validate_only=validate_only)

        def make(texts: dict[str, str]) -> None:
            self._each(asked, [NewTopic(name, partitions, config=texts)], "make")

        keeping_all(make, settings or {})

    def _says(self, settings: dict[str, str]) -> bool:
        found = self.settings()
        return all(
            name in found and _as_kafka_says(found[name]) == _as_kafka_says(value)
            for name, value in settings.items()
        )

    def _is_made_again(self, partitions: int, settings: TopicSettings | None) -> bool:
        try:
            self.create(partitions, settings)
        except TopicError as error:
            if _IS_THERE in error.found:  # under ZooKeeper it is on its way out for a while
                return False
            raise
        return True

    def _found(self) -> TopicDescription | None:
        """Return what the cluster says of this topic alone, which does not make it; None: nothing.

        A list of all topics takes a broker of thousands as long as all else that is asked of it.
        """
        what = f"name the topic {self.name}"
        self.cluster.require_up(what)
        asked = TopicCollection([self.name])
        # The dict is kept while we wait: librdkafka's answers are looked up in it.
        futures = self.cluster.admin.describe_topics(asked, request_timeout=ANSWER_SECONDS)
        try:
            found: TopicDescription = self.cluster.answer(what, futures[self.name])
        except TopicError as error:
            if "UNKNOWN_TOPIC" in error.found:
                return None
            raise
        return found

    def _metadata(self) -> TopicMetadata:
        topics = self.cluster.metadata().topics
        if self.name not in topics:
            raise self._unknown(topics)
        return topics[self.name]

    def _offsets(self, which: OffsetSpec, *, committed: bool = False) -> dict[int, int]:
        places = [(self.name, number) for number in self.partitions]
        try:
            found = offsets(self.cluster, places, which, committed=committed)
        except TopicError as error:
            raise self._named(error) from None
        return {number: offset for (_, number), offset in found.items()}

    def _each(
        self, request: Callable[..., Mapping[Any, "Future[Any]"]], things: list[Any], verb: str
    ) -> list[Any]:
        what = f"{verb} the topic {self.name}"
        # Before it is sent: a request that waits would be done when the broker is back.
        self.cluster.require_up(what)
        # The dict is kept while we wait: librdkafka's answers are looked up in it.
        futures = request(things, request_timeout=ANSWER_SECONDS)
        return [self.answered(future, what) for future in futures.values()]

    def _has_leaders(self, partitions: int) -> bool:
        topic = self._found()
        if topic is None or len(topic.partitions) != partitions:
            return False
        return all(one.leader is not None and one.leader.id >= 0 for one in topic.partitions)

    def _serves(self, partitions: int) -> bool:
        # The controller names a leader before that broker itself has become it.
        if not self._has_leaders(partitions):
            return False
        wanted = {TopicPartition(self.name, n): OffsetSpec.latest() for n in range(partitions)}
        answers = self.cluster.admin.list_offsets(wanted, request_timeout=ANSWER_SECONDS)
        return self.cluster.asked(
            "tell where its partitions end",
            lambda: not any(one.exception(2 * ANSWER_SECONDS) for one in answers.values()),
        )

    def _until(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + ANSWER_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise LogError(
                    f"The topic {self.name} should {what}",
                    expected=f"it within {ANSWER_SECONDS:g} s",
                    found="it is not",
                    remedy="Run the cell again.",
                )
            time.sleep(_TICK_SECONDS)

    def _named(self, error: TopicError) -> TopicError:
        """Return the error, or in its place the one that names this topic as unknown."""
        if "UNKNOWN_TOPIC" in error.found:
            return self._unknown(self.cluster.metadata().topics)
        return error

    def _unknown(self, known: Iterable[str]) -> TopicError:
        near = difflib.get_close_matches(self.name, list(known), n=3)
        return TopicError(
            f"There is no topic {self.name}",
            expected=f"perhaps {' or '.join(near)}" if near else "a topic that the cluster has",
            found="none of that name",
            remedy="Make it with lab.new_topic(name); eventlab.log.topics names those there are.",
        )


@checked
def topics(cluster: Cluster, prefix: str = "") -> "pandas.DataFrame":
    """Return the cluster's topics, one row each: topic, partitions. Kafka's own are left out."""
    import pandas

    found = cluster.metadata().topics
    rows = [
        {"topic": name, "partitions": len(topic.partitions)}
        for name, topic in sorted(found.items())
        if name.startswith(prefix) and not name.startswith("__")
    ]
    return pandas.DataFrame(rows, columns=["topic", "partitions"])


def require_topic_name(name: object) -> None:
    """Raise UsageError unless Kafka takes it as the name of a topic."""
    if isinstance(name, str) and _NAME.fullmatch(name) and name not in (".", ".."):
        return
    raise UsageError(
        "This cannot be a topic's name",
        expected="1 to 249 letters, digits, dots, dashes or underscores",
        found=shown(name),
        remedy='Choose a plain name, such as "orders" or "shop.orders".',
    )


def _as_kafka_says(value: str) -> float | str:
    """Return a setting's value so that two ways to write it are the same: 0.50, True, "a, b"."""
    try:
        return float(value)
    except ValueError:
        return value.replace(" ", "").lower()
