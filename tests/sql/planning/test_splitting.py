"""Which plans can be worked on partition by partition."""

import pytest

from eventlab.sql.planning.plans import Aggregate, JoinTable, steps_of
from eventlab.sql.planning.splitting import repartition_of, split
from tests.sql.planning.planning import ITEMS, ORDERS, PAYMENTS, STOCK, plan_of

BYTES = """
    CREATE STREAM scans (code STRING KEY, place STRING) WITH (KAFKA_TOPIC='scans', FORMAT='JSON');
    CREATE STREAM texts (code STRING KEY, place STRING)
        WITH (KAFKA_TOPIC='texts', KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON');
    CREATE STREAM hourly (code STRING KEY, n INT) WITH (KAFKA_TOPIC='hourly', FORMAT='JSON',
        WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 HOUR');
    CREATE STREAM small (k STRING KEY, item STRING)
        WITH (KAFKA_TOPIC='small', FORMAT='JSON');
    CREATE STREAM pairs (a STRING KEY, b STRING KEY, n INT)
        WITH (KAFKA_TOPIC='pairs', FORMAT='JSON');
"""


def found(query, **partitions):
    """Return how a query is split, where topics have four partitions, or so many."""
    plan = plan_of(query, ORDERS, ITEMS, PAYMENTS, STOCK, BYTES)
    return split(plan, lambda topic: partitions.get(topic, 4), "between")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id, item FROM orders WHERE price > 5;",
        "SELECT item, price FROM orders PARTITION BY item;",
        "SELECT id, EXPLODE(SPLIT(item, ',')) AS one FROM orders;",
        "SELECT code, shelf FROM items WHERE shelf > 'a';",
        "SELECT id, COUNT(*) AS n FROM orders GROUP BY id HAVING COUNT(*) > 1;",
        "SELECT id, item, COUNT(*) AS n FROM orders GROUP BY id, item;",
        "SELECT id, COUNT(*) AS n FROM orders WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY id;",
        "SELECT a, b, SUM(n) AS n FROM pairs GROUP BY b, a;",
        "SELECT o.id, item, paid FROM orders o JOIN payments p WITHIN 1 HOUR ON o.id = p.order_id;",
        "SELECT s.code, shelf FROM scans s LEFT JOIN items i ON s.code = i.code;",
        "SELECT i.code, shelf, pieces FROM items i JOIN stock s ON i.code = s.code;",
        "SELECT s.code, COUNT(*) AS n FROM scans s JOIN items i ON s.code = i.code"
        " GROUP BY s.code;",
    ],
)
def test_what_is_found_by_its_key_is_split(query):
    """A part for each partition: none needs what is in another."""
    one = found(query)
    assert (one.parts, one.why, repartition_of(one.plan)) == (4, "", None)


@pytest.mark.parametrize(
    ("query", "by", "below"),
    [
        ("SELECT item, COUNT(*) AS n FROM orders GROUP BY item;", "ITEM", Aggregate),
        ("SELECT a, SUM(n) AS n FROM pairs GROUP BY a;", "A", Aggregate),
        ("SELECT code, SUM(n) AS n FROM hourly GROUP BY code;", "CODE", Aggregate),
        ("SELECT id + 1 AS id, COUNT(*) AS n FROM orders GROUP BY id + 1;", "ID + 1", Aggregate),
        (
            "SELECT item, COUNT(*) AS n FROM orders WHERE RANDOM() > 0.5 GROUP BY item"
            " HAVING COUNT(*) > 1;",
            "ITEM",
            Aggregate,
        ),
        (
            "SELECT o.item, shelf FROM orders o JOIN items i ON o.item = i.code;",
            "O.ITEM",
            JoinTable,
        ),
        (
            "SELECT o.item, COUNT(*) AS n FROM orders o JOIN items i ON o.item = i.code"
            " GROUP BY o.item;",
            "O.ITEM",
            JoinTable,
        ),
        (
            "SELECT o.item, shelf, pieces FROM orders o JOIN items i ON o.item = i.code"
            " LEFT JOIN stock s ON o.item = s.code;",
            "O.ITEM",
            JoinTable,
        ),
        (
            "SELECT t.code, shelf FROM texts t JOIN items i ON t.code = i.code;",
            "their key",
            JoinTable,
        ),
    ],
)
def test_what_needs_another_key_is_passed_on(query, by, below):
    """Through a topic, before the step that needs it; and split before it and behind it."""
    one = found(query)
    step = repartition_of(one.plan)
    assert (one.parts, one.why, step.topic, step.words) == (4, "", "between", by)
    kinds = [type(other) for other in steps_of(one.plan)]
    after = kinds[kinds.index(type(step)) :]
    assert next(kind for kind in after if kind in (Aggregate, JoinTable)) is below


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("SELECT item, COUNT(*) AS n FROM small GROUP BY item;", "one partition"),
        ("SELECT shelf, COUNT(*) AS n FROM items GROUP BY shelf;", "the rows of a table"),
        ("SELECT i.code, pieces FROM items i JOIN stock s ON i.shelf = s.code;", "a foreign key"),
        (
            "SELECT o.item, paid FROM orders o JOIN payments p WITHIN 1 HOUR ON o.price = p.paid;",
            "streams are joined",
        ),
        (
            "SELECT o.id, COUNT(*) AS n FROM orders o JOIN items i ON o.item = i.code"
            " GROUP BY o.id;",
            "by one column, and then by another",
        ),
        (
            "SELECT o.item, COUNT(*) AS n FROM orders o JOIN payments p WITHIN 1 HOUR"
            " ON o.id = p.order_id GROUP BY o.item;",
            "by one column, and then by another",
        ),
        (
            "SELECT i.shelf, COUNT(*) AS n FROM items i JOIN stock s ON i.code = s.code"
            " GROUP BY i.shelf;",
            "the rows of a table",
        ),
        (
            "SELECT o.item, COUNT(*) AS n FROM orders o JOIN items i ON o.item = i.code"
            " WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY o.item;",
            "windows are made of what was joined",
        ),
        (
            "SELECT CAST(RANDOM() AS STRING) AS r, COUNT(*) AS n FROM orders"
            " GROUP BY CAST(RANDOM() AS STRING);",
            "another value each time",
        ),
    ],
)
def test_what_meets_over_partitions_is_one_part(query, why):
    """And it is said why."""
    one = found(query, small=1)
    assert (one.parts, repartition_of(one.plan)) == (1, None)
    assert why in one.why


def test_topics_of_different_sizes_are_split_by_that_of_the_stream():
    """The same key is in partitions of different numbers: the stream's rows are passed on."""
    one = found("SELECT s.code, shelf FROM scans s JOIN items i ON s.code = i.code;", scans=3)
    assert (one.parts, repartition_of(one.plan).words) == (3, "their key")
    tables = found("SELECT i.code, pieces FROM items i JOIN stock s ON i.code = s.code;", stock=3)
    assert (tables.parts, "in different ways" in tables.why) == (1, True)
    assert found("SELECT id, item FROM orders;", orders=3).parts == 3
