"""What a SQL statement costs, against the same flow written by hand.

python -m benchmarks.bench_sql

100,000 orders as JSON in bytes, given in batches of 1,000, and records in bytes out; no broker. By
hand means bytewax, msgspec and the operators of `streams`. CPU seconds of this process, medians of
several rounds in which the ways take turns.
"""

import gc
from collections.abc import Callable
from datetime import timedelta
from random import Random
from statistics import median
from time import process_time
from typing import Any

import bytewax.operators as op
import msgspec
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import KeyedStream
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import TestingSource, run_main

from eventlab.sql.catalog import Source
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.planning.plans import Read, Step
from eventlab.sql.running.building import Builder
from eventlab.sql.running.encoding import encoder
from eventlab.sql.running.session import NewQuery, Session
from eventlab.streams import Arrival, Fold, Tumbling, windowed

ROWS, BATCH, ROUNDS = 100_000, 1000, 5
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


class _Counting(DynamicSink[Any]):
    """Count what leaves a flow."""

    def __init__(self) -> None:
        self.count = 0

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Part":
        return _Part(self)


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, sink: _Counting):
        self._sink = sink

    def write_batch(self, items: list[Any]) -> None:
        self._sink.count += len(items)


def main() -> None:
    """Print a table: way, records a second of CPU, ratio to the flow by hand."""
    print("| way | records a second of CPU | CPU to that by hand |")
    print("|---|--:|--:|")
    large = sum(one["AMOUNT_CENTS"] > 500 for one in orders())
    upper = records(str)
    lower = records(str.lower)
    compare("SELECT … WHERE", large, upper, sql_flow(FILTER), filtered_by_hand)
    compare("the same, names in small letters", large, lower, sql_flow(FILTER), filtered_by_hand)
    compare("COUNT in windows", ROWS, upper, sql_flow(COUNT), counted_by_hand)


def compare(
    name: str,
    expected: int,
    given: list[Arrival],
    sql: Callable[[Stream[Any]], Stream[Any]],
    by_hand: Callable[[Stream[Any], Callable[[str], str]], Stream[Any]],
) -> None:
    """Print the lines of one statement."""
    named = str if b"AMOUNT" in given[0].event[1] else str.lower
    ways: dict[str, Callable[[], int]] = {
        "by hand": lambda: ran(given, lambda up: by_hand(up, named)),
        "SQL": lambda: ran(given, sql),
    }
    for way in ways.values():
        if way() != expected:
            raise RuntimeError(f"{name} gave another number of records than {expected}")
    rounds = [{way: seconds(run) for way, run in ways.items()} for _ in range(ROUNDS)]
    middle = {way: median(one[way] for one in rounds) for way in ways}
    for way, took in middle.items():
        print(f"| {name}: {way} | {ROWS / took:,.0f} | {took / middle['by hand']:.2f} |")


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


def ran(given: list[Arrival], build: Callable[[Stream[Any]], Stream[Any]]) -> int:
    """Run a flow, and return how many records left it."""
    flow = Dataflow("flow")
    sink = _Counting()
    op.output("out", build(op.input("in", flow, TestingSource(given, batch_size=BATCH))), sink)
    run_main(flow, epoch_interval=timedelta(seconds=10))
    return sink.count


def seconds(run: Callable[[], int]) -> float:
    """Return the CPU seconds that something takes."""
    gc.collect()
    before = process_time()
    run()
    return process_time() - before


def sql_flow(statement: str) -> Callable[[Stream[Any]], Stream[Any]]:
    """Return what builds the flow of a statement."""
    plan, target = _planned(statement)

    def build(up: Stream[Any]) -> Stream[Any]:
        def read_topic(_flow: Dataflow, _name: str, _step: Read) -> Stream[Arrival]:
            return up

        rows = Builder(up.flow(), "sql", read_topic, print).build(plan)
        return op.flat_map_batch("write", rows, encoder(target, print))

    return build


def _planned(statement: str) -> tuple[Step, Source]:
    session = Session(print)
    for parsed in parse(SOURCE + statement, {}):
        change = session.take(parsed.statement, parsed.text, now=0)
    assert isinstance(change, NewQuery)
    return change.plan, change.target


def filtered_by_hand(up: Stream[Any], named: Callable[[str], str]) -> Stream[Any]:
    """Return the large orders."""
    order_id, customer_id, cents = map(named, ["ORDER_ID", "CUSTOMER_ID", "AMOUNT_CENTS"])

    def decoded(record: Arrival) -> tuple[bytes | None, Any, int]:
        key, value = record.event
        return key, decode(value), record.time

    def written(item: tuple[bytes | None, Any, int]) -> tuple[bytes | None, bytes, int]:
        key, order, time = item
        shown = {
            "ORDER_ID": order[order_id],
            "CUSTOMER_ID": order[customer_id],
            "TWICE": order[cents] * 2,
        }
        return key, encode(shown), time

    events = op.map("decode", up, decoded)
    large = op.filter("where", events, lambda item: item[1][cents] > 500)
    return op.map("write", large, written)


def counted_by_hand(up: Stream[Any], named: Callable[[str], str]) -> Stream[Any]:
    """Return how many orders of each product there are in each hour, at every order."""
    product_id = named("PRODUCT_ID")

    def decoded(record: Arrival) -> tuple[str, Arrival]:
        order = decode(record.event[1])
        key = order[product_id]
        place = (record.topic, record.partition, record.offset)
        return key, Arrival(order, key, *place, record.time, record.stream_time)

    def written(item: tuple[str, Any]) -> tuple[bytes, bytes, int, tuple[int, int]]:
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
