"""A view of counts and sums by key, in each kind of store, and its oracle by pandas."""

from collections import defaultdict
from typing import Any

import pandas
import psycopg

from eventlab.log import Record, Topic, produce, read
from eventlab.views import DuckDB, Memory, Postgres, SQLite, View, in_batches
from eventlab.views.folding import Fold
from eventlab.views.stores import Store

NOON = 1_741_003_200_000  # 3 March 2025, 12:00 UTC
SCHEMA = "create table counts(key text primary key, n integer, total integer)"
SQL = SQLite(SCHEMA)


def into_dict(rows: dict, event: dict, place: Any) -> None:
    """Count an event, and add its cents up."""
    n, total = rows.get(place.key, (0, 0))
    rows[place.key] = (n + 1, total + event["cents"])


def into_sql(rows: Any, event: dict, place: Any) -> None:
    """Count an event, and add its cents up."""
    rows.execute(
        "insert into counts values (?, 1, ?)"
        " on conflict(key) do update set n = n + 1, total = total + excluded.total",
        [place.key, event["cents"]],
    )


def into_postgres(rows: Any, event: dict, place: Any) -> None:
    """Count an event, and add its cents up."""
    rows.execute(
        "insert into counts values (%s, 1, %s) on conflict(key) do update"
        " set n = counts.n + 1, total = counts.total + excluded.total",
        [place.key, event["cents"]],
    )


@in_batches
def into_duckdb(rows: Any, events: list[dict], places: Any) -> None:
    """Count events, and add their cents up."""
    new = {"key": [place.key for place in places], "cents": [event["cents"] for event in events]}
    rows.register("new", pandas.DataFrame(new))
    rows.execute(
        "insert into counts select key, count(*), sum(cents) from new group by key"
        " on conflict(key) do update set n = n + excluded.n, total = total + excluded.total"
    )


FOLDS = {Memory: into_dict, SQLite: into_sql, Postgres: into_postgres, DuckDB: into_duckdb}


def suited(store: Store, fold: Fold) -> Fold:
    """Return a fold of one event and its place as a store takes it."""
    if not store.takes_batches_only:
        return fold

    def each(rows: Any, events: list[dict], places: Any) -> None:
        for event, place in zip(events, places, strict=True):
            fold(rows, event, place)

    return in_batches(each)


def counting(store: Store, first: Any) -> Fold:
    """Return the fold of the counts, which calls `first(event, place)` before each event."""
    fold = FOLDS[type(store)]

    def each(rows: Any, event: dict, place: Any) -> None:
        first(event, place)
        if store.takes_batches_only:
            fold(rows, [event], [place])
        else:
            fold(rows, event, place)

    return suited(store, each)


def counted(view: Any) -> dict[str, tuple[int, int]]:
    """Return count and sum by key, as a view has them."""
    return view.read(_all)


def _all(rows: Any) -> dict[str, tuple[int, int]]:
    if isinstance(rows, dict):
        return dict(rows)
    found = rows.execute("select * from counts").fetchall()
    return {key: (n, total) for key, n, total in found}


def oracle(topic: Topic, **stretch: Any) -> dict[str, tuple[int, int]]:
    """Return the same by pandas, from the topic itself."""
    events = read(topic, **stretch).events
    if events.empty:
        return {}
    found = events.groupby("key")["cents"].agg(["count", "sum"])
    return {key: (int(n), int(total)) for key, n, total in found.itertuples()}


def orders(number: int, first: int = 0) -> list[Record]:
    """Return orders of seven customers, a second apart."""
    return [
        Record(f"c{n * n % 7}", b'{"cents": %d}' % (n % 13), NOON + 1000 * n)
        for n in range(first, first + number)
    ]


def filled(topic: Topic, number: int, first: int = 0) -> Topic:
    """Write orders into a topic, and return it."""
    produce(topic, orders(number, first))
    return topic


def count_in(store: Store, name: str, topic: Topic, **options: Any) -> View:
    """Return a view of the counts in a store, not begun."""
    return View(name, FOLDS[type(store)], of=topic, store=store, **options)


def edges(rows: defaultdict, event: dict) -> None:
    """Take note who follows whom."""
    rows[event["who"]].add(event["whom"])


def put(writer, key, n):
    """Write one row."""
    if isinstance(writer, dict):
        writer[key] = n
    else:
        places = "%s, %s" if isinstance(writer, psycopg.Cursor) else "?, ?"
        writer.execute(f"insert into counts values ({places}, 0)", [key, n])


def rows_of(opened):
    """Return the rows that are shown."""

    def ask(reader):
        if isinstance(reader, dict):
            return dict(reader)
        return dict(reader.execute("select key, n from counts").fetchall())

    return opened.reader.read(ask)
