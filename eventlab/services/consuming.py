"""An event-driven service: a consumer of a group that does something at each event.

At least once: the place in the topic is committed after what was written for it has arrived. When
the process dies in between, those events come again, at most `batch` of them. One that ends in
peace, or by what its function raises, commits first what it has done.
"""

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvloop
from confluent_kafka import Consumer, KafkaException, TopicPartition

from eventlab.errors import ServiceError
from eventlab.log.decoding import Batch
from eventlab.log.messages import PlacedMessage, consumed, polled
from eventlab.log.records import Key, recorder
from eventlab.processes.owner import Owner
from eventlab.services import inside
from eventlab.services.plan import Plan
from eventlab.services.process import run_plan
from eventlab.services.reporting import Reports

if TYPE_CHECKING:  # whoever reads and writes JSON needs none of this
    from eventlab.log.schemas import Contract

_POLL_SECONDS = 0.1
_FLUSH_SECONDS = 60.0
_LIST_SECONDS = 10.0
_LONGEST_BATCH_MS = 86_400_000


@dataclass(frozen=True)
class Consuming:
    """What such a service does: `handle` gets each event's fields, and what it returns is written.

    It returns None, one event, or a list of them; it may be an async function, and call others.
    """

    handle: Callable[[dict[str, Any]], Any]
    topic: str
    group: str
    into: str | None
    key: Key
    batch: int
    contract: "Contract | None" = None
    into_contract: "Contract | None" = None


def main() -> None:
    """Consume until the owner says that it is enough, or is gone."""
    run_plan(_serve)


def _serve(plan: Plan, work: Consuming, owner: Owner, reports: Reports) -> None:
    loop = _Loop(plan, work, reports)
    owner.obey(lambda _command: loop.stopping.set())
    uvloop.run(loop.run())


class _Unreadable:
    """What stands in the place of the fields of a record that cannot be read."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.error = ServiceError(
            f"The record at offset {row['offset']} of partition {row['partition']} is passed over",
            expected="an event in JSON, or by the service's contract",
            found=str(row["reason"]),
            remedy="Write it again so that it can be read.",
        )


Found = dict[str, Any] | _Unreadable


class _Loop:
    def __init__(self, plan: Plan, work: Consuming, reports: Reports) -> None:
        self.stopping = threading.Event()
        self._work = work
        self._reports = reports
        self._here = inside.Here(plan.place)
        self._tracer = self._here.recording.tracer
        self._record = recorder(work.key, work.into_contract)
        self._done: dict[int, int] = {}  # where each partition goes on
        self._has_joined_again = False
        self._has_to_join = False
        self._consumer = Consumer(
            dict(plan.place.kafka)
            | {
                "group.id": work.group,
                # Started again it is the same member, and need not wait until the group has given
                # up the one that crashed (KIP-345).
                "group.instance.id": work.group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                # A function may take its time over a batch: what is dead is known by its heartbeat.
                "max.poll.interval.ms": _LONGEST_BATCH_MS,
            }
        )

    async def run(self) -> None:
        inside.enter(self._here)
        self._join()
        self._reports.ready()
        try:
            while not self.stopping.is_set():
                messages = self._waiting_messages(self._work.batch)
                if not messages:
                    messages = await asyncio.to_thread(self._next_messages)
                await self._take(self._records(messages))
        finally:
            try:
                self._consumer.close()
            finally:
                await self._here.close()

    def _join(self) -> None:
        self._consumer.subscribe([self._work.topic], on_assign=self._assigned)

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Refuse what the group has kept for this member from a time when it consumed otherwise.

        A static member that comes back is given the partitions that it had, whatever it subscribes
        to now (KAFKA-13435); whoever then joins once more is given its share of what there is.
        """
        if not self._has_joined_again and not self._is_whole_topic(partitions):
            self._has_joined_again = True
            self._has_to_join = True
            consumer.assign([])

    def _is_whole_topic(self, partitions: list[TopicPartition]) -> bool:
        topic = self._work.topic
        if {one.topic for one in partitions} != {topic}:
            return False
        try:
            found = self._consumer.list_topics(topic, timeout=_LIST_SECONDS).topics[topic]
        except KafkaException:  # the way to the log is broken: what it was given is not too little
            return True
        return {one.partition for one in partitions} == set(found.partitions)

    def _next_messages(self) -> list[PlacedMessage]:
        if self._has_to_join:
            self._has_to_join = False
            self._consumer.unsubscribe()
            self._join()
        first = polled(self._consumer, _POLL_SECONDS)
        return [] if first is None else [first, *self._waiting_messages(self._work.batch - 1)]

    def _waiting_messages(self, at_most: int) -> list[PlacedMessage]:
        return consumed(self._consumer, at_most, 0) if at_most else []

    def _records(self, messages: list[PlacedMessage]) -> list[PlacedMessage]:
        for error in filter(None, (message.error() for message in messages)):
            self._reports.trouble(KafkaException(error))
        return [message for message in messages if message.error() is None]

    async def _take(self, messages: list[PlacedMessage]) -> None:
        if not messages:
            return
        batch = Batch(messages, self._work.contract)
        fields = iter(batch.fields)
        unreadable = {(row["partition"], row["offset"]): row for row in batch.unreadable}
        try:
            for message in messages:
                if self.stopping.is_set():  # the rest is for whoever comes next
                    return
                row = unreadable.get((message.partition(), message.offset()))
                await self._take_one(message, next(fields) if row is None else _Unreadable(row))
                self._done[message.partition()] = message.offset() + 1
        finally:
            await asyncio.to_thread(self._settle)

    async def _take_one(self, message: PlacedMessage, found: Found) -> None:
        if self._tracer is None:
            await self._answer(found)
            return
        with self._tracer.consuming(message) as span:
            await self._answer(found)
            if isinstance(found, _Unreadable):
                span.status = "error"
                span.words = "unreadable"

    async def _answer(self, found: Found) -> None:
        if isinstance(found, _Unreadable):
            self._reports.trouble(found.error)
            return
        for event in await self._handled(found):
            await self._write(event)

    def _settle(self) -> None:
        """Commit the place of what is done, when all that was written for it has arrived."""
        self._here.require_written(_FLUSH_SECONDS)
        topic = self._work.topic
        done = [TopicPartition(topic, number, offset) for number, offset in self._done.items()]
        self._done.clear()
        try:
            if done:
                self._consumer.commit(offsets=done, asynchronous=False)
        except KafkaException as error:  # the group gave the partition to another: it comes again
            self._reports.trouble(error)

    async def _handled(self, fields: dict[str, Any]) -> Iterable[Any]:
        result = self._work.handle(fields)
        if isinstance(result, dict):  # the most frequent, by the shortest way
            return [result]
        if inspect.isawaitable(result):
            result = await result
        if result is None:
            return []
        return result if isinstance(result, list) else [result]

    async def _write(self, event: Any) -> None:
        if self._work.into is None:
            raise ServiceError(
                "The event cannot be written",
                expected="a topic to write to",
                found="none",
                remedy="Name it where the service is started: into=...",
            )
        record = self._record(event)
        topic = self._work.into
        headers = [] if self._tracer is None else inside.offering(topic, record)
        if not self._here.offer(topic, record, headers):
            await inside.produced(topic, record, headers)
