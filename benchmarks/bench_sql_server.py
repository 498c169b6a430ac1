"""How soon a SQL statement runs, how soon a row of it is seen, and what a server weighs.

python -m benchmarks.bench_sql_server

The engine, and the server over HTTP, are warm: they have run a statement of the kind before. A
statement runs when its flow has looked into its topic for the first time. The time of a row is from
before its record is handed to the producer until whoever asks has it; the record of a first row is
written as soon as its query has answered. The memory is all that the server's process has resident,
with three queries that have read all of 10,000 orders. Wall time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from statistics import median, quantiles
from typing import Any

import psutil

from benchmarks.bench_sql import COUNT, FILTER, SOURCE, START, encode, orders
from eventlab.broker import join
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.sql.engine import Engine
from eventlab.sql.server.held import SqlServer
from eventlab.sql.shell.client import Client

STATEMENTS, ROWS, ORDERS, PATIENCE_SECONDS = 20, 50, 10_000, 60
GOALS = {"statement": "300 ms", "row": "150 ms", "memory": "120 MB"}
PREFIX = "bench_sql_server_"

SPENT = """
CREATE TABLE spent AS SELECT customer_id, SUM(amount_cents) AS cents FROM orders
    GROUP BY customer_id;
"""
PUSH = "SELECT order_id FROM orders WHERE amount_cents >= 0 EMIT CHANGES;"
LATEST = "SET 'auto.offset.reset'='latest';"
ONE_ORDER = encode({"ORDER_ID": "o", "AMOUNT_CENTS": 600})

Ask = Callable[[], AbstractContextManager[Iterator[Any]]]


def main() -> None:
    """Print a table: what, its median, what nine of ten are within, and the goal."""
    print("| what | median | nine of ten | goal |")
    print("|---|--:|--:|--:|")
    with join("bench_sql_server") as broker:
        cluster = Cluster(broker.client_settings)
        given = Topic(cluster, "orders_of_bench_sql").reset()
        produce(given, (Record(None, encode(order), START) for order in orders()[:ORDERS]))
        over_http(cluster, given)
        in_process(cluster, given)
        given.delete()


def in_process(cluster: Cluster, given: Topic) -> None:
    """Print how soon statements run in this process, and how soon rows come."""
    names: dict[str, Topic] = {"orders": given}

    def open_topic(name: str) -> Topic:
        return names.setdefault(name, Topic(cluster, f"{PREFIX}{name}"))

    with closing(Engine(open_topic)) as engine:
        engine.execute(SOURCE)
        starts = [started(engine, number) for number in range(STATEMENTS + 1)]
        line("statement to running", starts[1:], "statement")
        engine.execute(LATEST)

        @contextmanager
        def ask() -> Iterator[Iterator[Any]]:
            (push,) = engine.execute(PUSH)
            yield iter(push)
            push.stop()

        rows("in the process", ask, given)
    for name, topic in names.items():
        if name != "orders":
            topic.delete()


def started(engine: Engine, number: int) -> float:
    """Return the seconds from a statement to its flow's first look into the topic."""
    begun = time.perf_counter()
    engine.execute(FILTER.replace("large", f"large{number}"))
    query = [*engine.queries.values()][-1]
    while not query.looks["ORDERS"]:
        if time.perf_counter() - begun > PATIENCE_SECONDS:
            raise RuntimeError(f"{query.query_id} does not run: {query.error}")
        time.sleep(0.001)
    took = time.perf_counter() - begun
    engine.execute("TERMINATE ALL;")
    return took


def over_http(cluster: Cluster, given: Topic) -> None:
    """Print what a server weighs with three queries, and how soon rows come from it."""
    commands = Topic(cluster, "_eventlab_sql_bench_commands")
    made = [Topic(cluster, name) for name in ("LARGE", "COUNTS", "SPENT")]
    for topic in (commands, *made):
        if topic.exists:
            topic.delete()
    with SqlServer("bench") as server:
        client = Client(server.url)
        client.run(SOURCE.replace("'orders'", f"'{given.name}'") + FILTER + COUNT + SPENT)
        wait_for_counts(made[1:])
        megabytes = psutil.Process(server.pid).memory_info().rss / 1e6
        print(f"| a server with three queries | {megabytes:.0f} MB | | {GOALS['memory']} |")
        client.properties["auto.offset.reset"] = "latest"

        @contextmanager
        def ask() -> Iterator[Iterator[Any]]:
            with closing(client.rows(PUSH)) as answer:
                next(answer)  # the names of its columns
                yield answer

        rows("over HTTP", ask, given)
    for topic in (commands, *made):
        topic.delete()


def wait_for_counts(made: list[Topic]) -> None:
    """Wait until each topic has a record for every order."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while any(sum(topic.end_offsets().values()) < ORDERS for topic in made):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not all is in {made}")
        time.sleep(0.1)


def rows(where: str, ask: Ask, given: Topic) -> None:
    """Print how soon the first row and the further rows of a push query are seen."""
    firsts: list[float] = []
    for _ in range(STATEMENTS + 1):
        with ask() as answer:
            firsts.append(seen(answer, given))
    line(f"first row of a push query, {where}", firsts[1:], "row")
    with ask() as answer:
        further = [seen(answer, given) for _ in range(ROWS)]
    line(f"a further row, {where}", further[1:], "row")


def seen(answer: Iterator[Any], given: Topic) -> float:
    """Write a record, and return the seconds until its row is there."""
    begun = time.perf_counter()
    produce(given, [Record(None, ONE_ORDER, START)])
    next(answer)
    return time.perf_counter() - begun


def line(what: str, seconds: list[float], goal: str) -> None:
    """Print one line of the table, in milliseconds."""
    most = quantiles(seconds, n=10)[-1]
    print(f"| {what} | {median(seconds) * 1000:.0f} ms | {most * 1000:.0f} ms | {GOALS[goal]} |")


if __name__ == "__main__":
    main()
