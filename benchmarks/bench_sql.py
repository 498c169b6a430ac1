"""What a SQL statement costs, against the same flow written by hand.

python -m benchmarks.bench_sql

100,000 orders as JSON in bytes, given in batches of 1,000, and records in bytes out; no broker. By
hand means bytewax, msgspec and the operators of `streams`. That both ways give the same bytes is
looked at first. CPU seconds of this process, medians of several rounds in which the ways take
turns.
"""

import gc
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from statistics import median
from time import process_time
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import KeyedStream
from bytewax.outputs import DynamicSink, Sink, StatelessSinkPartition
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.sql.catalog import Source
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.planning.plans import Read, Step
from eventlab.sql.running.building import Builder
from eventlab.sql.running.encoding import Written, writer
from eventlab.sql.running.session import NewQuery, Session
from eventlab.streams import Arrival, Fold, Tumbling, windowed

ROWS, BATCH, ROUNDS = 100_000, 1000, 9
START = 1_741_003_200_000

SOURCE = """
CREATE STREAM orders (order_id STRING, customer_id STRING, product_id STRING, quantity INT,
    amount_cents BIGINT) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');
"""
FILTER = """
CREATE STREAM large AS SELECT order_id, customer_id, amount_cents * 2 AS twice FROM orders
    WHERE amount_cents > 500;
"""
COUNT = """
CREATE TABLE counts AS SELECT product_id, COUNT(*) AS number FROM orders
    WINDOW TUMBLING (SIZE 1 HOUR, GRACE PERIOD 1 DAY) GROUP BY product_id;
"""

decode = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode


