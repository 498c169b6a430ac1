"""How fast the log is written and read, as ratios to raw confluent_kafka loops of the same work.

python -m benchmarks.bench_log

Ours and the raw loop take turns, several rounds in one process, and the table shows medians: of the
wall clock, and, since that suffers from whatever else the machine does, of the process's CPU too.
Writing: the shop's orders, made beforehand, are encoded and produced with their own
times, every delivery is counted by a callback, and the producer is flushed. Reading:
`consume(1000)`, JSON decoded by msgspec, a DataFrame of place, key, time and fields. The producers
are warm on both sides, since an idempotent one waits half a second for its id before its first
record; the last line shows what that wait does to ten orders.
"""

import gc
from collections.abc import Callable
from datetime import datetime
from itertools import islice
from statistics import median
from time import perf_counter, process_time

import msgspec
import pandas
from confluent_kafka import Consumer, Producer, TopicPartition

from eventlab.broker import join
from eventlab.events import Shop, encode
from eventlab.log import Cluster, Topic, play, produce, read

EVENTS, FEW, ROUNDS = 100_000, 10, 9
IDEMPOTENT = {"enable.idempotence": True, "linger.ms": 5}

Way = Callable[[], object]


def main() -> None:
    with join("bench_log") as broker:
        cluster = Cluster(broker.client_settings)
        written, played, full = (
            Topic(cluster, f"bench.{name}").reset(3) for name in ("written", "played", "full")
        )
        orders = list(islice(Shop(seed=1).orders(), EVENTS))
        produce(full, orders)
        print(table(measured(pairs(cluster, written, played, full, orders))))
        for topic in (written, played, full):
            topic.delete()


def pairs(
    cluster: Cluster, written: Topic, played: Topic, full: Topic, orders: list
) -> dict[str, tuple[int, Way, Way]]:
    """Return for each line how many events it has, our way, and the raw way."""
    warm = Producer(cluster.settings | IDEMPOTENT)
    raw_write = lambda: write_raw(warm, written.name, orders)  # noqa: E731
    return {
        "produce, acknowledged": (EVENTS, lambda: produce(written, orders), raw_write),
        "play at speed 0": (EVENTS, lambda: play(played, orders, speed=0).wait(), raw_write),
        "topic to DataFrame": (EVENTS, lambda: read(full), lambda: read_raw(cluster, full)),
        "produce ten, cold and raw": (
            FEW,
            lambda: produce(written, orders[:FEW]),
            lambda: write_raw(Producer(cluster.settings | IDEMPOTENT), written.name, orders[:FEW]),
        ),
    }


def measured(ways: dict[str, tuple[int, Way, Way]]) -> list[tuple[str, float, float, float, float]]:
    """Return for each line both median rates, and the ratios of the wall clock and of the CPU.

    A ratio is the median over the rounds, in each of which one way follows the other at once.
    """
    for _, ours, raw in ways.values():
        ours(), raw()  # so that both are warm
    rounds = [
        {name: in_turn(ours, raw, ours_first=n % 2 == 0) for name, (_, ours, raw) in ways.items()}
        for n in range(ROUNDS)
    ]
    return [
        (
            name,
            *(count / median(one[name][side][0] for one in rounds) for side in (0, 1)),
            *(
                median(one[name][1][clock] / one[name][0][clock] for one in rounds)
                for clock in (0, 1)
            ),
        )
        for name, (count, *_) in ways.items()
    ]


def table(lines: list[tuple[str, float, float, float, float]]) -> str:
    head = [
        "| way | ours, events/s | raw, events/s | ratio | ratio of CPU |",
        "|---|---:|---:|---:|---:|",
    ]
    return "\n".join(
        head
        + [
            f"| {name} | {ours:,.0f} | {raw:,.0f} | {ratio:.2f} | {cpu:.2f} |"
            for name, ours, raw, ratio, cpu in lines
        ]
    )


def in_turn(ours: Way, raw: Way, *, ours_first: bool) -> tuple[tuple, tuple]:
    """Return what both take; whoever goes first pays for what was before, so they change places."""
    if ours_first:
        return seconds(ours), seconds(raw)
    second = seconds(raw)
    return seconds(ours), second


def seconds(way: Way) -> tuple[float, float]:
    """Return the seconds of the wall clock and of this process's CPU, all threads together."""
    gc.collect()
    start = perf_counter(), process_time()
    way()
    return perf_counter() - start[0], process_time() - start[1]


def write_raw(producer: Producer, topic: str, orders: list) -> None:
    acknowledged = 0

    def count(error, _message) -> None:
        nonlocal acknowledged
        if error is None:
            acknowledged += 1

    for order in orders:
        produce_one(producer, topic, encode(order), order.key, order.at, count)
        producer.poll(0)
    producer.flush()
    if acknowledged != len(orders):
        raise RuntimeError(f"{acknowledged} of {len(orders)} acknowledged")


def produce_one(producer: Producer, topic: str, value, key, at: datetime, count) -> None:
    milliseconds = int(at.timestamp() * 1000)
    while True:
        try:
            return producer.produce(topic, value, key, on_delivery=count, timestamp=milliseconds)
        except BufferError:
            producer.poll(0.05)


def read_raw(cluster: Cluster, topic: Topic) -> pandas.DataFrame:
    decode, rows, ends = msgspec.json.Decoder().decode, [], topic.end_offsets()
    consumer = Consumer(cluster.settings | {"group.id": "bench", "enable.auto.commit": False})
    consumer.assign([TopicPartition(topic.name, number, 0) for number in ends])
    while len(rows) < sum(ends.values()):
        for message in consumer.consume(1000, 0.05):
            if message.error() is not None:
                raise RuntimeError(message.error())
            place = {
                "partition": message.partition(),
                "offset": message.offset(),
                "timestamp": message.timestamp()[1],
                "key": message.key().decode(),
            }
            rows.append(place | decode(message.value()))
    consumer.close()
    frame = pandas.DataFrame(rows)
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"], unit="ms", utc=True)
    return frame.sort_values(["partition", "offset"], ignore_index=True)


if __name__ == "__main__":
    main()
