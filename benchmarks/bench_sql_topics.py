"""What a SQL statement costs from topic to topic, against the same flow written by hand.

python -m benchmarks.bench_sql_topics

100,000 orders as JSON in one partition. By hand means bytewax, TopicSource, TopicSink, msgspec and
`windowed`. That both ways write the same bytes is looked at before anything is measured. CPU
seconds of this process, all threads together, medians of several rounds in which the ways take
turns.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow, Stream
from confluent_kafka import TopicPartition

from benchmarks.bench_sql import COUNT, FILTER, START, compare, orders, planned, require_alike
from eventlab.broker import join
from eventlab.flows import run
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.log.reading import reader
from eventlab.log.window_keys import WindowKey
from eventlab.sql.running.building import Builder
from eventlab.sql.running.wires import Wires
from eventlab.streams import (
    Arrival,
    Fold,
    TopicSink,
    TopicSource,
    Tumbling,
    Window,
    windowed,
)

Build = Callable[[Stream[Arrival]], Stream[Any]]

encode = msgspec.json.Encoder().encode


def main() -> None:
    """Print a table: way, records a second of CPU, ratio to the flow by hand."""
    print("| from topic to topic | records a second of CPU | CPU to that by hand |")
    print("|---|--:|--:|")
    with join("bench_sql_topics") as broker:
        cluster = Cluster(broker.client_settings)
        given, made = (Topic(cluster, f"bench.sql.{name}").reset() for name in ("in", "out"))
        produce(given, given_records()).require_all()
        for name, statement, by_hand in (
            ("SELECT … WHERE", FILTER, filtered_by_hand),
            ("COUNT in windows", COUNT, counted_by_hand),
        ):
            hand = partial(hand_flow, by_hand, given, made)
            sql = partial(sql_flow, statement, given, made)
            require_alike(name, written(made, hand), written(made, sql))
            compare(name, hand, sql)
        for topic in (given, made):
            topic.delete()


def given_records() -> Iterator[Record]:
    """Return the orders, ten a second."""
    for number, order in enumerate(orders()):
        yield Record(None, encode(order), START + 100 * number)


def filtered_by_hand(up: Stream[Arrival]) -> Stream[Arrival]:
    """Return the large orders."""

    def shown(order: Arrival) -> Arrival:
        event = order.event
        value = {
            "ORDER_ID": event["ORDER_ID"],
            "CUSTOMER_ID": event["CUSTOMER_ID"],
            "TWICE": event["AMOUNT_CENTS"] * 2,
        }
        return Arrival(
            value,
            order.key,
            order.topic,
            order.partition,
            order.offset,
            order.time,
            order.stream_time,
        )

    large = op.filter("where", up, lambda order: order.event["AMOUNT_CENTS"] > 500)
    return op.map("select", large, shown)


def counted_by_hand(up: Stream[Arrival]) -> Stream[Record]:
    """Return how many orders of each product there are in each hour, at every order."""

    def record(item: tuple[str, Window]) -> Record:
        key, window = item
        value = encode({"NUMBER": window.value})
        return Record(str(WindowKey(key, window.start, window.end)), value, window.time)

    events = op.key_on("key", up, lambda order: order.event["PRODUCT_ID"])
    orders_seen = Fold(int, lambda number, _order: number + 1)
    hours = Tumbling(timedelta(hours=1))
    counted = windowed("count", events, hours, orders_seen, grace=timedelta(days=1))
    return op.map("record", counted.windows, record)


def hand_flow(by_hand: Build, given: Topic, made: Topic) -> None:
    """Run a flow by hand over what is there."""
    flow = Dataflow("by_hand")
    orders_in = op.input("in", flow, TopicSource(given, bounded=True))
    op.output("out", by_hand(orders_in), TopicSink(made))
    run(flow).wait()


def sql_flow(statement: str, given: Topic, made: Topic) -> None:
    """Run the flow of a statement over what is there, made as the engine makes it."""
    plan, target = planned(statement)
    topics = {"orders": given, target.topic: made}
    wires = Wires(topics.__getitem__, print)
    flow = Dataflow("sql")
    builder = Builder(flow, "sql", wires.reading(bounded=True), print, by_time=True)
    wires.write(builder, plan, target)
    run(flow).wait()


def written(topic: Topic, flow: Callable[[], object]) -> list[tuple[Any, ...]]:
    """Return the records that a flow writes: key, value and time."""
    topic.reset()
    flow()
    (end,) = topic.end_offsets().values()
    consumer = reader(topic.cluster)
    consumer.assign([TopicPartition(topic.name, 0, 0)])
    found: list[tuple[Any, ...]] = []
    while len(found) < end:
        for message in consumer.consume(1000, 1):
            found.append((message.key(), message.value(), message.timestamp()[1]))
    consumer.close()
    return found


if __name__ == "__main__":
    main()
