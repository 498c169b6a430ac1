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
from typing import Any

import uvloop
from confluent_kafka import Consumer, KafkaException, TopicPartition

from eventlab.errors import DeliveryError, ServiceError
from eventlab.log.decoding import Batch
from eventlab.log.messages import PlacedMessage, consumed, polled
from eventlab.log.records import Key
from eventlab.processes.owner import Owner
from eventlab.services import inside
from eventlab.services.plan import Plan
from eventlab.services.process import run_plan
from eventlab.services.reporting import Reports

_POLL_SECONDS = 0.1
_FLUSH_SECONDS = 60.0


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


def main() -> None:
    """Consume until the owner says that it is enough, or is gone."""
    run_plan(_serve)


def _serve(plan: Plan, work: Consuming, owner: Owner, reports: Reports) -> None:
    loop = _Loop(plan, work, reports)
    owner.obey(lambda _command: loop.stopping.set())
    uvloop.run(loop.run())


class _Loop:
    def __init__(self, plan: Plan, work: Consuming, reports: Reports) -> None:
        self.stopping = threading.Event()
        self._work = work
        self._reports = reports
        self._here = inside.Here(plan.place)
        self._done: dict[int, int] = {}  # where each partition goes on
        self._consumer = Consumer(
            dict(plan.place.kafka)
            | {
                "group.id": work.group,
                # Started again it is the same member, and need not wait until the group has given
                # up the one that crashed (KIP-345).
                "group.instance.id": work.group,
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )

    async def run(self) -> None:
        inside.enter(self._here)
        self._consumer.subscribe([self._work.topic])
        self._reports.ready()
        try:
            while not self.stopping.is_set():
                messages = await asyncio.to_thread(self._next_messages)
                if messages:
                    await self._take(messages)
        finally:
            self._consumer.close()
            await self._here.close()

    def _next_messages(self) -> list[PlacedMessage]:
        first = polled(self._consumer, _POLL_SECONDS)
        if first is None:
            return []
        messages = [first, *consumed(self._consumer, self._work.batch - 1, 0)]
        for error in filter(None, (message.error() for message in messages)):
            self._reports.trouble(KafkaException(error))
        return [message for message in messages if message.error() is None]

    async def _take(self, messages: list[PlacedMessage]) -> None:
        try:
            for message in messages:
                if self.stopping.is_set():  # the rest is for whoever comes next
                    return
                await self._take_one(message)
        finally:
            await asyncio.to_thread(self._settle)

    async def _take_one(self, message: PlacedMessage) -> None:
        tracer = self._here.recording.tracer
        if tracer is None:
            await self._answer(message)
        else:
            with tracer.consuming(message) as span:
                if not await self._answer(message):
                    span.status = "error"
                    span.words = "unreadable"
        self._done[message.partition()] = message.offset() + 1

    async def _answer(self, message: PlacedMessage) -> bool:
        """Do what the event of a message asks for, and tell whether it can be read."""
        batch = Batch([message])
        for row in batch.unreadable:
            self._reports.trouble(_unreadable(row))
        for fields in batch.fields:
            for event in await self._handled(fields):
                await self._write(event)
        return not batch.unreadable

    def _settle(self) -> None:
        """Commit the place of what is done, when all that was written for it has arrived."""
        self._require_written()
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
        await inside.write(self._work.into, event, key=self._work.key, acknowledged=False)

    def _require_written(self) -> None:
        waiting = self._here.flush(_FLUSH_SECONDS)
        if waiting or self._here.failed:
            raise DeliveryError(
                "Not every event was written",
                expected="the log's acknowledgement of each",
                found=f"{waiting} without an answer, {self._here.failed} refused",
                remedy="Start the service again: it goes on before these events.",
            )


def _unreadable(row: dict[str, Any]) -> ServiceError:
    return ServiceError(
        f"The record at offset {row['offset']} of partition {row['partition']} is passed over",
        expected="an event in JSON",
        found=str(row["reason"]),
        remedy="Write it again as JSON.",
    )