class Nowhere(DynamicSink[Any]):
    """Take everything and keep nothing."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Nowhere":
        return _Nowhere()


class _Nowhere(StatelessSinkPartition[Any]):
    def write_batch(self, items: list[Any]) -> None:
        pass


def main() -> None:
    """Print a table: way, records a second of CPU, ratio to the flow by hand."""
    print("| without a broker | records a second of CPU | CPU to that by hand |")
    print("|---|--:|--:|")
    upper = records(str)
    lower = records(str.lower)
    for name, given, statement, by_hand in (
        ("SELECT … WHERE", upper, FILTER, filtered_by_hand(str)),
        ("the same, names in small letters", lower, FILTER, filtered_by_hand(str.lower)),
        ("COUNT in windows", upper, COUNT, counted_by_hand),
    ):
        hand, sql = (partial(ran, given, build) for build in (by_hand, sql_flow(statement)))
        require_alike(name, *(made(way) for way in (hand, sql)))
        compare(name, lambda hand=hand: hand(Nowhere()), lambda sql=sql: sql(Nowhere()))


def require_alike(name: str, by_hand: list[Any], sql: list[Any]) -> None:
    """Raise RuntimeError unless both ways gave the same records, and some."""
    if not by_hand or by_hand != sql:
        raise RuntimeError(f"{name}: {len(by_hand)} records by hand, {len(sql)} by SQL, or others")


def compare(name: str, by_hand: Callable[[], object], sql: Callable[[], object]) -> None:
    """Let both ways take turns, and print the lines of one statement."""
    rounds = [(seconds(by_hand), seconds(sql)) for _ in range(ROUNDS)]
    ratio = median(ours / theirs for theirs, ours in rounds)
    for way, number, to_hand in (("by hand", 0, 1), ("SQL", 1, ratio)):
        took = median(one[number] for one in rounds)
        print(f"| {name}: {way} | {ROWS / took:,.0f} | {to_hand:.2f} |", flush=True)


def orders() -> list[dict[str, Any]]:
    """Return orders of some products and customers."""
    random = Random(1)
    return [
        {
            "ORDER_ID": f"o{number}",
            "CUSTOMER_ID": f"c{random.randrange(1000)}",
            "PRODUCT_ID": f"p{random.randrange(50)}",
            "QUANTITY": random.randrange(1, 5),
            "AMOUNT_CENTS": random.randrange(1000),
        }
        for number in range(ROWS)
    ]


def records(named: Callable[[str], str]) -> list[Arrival]:
    """Return the orders as a topic has them, ten a second."""
    made = []
    for offset, order in enumerate(orders()):
        value = encode({named(name): value for name, value in order.items()})
        time = START + 100 * offset
        made.append(Arrival((None, value), None, "orders", 0, offset, time, time))
    return made


def ran(given: list[Arrival], build: Callable[[Stream[Any]], Stream[Any]], sink: Sink[Any]) -> None:
    """Run a flow into a sink."""
    flow = Dataflow("flow")
    op.output("out", build(op.input("in", flow, TestingSource(given, batch_size=BATCH))), sink)
    run_main(flow, epoch_interval=timedelta(seconds=10))


def made(run: Callable[[Sink[Any]], object]) -> list[Any]:
    """Return what leaves a flow."""
    found: list[Any] = []
    run(TestingSink(found))
    return found


def seconds(run: Callable[[], object]) -> float:
    """Return the CPU seconds that something takes."""
    gc.collect()
    before = process_time()
    run()
    return process_time() - before


def sql_flow(statement: str) -> Callable[[Stream[Any]], Stream[Any]]:
    """Return what builds the flow of a statement."""
    plan, target = planned(statement)

    def build(up: Stream[Any]) -> Stream[Any]:
        def read_topic(_flow: Dataflow, _name: str, _step: Read) -> Stream[Arrival]:
            return up

        builder = Builder(up.flow(), "sql", read_topic, print)
        return builder.records(plan, writer(target, print))

    return build


def planned(statement: str) -> tuple[Step, Source]:
    """Return the plan of a statement, and what it writes to."""
    session = Session(print)
    for parsed in parse(SOURCE + statement, {}):
        change = session.take(parsed.statement, parsed.text, now=0)
    assert isinstance(change, NewQuery)
    return change.plan, change.target


def filtered_by_hand(
    named: Callable[[str], str],
) -> Callable[[Stream[Any]], Stream[Any]]:
    """Return what builds a flow of the large orders."""
    order_id, customer_id, cents = map(named, ["ORDER_ID", "CUSTOMER_ID", "AMOUNT_CENTS"])

    def decoded(record: Arrival) -> tuple[bytes | None, Any, int]:
        key, value = record.event
        return key, decode(value), record.time

    def written(item: tuple[bytes | None, Any, int]) -> Written:
        key, order, time = item
        shown = {
            "ORDER_ID": order[order_id],
            "CUSTOMER_ID": order[customer_id],
            "TWICE": order[cents] * 2,
        }
        return key, encode(shown), time, None

    def build(up: Stream[Any]) -> Stream[Any]:
        events = op.map("decode", up, decoded)
        large = op.filter("where", events, lambda item: item[1][cents] > 500)
        return op.map("write", large, written)

    return build


def counted_by_hand(up: Stream[Any]) -> Stream[Any]:
    """Return how many orders of each product there are in each hour, at every order."""

    def decoded(record: Arrival) -> tuple[str, Arrival]:
        order = decode(record.event[1])
        key = order["PRODUCT_ID"]
        return key, Arrival(
            order,
            key,
            record.topic,
            record.partition,
            record.offset,
            record.time,
            record.stream_time,
        )

    def written(item: tuple[str, Any]) -> Written:
        key, window = item
        value = encode({"NUMBER": window.value})
        return key.encode(), value, window.time, (window.start, window.end)

    events: KeyedStream[Arrival] = op.map("decode", up, decoded)
    count = Fold(int, lambda number, _event: number + 1)
    hours = Tumbling(timedelta(hours=1))
    counted = windowed("count", events, hours, count, grace=timedelta(days=1))
    return op.map("write", counted.windows, written)


if __name__ == "__main__":
    main()
