"""What tracing costs a service: time and CPU a message, with the tracer and without.

python -m benchmarks.bench_tracer

Each service is a process of its own that takes messages from a topic, works 50 us of CPU on each
and writes one on, as a service does that uses `confluent_kafka`. Equal processes differ by several
percent, so there are several of each kind, and they take turns: one works at a time, in an order
that changes from round to round. Of each process its best turn counts, which foreign work disturbs
least, and of each kind the median of its processes. With "processing" each message is a span, with
"processing and publishing" two, of which the second is kept in the first until it is read; both
read a topic whose records have the header. What a constant header costs, without any span, is
Kafka's own.
"""

import time
from contextlib import ExitStack
from random import Random
from statistics import median

from benchmarks.tracer_service import HEADER, MESSAGES, SPANS, Cost, Job, work
from eventlab.broker import join
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.processes.child import Child, spawn
from eventlab.services import read_spans

PROCESSES, ROUNDS, WORK_US = 4, 6, 50


def main() -> None:
    with join("bench_tracer") as broker, ExitStack() as closing:
        cluster = Cluster(broker.client_settings)
        names = ("plain", "traced", "out", "spans")
        topics = {name: Topic(cluster, f"bench.{name}").reset() for name in names}
        for topic in topics.values():
            closing.callback(topic.delete)
        fill(topics["plain"], None)
        fill(topics["traced"], HEADER)
        steps = steps_of(WORK_US)
        services = []
        for kind in PROCESSES * list(SPANS):
            child = spawn("benchmarks.tracer_service")
            closing.callback(child.end)
            child.send(Job(cluster, kind, "bench.traced" if SPANS[kind] else "bench.plain", steps))
            services.append((kind, child))
        print(table(measured(services)))
        written = len(read_spans(topics["spans"]))
        expected = sum(SPANS.values()) * PROCESSES * (ROUNDS + 1) * MESSAGES
        print(f"\n{written:,} of {expected:,} spans are in the topic.")


def fill(topic: Topic, headers: list | None) -> None:
    produce(topic, [Record(f"o-{n}", b"{}", headers=headers) for n in range(MESSAGES)])


def steps_of(microseconds: int) -> int:
    """Return how many steps of work take so long here, when nothing disturbs it."""
    steps = 20
    best = min(seconds_of(steps) for _ in range(2_000))
    return round(steps * microseconds / 1e6 / best)


def seconds_of(steps: int) -> float:
    begun = time.perf_counter()
    work(steps)
    return time.perf_counter() - begun


def measured(services: list[tuple[str, Child]]) -> dict[str, list[list[Cost]]]:
    """Return what a message took in each turn of each process, by kind; the first turns warm up."""
    costs: list[list[Cost]] = [[] for _ in services]
    for number in range(ROUNDS + 1):
        for place in Random(number).sample(range(len(services)), len(services)):
            services[place][1].send("go")
            cost = services[place][1].receive()
            if number:
                costs[place].append(cost)
    by_kind: dict[str, list[list[Cost]]] = {kind: [] for kind in SPANS}
    for (kind, _), turns in zip(services, costs, strict=True):
        by_kind[kind].append(turns)
    return by_kind


def table(costs: dict[str, list[list[Cost]]]) -> str:
    lines = [
        "| spans | us a message | CPU us a message | ratio | ratio of CPU |",
        "|---|--:|--:|--:|--:|",
    ]
    plain_us, plain_cpu_us = typical(next(iter(costs.values())))
    for kind, found in costs.items():
        us, cpu_us = typical(found)
        ratios = f"{us / plain_us:.2f} | {cpu_us / plain_cpu_us:.2f}"
        lines.append(f"| {kind} | {us:.1f} | {cpu_us:.1f} | {ratios} |")
    return "\n".join(lines)


def typical(processes: list[list[Cost]]) -> tuple[float, float]:
    """Return the median over the processes of the best turn of each."""
    us = median(min(one.us for one in turns) for turns in processes)
    return us, median(min(one.cpu_us for one in turns) for turns in processes)


if __name__ == "__main__":
    main()
