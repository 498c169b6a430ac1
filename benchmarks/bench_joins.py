"""What a join of streams costs, against pandas' merge of the same rows.

python -m benchmarks.bench_joins

100,000 orders and 100,000 payments, each some minutes after its order, in event time. CPU seconds
of this process, medians of several rounds in which the ways take turns. Pandas has all rows at once
and keeps no time; the join takes them one after the other, and lets go what is over.
"""

import gc
from collections.abc import Callable
from datetime import timedelta
from random import Random
from statistics import median
from time import process_time

import bytewax.operators as op
import pandas
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.moments import duration_milliseconds
from eventlab.streams import Arrival, join_streams, join_tables

ROWS, ROUNDS = 100_000, 3
START = 1_741_003_200_000
WITHIN = timedelta(minutes=10)


def main() -> None:
    """Print a table: way, events a second of CPU, ratio to pandas."""
    orders, payments = sides()
    ways: dict[str, Callable[[], int]] = {
        "pandas.merge": lambda: merged(orders, payments),
        "join_streams, within 10 minutes": lambda: joined(orders, payments, join_in_window),
        "join_tables": lambda: joined(orders, payments, join_tables),
    }
    for name, way in ways.items():
        if way() != ROWS:
            raise RuntimeError(f"{name} did not find each order's payment")
    rounds = [{name: seconds(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    middle = {name: median(one[name] for one in rounds) for name in ways}
    print("| way | events a second of CPU | CPU to pandas |")
    print("|---|--:|--:|")
    for name, took in middle.items():
        print(f"| {name} | {2 * ROWS / took:,.0f} | {took / middle['pandas.merge']:.1f} |")


def sides() -> tuple[list[Arrival], list[Arrival]]:
    """Return both sides, each in order of its time, with an order's key."""
    random = Random(1)
    orders = [(START + 100 * n, f"o{n}") for n in range(ROWS)]
    payments = sorted((at + random.randrange(540_000), key) for at, key in orders)
    return _arrivals("orders", orders), _arrivals("payments", payments)


def _arrivals(topic: str, rows: list[tuple[int, str]]) -> list[Arrival]:
    return [
        Arrival({"cents": offset}, key, topic, 0, offset, at, at)
        for offset, (at, key) in enumerate(rows)
    ]


def merged(orders: list[Arrival], payments: list[Arrival]) -> int:
    frames = [
        pandas.DataFrame({"key": [one.key for one in side], "at": [one.time for one in side]})
        for side in (orders, payments)
    ]
    both = frames[0].merge(frames[1], on="key")
    apart = both["at_y"] - both["at_x"]
    return int(apart.between(0, duration_milliseconds(WITHIN)).sum())


def join_in_window(step: str, left, right):
    partitions = [("orders", 0)], [("payments", 0)]
    return join_streams(step, left, right, within=WITHIN, partitions=partitions).joined


def joined(orders: list[Arrival], payments: list[Arrival], join: Callable) -> int:
    out: list = []
    made = Dataflow("join")
    # In turn, as two topics that are read at one speed.
    sources = {
        "orders": TestingSource(orders, batch_size=1_000),
        "payments": TestingSource(payments, batch_size=1_000),
    }
    left, right = (
        op.key_on(f"key of {name}", op.input(name, made, source), lambda one: one.key)
        for name, source in sources.items()
    )
    whole = op.filter_value("whole", join("join", left, right), lambda one: one is not None)
    op.output("out", whole, TestingSink(out))
    run_main(made)
    return sum(one.left is not None and one.right is not None for _, one in out)


def seconds(way: Callable[[], int]) -> float:
    gc.collect()
    start = process_time()
    way()
    return process_time() - start


if __name__ == "__main__":
    main()
