"""How fast views are built, beside reading their topic into nothing, and how fast they are asked.

python -m benchmarks.bench_views

Building: a count and a sum by customer over a million orders, into a dict and databases, beside
a follower that decodes the same records and drops them; in turn, some rounds, the ratios are the
medians of them, of time and of the process's own CPU, which has nothing of a server. A statement
of SQLite takes by itself as long as to read and decode a record; who has many rows in one has
fewer, and who sums up a larger batch first has fewer rows. A question about all rows: the same sum
over a million rows, in DuckDB and in SQLite. Point reads: over HTTP from a view in SQLite, over 32
connections that are kept open, beside a service that answers a constant. Rebuilding: the same
million, and how much more memory the process has than before.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median
from threading import Event
from typing import Any, NamedTuple

import aiohttp
import pandas
import psutil

from eventlab import Lab
from eventlab.log import Record, Topic, follow, produce
from eventlab.views import DuckDB, Postgres, SQLite, View, app, in_batches

EVENTS = 1_000_000
ROUNDS = 5
KEYS = 1_000
ROWS_A_STATEMENT = 250
FIRST = "into nothing"
CONNECTIONS = 32
READS = 20_000
VALUE = b'{"order_id":"o-%d","customer_id":"c%04d","cents":%d,"at":"2025-03-03T08:00:00Z"}'

STORE = SQLite("create table spent(customer text primary key, n integer, cents integer)")
UPSERT = (
    "insert into spent values (?, 1, ?)"
    " on conflict(customer) do update set n = n + 1, cents = cents + excluded.cents"
)


def into_dict(rows: dict, event: dict) -> None:
    customer = event["customer_id"]
    rows[customer] = rows.get(customer, 0) + event["cents"]


def into_sqlite(rows: Any, event: dict) -> None:
    rows.execute(UPSERT, (event["customer_id"], event["cents"]))


def many_into_sqlite(rows: Any, events: list[dict]) -> None:
    rows.executemany(UPSERT, [(event["customer_id"], event["cents"]) for event in events])


def statements_into_sqlite(rows: Any, events: list[dict]) -> None:
    for first in range(0, len(events), ROWS_A_STATEMENT):
        some = events[first : first + ROWS_A_STATEMENT]
        each = ", ".join(["(?, 1, ?)"] * len(some))
        values: list[Any] = []
        for event in some:
            values += (event["customer_id"], event["cents"])
        rows.execute(UPSERT.replace("(?, 1, ?)", each), values)


def sums_into_sqlite(rows: Any, events: list[dict]) -> None:
    spent: dict[str, list[int]] = defaultdict(list)
    for event in events:
        spent[event["customer_id"]].append(event["cents"])
    rows.executemany(
        "insert into spent values (?, ?, ?) on conflict(customer)"
        " do update set n = n + excluded.n, cents = cents + excluded.cents",
        [(customer, len(cents), sum(cents)) for customer, cents in spent.items()],
    )


def sums_into_postgres(rows: Any, events: list[dict]) -> None:
    frame = summed(events)
    rows.executemany(
        "insert into spent values (%s, %s, %s) on conflict(customer)"
        " do update set n = spent.n + excluded.n, cents = spent.cents + excluded.cents",
        frame.reset_index().values.tolist(),
    )


def sums_into_duckdb(rows: Any, events: list[dict]) -> None:
    rows.register("new", summed(events).reset_index())
    rows.execute(
        "insert into spent select * from new on conflict(customer)"
        " do update set n = n + excluded.n, cents = cents + excluded.cents"
    )


def summed(events: list[dict]) -> pandas.DataFrame:
    frame = pandas.DataFrame(events, columns=["customer_id", "cents"])
    return frame.groupby("customer_id")["cents"].agg(["count", "sum"])


def all_into_sqlite(rows: Any, events: list[dict]) -> None:
    rows.executemany(
        "insert into orders values (?, ?)", [(one["customer_id"], one["cents"]) for one in events]
    )


def all_into_duckdb(rows: Any, events: list[dict]) -> None:
    rows.register("new", pandas.DataFrame(events, columns=["customer_id", "cents"]))
    rows.execute("insert into orders select * from new")


def main() -> None:
    with Lab("bench-views") as lab:
        topic = lab.new_topic("orders")
        produce(topic, orders(EVENTS))
        print(building(lab, topic))
        print(question(topic))
        print(reading(lab, topic))
        print(rebuilding(lab, topic))
        lab.topic("orders").delete()


def orders(number: int) -> Iterator[Record]:
    """Yield orders of a thousand customers."""
    for n in range(number):
        yield Record(f"c{n % KEYS:04}", VALUE % (n, n * 7919 % KEYS, n % 5000))


def building(lab: Lab, topic: Topic) -> str:
    sums = in_batches(sums_into_sqlite)
    in_postgres = Postgres(lab.new_database().url, STORE.schema)
    ways: dict[str, Callable[[], object]] = {
        FIRST: lambda: into_nothing(topic),
        "memory": lambda: built(View("bench-memory", into_dict, of=topic)),
        "SQLite, event by event": lambda: built(
            View("bench-sqlite", into_sqlite, of=topic, store=STORE)
        ),
        "SQLite, in batches": lambda: built(
            View("bench-sqlite", in_batches(many_into_sqlite), of=topic, store=STORE)
        ),
        "SQLite, 250 rows a statement": lambda: built(
            View("bench-sqlite", in_batches(statements_into_sqlite), of=topic, store=STORE)
        ),
        "SQLite, batches of 10,000, summed up": lambda: built(
            View("bench-sqlite", sums, of=topic, store=STORE, batch=10_000)
        ),
        "PostgreSQL, batches of 10,000, summed up": lambda: built(
            View(
                "bench-postgres",
                in_batches(sums_into_postgres),
                of=topic,
                store=in_postgres,
                batch=10_000,
            )
        ),
        "DuckDB, batches of 10,000, summed up": lambda: built(
            View(
                "bench-duckdb",
                in_batches(sums_into_duckdb),
                of=topic,
                store=DuckDB(STORE.schema),
                batch=10_000,
            )
        ),
    }
    rounds = [{name: cost(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    lines = ["| building | events/s | of reading into nothing | by CPU |", "|---|--:|--:|--:|"]
    for name in ways:
        rate = EVENTS / median(one[name].seconds for one in rounds)
        share = median(one[FIRST].seconds / one[name].seconds for one in rounds)
        by_cpu = median(one[FIRST].cpu_seconds / one[name].cpu_seconds for one in rounds)
        lines.append(f"| {name} | {rate:,.0f} | {share:.2f} | {by_cpu:.2f} |")
    return "\n".join(lines)


def question(topic: Topic) -> str:
    schema = "create table orders(customer text, cents integer)"
    ways = {
        "SQLite": (all_into_sqlite, SQLite(schema)),
        "DuckDB": (all_into_duckdb, DuckDB(schema)),
    }
    asked = "select customer, sum(cents) from orders group by customer"
    spent = {}
    for name, (fold, store) in ways.items():
        view = View(f"bench-all-{name}", in_batches(fold), of=topic, store=store, batch=10_000)
        with view.start():
            view.wait_for(view.end(), 600)
            spent[name] = median(seconds(lambda view=view: view.sql(asked)) for _ in range(5))
    lines = ["| a sum by customer over a million rows | ms | of SQLite |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {one * 1000:,.0f} | {one / spent['SQLite']:.2f} |"
        for name, one in spent.items()
    ]
    return "\n".join(lines)


def into_nothing(topic: Topic) -> None:
    end = topic.end_offsets()[0]
    is_there = Event()

    def drop(batch: Any) -> None:
        if batch.place["offset"][-1] >= end - 1:
            is_there.set()

    follower = follow(topic, drop, start="earliest")
    is_there.wait()
    follower.stop()


def built(view: View) -> None:
    with view.start():
        view.wait_for(view.end(), 600)


class Cost(NamedTuple):
    """What a way took: of the wall clock, and of this process's CPU, all threads together."""

    seconds: float
    cpu_seconds: float


