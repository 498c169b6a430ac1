"""Chapter 04: several consumers that share the work, and a reader that falls off the end."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from eventlab.course.ch04_charts import BLOCK, NAME, member_names, members_chart
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Topic
from eventlab.log.messages import PlacedMessage
from eventlab.moments import milliseconds
from eventlab.pictures.picture import Picture
from eventlab.pictures.readers import PacedReader
from eventlab.processes.closing import close_all

ADD = "One member more"
REMOVE = "One member less"
MOST = 3

_LOOKS_PER_SECOND = 10
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 60.0
_PATIENCE_SECONDS = 15.0
_SLOWLY = 4.0  # records a second


# -- one group ------------------------------------------------------------------------------------


class Members(Picture):
    """Draw which consumer has which partition over time, as consumers come and go.

    `come` makes a consumer by its number, subscribed. The second and the third come by themselves,
    when a sixth and a third of the records are done. Each does `per_second` of them.
    """

    def __init__(
        self, topic: Topic, come: Callable[[int], Consumer], *, records: int, per_second: float
    ) -> None:
        partitions = topic.partitions
        self._live = LiveChart(
            members_chart(partitions, member_names(MOST)),
            alt="Each partition over time, in the colour of the consumer that reads it",
            key="id",
            keep=20_000,
        )
        super().__init__(self._live)
        self._topic = topic
        self._come = come
        self._records = records
        self._per_second = per_second
        self._readers: list[PacedReader] = []
        self._names: list[str] = []  # of the readers, in their order
        self._began = time.monotonic()
        self._runs: dict[tuple[int, int], tuple[float, float]] = {}

    def add(self) -> None:
        """Let one more consumer come; there are at most three."""
        number = len(self._readers)
        if sum(reader.is_alive for reader in self._readers) < MOST:
            reader = PacedReader(
                self._topic, lambda: self._come(number), self._per_second, f"member {number}"
            )
            self._names.append(self._free_name())
            self._readers.append(reader)

    def remove(self) -> None:
        """Let the one go that came last, unless it is the last one."""
        there = [reader for reader in self._readers if reader.is_alive]
        if len(there) > 1:
            there[-1].stop()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {ADD: self.add, REMOVE: self.remove}

    def figures(self) -> dict[str, Any]:
        """Return how many records were done, done more than once, and by the idlest consumer."""
        shares = [_places(reader) for reader in self._readers]
        times = Counter(place for share in shares for place in share)
        return {
            "orders": self._records,
            "done": len(times),
            "twice": sum(count > 1 for count in times.values()),
            "least": min(map(len, shares), default=0),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many records each consumer has done, and how many were done twice."""
        shares: Counter[str] = Counter()
        for name, reader in zip(self._names, self._readers, strict=False):
            shares[name] += len(_places(reader))
        return shares | {"done twice": self.figures()["twice"]}

    def settle(self) -> None:
        """Return when each record was done by somebody."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and not self._has_settled():
            time.sleep(_LOOK_SECONDS)

    def stop(self) -> None:
        """Let all consumers go, and leave the picture in the output."""
        close_all([*(reader.stop for reader in self._readers), super().stop])

    # -- how --------------------------------------------------------------------------------------

    def _free_name(self) -> str:
        """Return the first name that nobody has who is there: who comes anew has its colour."""
        there = [
            name
            for name, reader in zip(self._names, self._readers, strict=False)
            if reader.is_alive
        ]
        return next(name for name in member_names(MOST) if name not in there)

    def _has_settled(self) -> bool:
        is_over = any(reader.error is not None for reader in self._readers)
        return is_over or (
            self.figures()["done"] >= self._records
            and len(self._readers) >= MOST
            and not any(reader.idle_seconds < _LOOK_SECONDS for reader in self._readers)
        )

    def _feeds(self) -> Iterator[Feed]:
        self.add()
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _look(self) -> None:
        self._hold()
        for reader in self._readers:
            if reader.error is not None:
                self.chart.report(reader.error)
        done = self.figures()["done"]
        if len(self._readers) < MOST and done >= len(self._readers) * self._records / 6:
            self.add()
            self._hold()
        self._draw(time.monotonic() - self._began)

    def _hold(self) -> None:
        """Let them do little while the newest has no partition, so that it finds work to share."""
        newest = self._readers[-1]
        is_waiting = newest.is_alive and not newest.position
        for reader in self._readers:
            reader.per_second = min(_SLOWLY, self._per_second) if is_waiting else self._per_second

    def _draw(self, now: float) -> None:
        rows: list[tuple[Any, ...]] = []
        for number, reader in enumerate(self._readers):
            for partition in list(reader.position) if reader.is_alive else []:
                rows += self._rows(number, partition, now)
        if rows:
            names = ["id", "kind", "partition", "at", "until", "member"]
            self._live.push(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))

    def _rows(self, number: int, partition: int, now: float) -> list[tuple[Any, ...]]:
        """Return the block that goes on, or a new one, and whose it is."""
        began, until = self._runs.get((number, partition), (now, now))
        if now - until > 3 / _LOOKS_PER_SECOND:
            began = now
        self._runs[(number, partition)] = (began, now)
        member = self._names[number]
        return [
            (f"{number} {partition} {began}", BLOCK, partition, began, now, member),
            (f"name {partition}", NAME, partition, now, now, member),
        ]


def _places(reader: PacedReader) -> list[tuple[int, int]]:
    return [(one.partition(), one.offset()) for reading in reader.readings for one in reading]


# -- retention ------------------------------------------------------------------------------------


def forget_before(lab: Verbs, topic: Topic, order: Order) -> int:
    """Let a topic forget what is older than an order, wait for it, and return its first offset.

    Kafka deletes whole segments, once a second: some older records may stay. A cluster of the
    learner's own looks for them every five minutes by default: there they are deleted by hand.
    """
    if lab.broker.external:
        _delete_before(topic, order)
    else:
        topic.set(retention_ms=milliseconds(datetime.now(UTC)) - milliseconds(order.at))
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not topic.start_offsets()[0] and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return topic.start_offsets()[0]


def _delete_before(topic: Topic, order: Order) -> None:
    place = TopicPartition(topic.name, 0, topic.offsets_at(order.at)[0])
    for answer in topic.cluster.admin.delete_records([place]).values():
        topic.answered(answer, f"delete the oldest records of the topic {topic}")


def fallen_off(
    before: Sequence[PlacedMessage], after: Sequence[PlacedMessage], sent: int
) -> Mapping[str, int]:
    """Return how many records a reader got before and after it was away, and how many never."""
    offsets = {message.offset() for message in [*before, *after]}
    return {
        "sent": sent,
        "read_before": len(before),
        "read_after": len(after),
        "never_read": sent - len(offsets),
        "goes_on_at": min((message.offset() for message in after), default=-1),
    }
