"""What a flow costs, from topic to topic and in windows, against plain loops and bytewax's own.

python -m benchmarks.bench_streams

All figures are CPU time of this process, all threads together, medians of several rounds in which
the ways take turns. Copying decodes each order from JSON, adds a field and writes it as JSON again,
from one topic to another; the plain loop does the same with `consume(1000)` and `produce`. The
windows count orders by key and minute.
"""

import gc
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from statistics import median
from time import process_time

import bytewax.operators as op
import bytewax.operators.windowing as win
import msgspec
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from confluent_kafka import Consumer, Producer, TopicPartition

from eventlab.broker import join
from eventlab.events import Shop
from eventlab.flows import run
from eventlab.log import Cluster, Topic, produce
from eventlab.moments import milliseconds
from eventlab.streams import Arrival, Fold, TopicSink, TopicSource, Tumbling, windowed

EVENTS, ROUNDS = 100_000, 9
MINUTE = timedelta(minutes=1)
START = datetime(2025, 3, 3, tzinfo=UTC)

Way = Callable[[], object]


def main() -> None:
    """Print a table: way, events a second of CPU, ratio to the first way of its group."""
    print("| way | events a second of CPU | CPU to the first |")
    print("|---|--:|--:|")
    with join("bench_streams") as broker:
        cluster = Cluster(broker.client_settings)
        one, two = (Topic(cluster, f"bench.flow.{name}").reset(3) for name in ("in", "out"))
        produce(one, islice(Shop(seed=1).orders(), EVENTS))
        compare({"plain loop": lambda: loop(one, two), "flow": lambda: flow(one, two)})
        for topic in (one, two):
            topic.delete()
    for keys in (100, 10_000):
        data = arrivals(keys)
        compare(
            {
                f"{keys:,} keys: a dict": partial(counted_by_dict, data),
                f"{keys:,} keys: windowed, at every change": partial(ours, data, "changes"),
                f"{keys:,} keys: windowed, final": partial(ours, data, "final"),
                f"{keys:,} keys: bytewax's count_window": partial(count_window, data),
            }
        )


def compare(ways: dict[str, Way]) -> None:
    """Let the ways take turns, and print a line for each."""
    for way in ways.values():
        way()
    rounds = [{name: seconds(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    middle = {name: median(one[name] for one in rounds) for name in ways}
    first = next(iter(middle.values()))
    for name, took in middle.items():
        print(f"| {name} | {EVENTS / took:,.0f} | {took / first:.2f} |", flush=True)


def seconds(way: Way) -> float:
    """Return the seconds of CPU that this process spends on it."""
    gc.collect()
    start = process_time()
    way()
    return process_time() - start


def loop(one: Topic, two: Topic) -> None:
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    settings = one.cluster.settings
    consumer = Consumer(settings | {"group.id": "bench", "enable.auto.commit": False})
    producer = Producer(settings | {"enable.idempotence": True, "linger.ms": 5})
    left = sum(one.end_offsets().values())
    acknowledged = 0

    def count(error, _message) -> None:
        nonlocal acknowledged
        acknowledged += error is None

    consumer.assign([TopicPartition(one.name, number, 0) for number in one.partitions])
    copied = 0
    while copied < left:
        for message in consumer.consume(1000, 0.05):
            event = decode(message.value())
            event["seen"] = True
            time = message.timestamp()[1]
            producer.produce(two.name, encode(event), message.key(), -1, count, timestamp=time)
            copied += 1
        producer.poll(0)
    producer.flush()
    consumer.close()
    if acknowledged != left:
        raise RuntimeError(f"{acknowledged} of {left} acknowledged")


def flow(one: Topic, two: Topic) -> None:
    made = Dataflow("copy")
    arriving = op.input("in", made, TopicSource(one, bounded=True))
    op.output("out", op.map("mark", arriving, marked), TopicSink(two))
    run(made).wait()


def marked(arrival: Arrival) -> Arrival:
    arrival.event["seen"] = True
    return arrival


def arrivals(keys: int) -> list[Arrival]:
    at = milliseconds(START)
    return [
        Arrival(None, f"k{n * 7919 % keys}", "t", 0, n, at + n * 10, at + n * 10)
        for n in range(EVENTS)
    ]


def counted_by_dict(data: list[Arrival]) -> Counter:
    counts: Counter = Counter()
    for arrival in data:
        counts[arrival.key, arrival.time // 60_000] += 1
    return counts


def ours(data: list[Arrival], emit: str) -> None:
    made = Dataflow("ours")
    arriving = op.input("in", made, TestingSource(data, batch_size=1000))
    keyed = op.key_on("key", arriving, lambda arrival: arrival.key)
    counts = windowed("count", keyed, Tumbling(MINUTE), Fold(int, lambda n, _: n + 1), emit=emit)
    op.output("out", counts.windows, TestingSink([]))
    run_main(made)


def count_window(data: list[Arrival]) -> None:
    made = Dataflow("theirs")
    arriving = op.input("in", made, TestingSource(data, batch_size=1000))
    clock = win.EventClock(
        lambda arrival: arrival.timestamp,
        timedelta(0),
        now_getter=lambda: START,
        to_system_utc=lambda _: None,
    )
    windower = win.TumblingWindower(length=MINUTE, align_to=START)
    counts = win.count_window("count", arriving, clock, windower, key=lambda arrival: arrival.key)
    op.output("out", counts.down, TestingSink([]))
    run_main(made)


if __name__ == "__main__":
    main()
