"""Which plans can be worked on partition by partition."""

import pytest

from eventlab.sql.planning.splitting import parts_of
from tests.sql.planning.planning import ITEMS, ORDERS, PAYMENTS, STOCK, plan_of

BYTES = """
    CREATE STREAM scans (code STRING KEY, place STRING) WITH (KAFKA_TOPIC='scans', FORMAT='JSON');
    CREATE STREAM texts (code STRING KEY, place STRING)
        WITH (KAFKA_TOPIC='texts', KEY_FORMAT='KAFKA', VALUE_FORMAT='JSON');
    CREATE STREAM hourly (code STRING KEY, n INT) WITH (KAFKA_TOPIC='hourly', FORMAT='JSON',
        WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 HOUR');
    CREATE STREAM pairs (a STRING KEY, b STRING KEY, n INT)
        WITH (KAFKA_TOPIC='pairs', FORMAT='JSON');
"""


def parts(query, **partitions):
    """Return in how many parts a query is split, where topics have four partitions, or so many."""
    plan = plan_of(query, ORDERS, ITEMS, PAYMENTS, STOCK, BYTES)
    return parts_of(plan, lambda topic: partitions.get(topic, 4))


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
    assert parts(query) == 4


@pytest.mark.parametrize(
    "query",
    [
        "SELECT item, COUNT(*) AS n FROM orders GROUP BY item;",
        "SELECT a, SUM(n) AS n FROM pairs GROUP BY a;",
        "SELECT code, SUM(n) AS n FROM hourly GROUP BY code;",
        "SELECT shelf, COUNT(*) AS n FROM items GROUP BY shelf;",
        "SELECT id + 1 AS id, COUNT(*) AS n FROM orders GROUP BY id + 1;",
        "SELECT o.item, shelf FROM orders o JOIN items i ON o.item = i.code;",
        "SELECT o.item, COUNT(*) AS n FROM orders o JOIN items i ON o.item = i.code"
        " GROUP BY o.item;",
        "SELECT i.code, pieces FROM items i JOIN stock s ON i.shelf = s.code;",
        "SELECT t.code, shelf FROM texts t JOIN items i ON t.code = i.code;",
    ],
)
def test_what_meets_over_partitions_is_one_part(query):
    """By another key, by a part of it, by a foreign one, or by other bytes."""
    assert parts(query) == 1


def test_topics_of_different_sizes_are_not_split():
    """The same key is in partitions of different numbers."""
    join = "SELECT s.code, shelf FROM scans s JOIN items i ON s.code = i.code;"
    assert parts(join, scans=3) == 1
    assert parts("SELECT id, item FROM orders;", orders=3) == 3