def cost(way: Callable[[], object]) -> Cost:
    start = time.process_time()
    took = seconds(way)
    return Cost(took, time.process_time() - start)


def seconds(way: Callable[[], object]) -> float:
    start = time.perf_counter()
    way()
    return time.perf_counter() - start


def ask(view: Any, request: Any) -> Any:
    key = request.path_params["key"]
    return view.read(
        lambda rows: rows.execute("select * from spent where customer = ?", (key,)).fetchone()
    )


async def constant(request: Any) -> Any:
    return ["c0001", 200, 5000]


def reading(lab: Lab, topic: Topic) -> str:
    view = View(lab.name("served"), into_sqlite, of=topic, store=STORE)
    service = lab.serve("spent", app(view, ask), traced=False)
    plain = lab.serve("constant", constant, traced=False)
    rates = {
        name: median(asyncio.run(rate(one.url)) for _ in range(3))
        for name, one in {"a constant": plain, "a view in SQLite": service}.items()
    }
    share = rates["a view in SQLite"] / rates["a constant"]
    lines = ["| over HTTP | reads/s | of a constant |", "|---|---:|---:|"]
    lines += [
        f"| {name} | {found:,.0f} | {1 if 'constant' in name else share:.2f} |"
        for name, found in rates.items()
    ]
    return "\n".join(lines)


async def rate(url: str) -> float:
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def ask_on(first: int) -> None:
            for n in range(first, READS, CONNECTIONS):
                async with session.get(f"{url}/c{n % KEYS:04}") as answer:
                    await answer.read()

        start = time.perf_counter()
        await asyncio.gather(*(ask_on(first) for first in range(CONNECTIONS)))
        return READS / (time.perf_counter() - start)


def rebuilding(lab: Lab, topic: Topic) -> str:
    lines = ["| rebuilding a million events | events/s | more memory |", "|---|---:|---:|"]
    for name, fold, options in (
        ("memory", into_dict, {}),
        ("SQLite", into_sqlite, {"store": STORE}),
    ):
        with View(f"bench-{name}", fold, of=topic, **options).start() as view:
            view.wait_for(view.end(), 600)
            before = psutil.Process().memory_info().rss
            spent = seconds(lambda view=view: view.rebuild().wait(600))
            more = psutil.Process().memory_info().rss - before
        lines.append(f"| {name} | {EVENTS / spent:,.0f} | {more / 1e6:.0f} MB |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
