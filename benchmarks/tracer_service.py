"""The service of bench_tracer: a process that reads, works and writes, traced or not."""

import json
import time
from collections.abc import Callable
from typing import NamedTuple

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from eventlab.log import Cluster, Topic
from eventlab.processes.owner import Owner
from eventlab.services import SpanSink, Tracer

MESSAGES = 10_000
PLAIN = "none"
CONSTANT = "none, but a constant header"
PROCESSING = "processing"
BOTH = "processing and publishing"
SPANS = {PLAIN: 0, CONSTANT: 0, PROCESSING: 1, BOTH: 2}
ORDER = '{"order_id":"o-1","customer_id":"c-1","cents":1250}'
HEADER = [("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]


class Job(NamedTuple):
    """What a service does: its kind, what it reads, and how long it works on a message."""

    cluster: Cluster
    kind: str
    source: str
    steps: int


class Cost(NamedTuple):
    """What a message took: of the wall clock, and of the CPU, all threads together."""

    us: float
    cpu_us: float


def main() -> None:
    """Process all messages each time that the owner says so."""
    owner = Owner()
    job: Job = owner.receive()
    sink = SpanSink(Topic(job.cluster, "bench.spans"))
    if SPANS[job.kind]:
        sink.start()
    producer = Producer(job.cluster.settings | {"linger.ms": 5})
    handle = handler(job, Tracer("service", sink), producer)
    consumer = Consumer(job.cluster.settings | {"group.id": "bench", "enable.auto.commit": False})
    while True:
        owner.receive()
        owner.send(cost(consumer, producer, handle, job.source))
        sink.flush(30)


def cost(
    consumer: Consumer, producer: Producer, handle: Callable[[Message], None], source: str
) -> Cost:
    """Process every message of the topic, and return what one took."""
    consumer.assign([TopicPartition(source, 0, 0)])
    handle(consumer.poll(30))
    seconds = time.perf_counter()
    cpu_seconds = time.process_time()
    for _ in range(MESSAGES - 1):
        handle(consumer.poll(30))
        producer.poll(0)
    producer.flush()
    us = (time.perf_counter() - seconds) / MESSAGES * 1e6
    cpu_us = (time.process_time() - cpu_seconds) / MESSAGES * 1e6
    consumer.unassign()
    return Cost(us, cpu_us)


def handler(job: Job, tracer: Tracer, producer: Producer) -> Callable[[Message], None]:
    """Return what processes one message, as its kind does it."""
    steps = job.steps

    def plain(message: Message) -> None:
        work(steps)
        producer.produce("bench.out", message.value(), message.key())

    def constant(message: Message) -> None:
        work(steps)
        producer.produce("bench.out", message.value(), message.key(), headers=HEADER)

    def processing(message: Message) -> None:
        with tracer.consuming(message):
            work(steps)
            producer.produce("bench.out", message.value(), message.key())

    def both(message: Message) -> None:
        with tracer.consuming(message):
            work(steps)
            headers = tracer.offering("bench.out")
            producer.produce("bench.out", message.value(), message.key(), headers=headers)

    return {PLAIN: plain, CONSTANT: constant, PROCESSING: processing, BOTH: both}[job.kind]


def work(steps: int) -> None:
    """Use the CPU as services do: take an order apart and put it together.

    A loop that only adds numbers would be another measure. It runs at the pace of the processor's
    branch prediction, and is slower by a sixth after any longer stretch of other code, a span as
    well as what a real service would do there.
    """
    for _ in range(steps):
        json.dumps(json.loads(ORDER))
