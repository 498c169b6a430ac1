"""ASSERT on a real Kafka: what is waited for, and what is said where it does not come."""

import threading

import pytest

from eventlab.errors import SqlError
from eventlab.log import Record, produce
from eventlab.log.schemas import parsed
from eventlab.sql.running.memory_registry import MemoryRegistry
from tests.log.schemas.made import CENTS, record
from tests.sql.engines import ORDERS, Topics, engine

pytestmark = pytest.mark.broker

SUMS = "CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM orders GROUP BY customer;"


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with two orders."""
    topics = Topics(new_topic)
    topics.orders(1, 20)
    return topics


@pytest.fixture
def registry():
    """A registry in memory."""
    return MemoryRegistry()


@pytest.fixture
def shop(topics, registry):
    """An engine that knows the stream of orders."""
    with engine(topics, begins_anew=True, registry=lambda: registry) as one:
        one.execute(ORDERS)
        yield one


def said(shop, text):
    """Return what statements answer, as texts."""
    return [str(answer) for answer in shop.execute(text)]


def refused(shop, text):
    """Return why something is not so."""
    with pytest.raises(SqlError) as caught:
        shop.execute(text)
    return caught.value


def test_a_topic_is_there_or_not(shop, topics):
    """By its name in statements; with so many partitions and replicas."""
    name = topics("orders").name
    assert said(shop, "ASSERT TOPIC orders WITH (PARTITIONS=1, REPLICAS=1);") == [
        f"The topic {name} is there"
    ]
    assert said(shop, "ASSERT NOT EXISTS TOPIC `none` WITH (PARTITIONS=9);")
    soon = "TIMEOUT 1 MILLISECOND"
    assert "is there" in refused(shop, f"ASSERT NOT EXISTS TOPIC orders {soon};").summary
    missing = refused(shop, f"ASSERT TOPIC `none` {soon};")
    assert missing.expected == "it within 0.001 s"
    assert missing.position == (1, 8)
    other = refused(shop, f"ASSERT TOPIC orders WITH (PARTITIONS=2) {soon};")
    assert (other.expected, other.found) == ("PARTITIONS=2", "PARTITIONS=1")
    assert (
        "no property FORMAT" in refused(shop, "ASSERT TOPIC orders WITH (FORMAT='JSON');").summary
    )


def test_a_topic_that_comes_is_waited_for(shop, topics):
    """As long as is said."""
    late = topics("late")
    maker = threading.Timer(0.2, late.create)
    maker.start()
    assert said(shop, "ASSERT TOPIC late TIMEOUT 30 SECONDS;") == [f"The topic {late} is there"]
    maker.join()


def test_a_schema_is_there_or_not(shop, topics, registry):
    """Of a subject by the topic's name in statements, of an id, or of both."""
    subject = f"{topics('orders').name}-value"
    number = registry.register(subject, parsed(record(CENTS))).id
    registry.register("other", parsed('"int"'))
    assert said(shop, f"ASSERT SCHEMA SUBJECT 'orders-value' ID {number};") == [
        f"The schema of the subject {subject} with the id {number} is there"
    ]
    assert said(shop, "ASSERT SCHEMA SUBJECT other; ASSERT NOT EXISTS SCHEMA ID 77;")
    assert said(shop, "ASSERT NOT EXISTS SCHEMA SUBJECT 'orders-value' ID 2;")
    soon = "TIMEOUT 1 MILLISECOND"
    assert refused(shop, f"ASSERT SCHEMA SUBJECT 'orders-key' {soon};").found == "none"
    assert refused(shop, f"ASSERT NOT EXISTS SCHEMA ID {number} {soon};").found == "one"


def test_rows_come_one_after_the_other(shop, topics):
    """Of the topic of a query, which works beside the statements, and of what is inserted."""
    shop.execute(SUMS)
    assert (
        said(
            shop,
            "ASSERT TABLE sums (customer STRING PRIMARY KEY, cents INT);"
            "ASSERT VALUES sums (customer, cents, rowtime) VALUES ('ann', 1, 1000);"
            "ASSERT VALUES sums (cents) VALUES (20);"
            "INSERT INTO orders (rowtime, customer, cents) VALUES (3000, 'ann', 5);"
            "ASSERT VALUES sums VALUES ('ann', 6);"
            "ASSERT VALUES orders (good) VALUES ('tea');",
        )[-1]
        == "The next row of ORDERS is what ASSERT says"
    )
    wrong = refused(shop, "ASSERT VALUES orders (cents)\n VALUES (21);")
    assert (wrong.expected, wrong.found, wrong.position) == ("CENTS 21", "CENTS 20", (2, 10))
    missing = refused(shop, "ASSERT VALUES sums (cents) VALUES (7);")
    assert missing.found == "3 rows before it, and no other"


def test_tombstones_come_too(shop, topics):
    """Of a row that is no more."""
    shop.execute(f"{SUMS[:-1]} HAVING SUM(cents) < 10;")
    shop.execute("ASSERT VALUES sums VALUES ('ann', 1);")
    topics.add(30)
    assert said(shop, "ASSERT NULL VALUES sums KEY ('ann');")
    error = refused(shop, "ASSERT NULL VALUES sums KEY ('bob');")
    assert error.summary == "SUMS has no further row"


def test_a_source_that_is_made_anew_begins_with_its_first_row(shop):
    """So that a cell that is run again finds what it found."""
    for _ in range(2):
        shop.execute(f"{SUMS.replace('CREATE', 'CREATE OR REPLACE')}")
        assert said(shop, "ASSERT VALUES sums VALUES ('ann', 1);")


def test_rows_of_windows_are_held_to_their_keys(shop):
    """Whatever the format of the key."""
    shop.execute(
        "CREATE TABLE counts WITH (KEY_FORMAT='AVRO') AS SELECT customer, COUNT(*) AS n FROM orders"
        " WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY customer;"
    )
    assert said(shop, "ASSERT VALUES counts VALUES ('ann', 1);")


def test_a_query_that_has_failed_is_named(shop, topics):
    """It writes no further row."""
    produce(topics("orders"), [Record("ann", b'{"GOOD": "soon"}')])
    shop.execute(
        "SET 'ksql.timestamp.throw.on.invalid' = 'true';"
        "CREATE STREAM timed WITH (TIMESTAMP='good', TIMESTAMP_FORMAT='yyyy') AS"
        " SELECT * FROM orders;"
    )
    error = refused(shop, "ASSERT VALUES timed (cents) VALUES (1);")
    assert error.summary == "TIMED has no further row"
