"""What bench_services compares an event-driven service with: plain clients that do the same."""

import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec
from confluent_kafka import Consumer, KafkaError, Message, Producer

from eventlab.processes.owner import Owner

BATCH = 100
POLL_SECONDS = 0.1
WORK_SECONDS = 50e-6


class Job(NamedTuple):
    """How the log is reached, what is read and written, and how many events there are."""

    kafka: dict[str, object]
    group: str
    source: str
    target: str
    events: int
    answer: Callable[[dict[str, object]], dict[str, object]]


def main() -> None:
    """Answer every event, at least once: the place is committed when the answers are written."""
    owner = Owner()
    job: Job = owner.receive()
    consumer = Consumer(
        job.kafka
        | {"group.id": job.group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    )
    producer = Producer(job.kafka | {"enable.idempotence": True, "linger.ms": 2})
    consumer.subscribe([job.source])
    refused: list[KafkaError] = []

    def note(error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            refused.append(error)

    done = 0
    while done < job.events:
        messages = consumer.consume(BATCH, POLL_SECONDS)
        for message in messages:
            answer = job.answer(msgspec.json.decode(message.value()))
            value = msgspec.json.encode(answer)
            producer.produce(job.target, value, answer["order_id"], on_delivery=note)
            producer.poll(0)
        if producer.flush() or refused:
            raise RuntimeError(f"not every answer was written: {refused}")
        if messages:
            consumer.commit(asynchronous=False)
        done += len(messages)
    consumer.close()
    owner.send(done)


def ship_with_work(order: dict[str, object]) -> dict[str, object]:
    """Answer an order after 50 microseconds of work."""
    end = time.perf_counter() + WORK_SECONDS
    while time.perf_counter() < end:
        pass
    return ship(order)


def ship(order: dict[str, object]) -> dict[str, object]:
    """Answer an order with its parcel."""
    return {"order_id": order["order_id"], "shipped": True}
