"""SHOW, DESCRIBE and EXPLAIN, which need no topic to be there."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.engine import Engine
from tests.sql.engines import frame

TABLE = (
    "CREATE TABLE stock (good STRING PRIMARY KEY, n INT) "
    "WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON')"
)


class Nowhere:
    """A topic that is there, for statements that never read it."""

    exists = True


@pytest.fixture
def looked():
    """An engine with a stream, a table and a type, and no Kafka."""
    engine = Engine(lambda name: Nowhere())
    engine.execute(
        "CREATE STREAM orders (id INT KEY, cents INT) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON');"
        f"{TABLE}; CREATE TYPE money AS STRUCT<cents INT>; DEFINE least = '5';"
    )
    return engine


@pytest.mark.parametrize(
    ("text", "column", "found"),
    [
        ("SHOW STREAMS;", "NAME", ["ORDERS"]),
        ("SHOW TABLES;", "TOPIC", ["s"]),
        ("SHOW TOPICS;", "TOPIC", ["o", "s"]),
        ("SHOW TYPES;", "TYPE", ["MONEY"]),
        ("SHOW VARIABLES;", "VARIABLE", ["least"]),
        ("SHOW QUERIES;", "QUERY_ID", []),
        ("DESCRIBE orders;", "PART", ["key", "value"]),
        ("SHOW STREAMS EXTENDED;", "NAME", ["ORDERS"] * 7),
        (
            "DESCRIBE stock EXTENDED;",
            "IS",
            ["table", "s", "KAFKA", "JSON", "GOOD STRING", "N INTEGER", TABLE],
        ),
        ("DESCRIBE FUNCTION ucase;", "SIGNATURE", ["(text STRING) STRING"]),
    ],
)
def test_what_there_is_can_be_listed(looked, text, column, found):
    """Each list is rows with columns in capitals."""
    assert list(frame(looked, text)[column]) == found


def test_every_function_is_listed_with_what_it_gives(looked):
    """From the one registry that statements call."""
    functions = frame(looked, "SHOW FUNCTIONS;")
    assert {"COUNT", "UCASE", "EXPLODE"} <= set(functions.FUNCTION)
    assert functions.WHAT_IT_GIVES.str.len().min() > 0


def test_a_plan_is_read_from_above(looked):
    """From what is read to what is shown; also that of a query that would be kept."""
    query = "SELECT id, COUNT(*) AS n FROM orders GROUP BY id"
    for text in (f"EXPLAIN {query} EMIT CHANGES;", f"EXPLAIN CREATE TABLE t AS {query};"):
        plan = frame(looked, text)
        assert plan.WHAT.iloc[0] == "read the stream ORDERS from o"
        assert plan.WHAT.iloc[-1] == "select"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("SELECT id, cents FROM orders EMIT CHANGES", None),
        ("CREATE STREAM dear WITH (KAFKA_TOPIC='d') AS SELECT * FROM orders", ("DEAR", "d")),
        ("INSERT INTO orders SELECT * FROM orders", ("ORDERS", "o")),
    ],
)
def test_a_plan_knows_where_its_rows_would_go(looked, text, target):
    """Nothing runs it, and nothing is made."""
    (found,) = looked.execute(f"EXPLAIN {text};")
    assert found.query is None
    assert (found.target and (found.target.name, found.target.topic)) == target
    assert list(looked.catalog.sources) == ["ORDERS", "STOCK"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("EXPLAIN INSERT INTO nothing SELECT * FROM orders;", "no stream or table NOTHING"),
        ("EXPLAIN nothing;", "no query NOTHING"),
        ("EXPLAIN SHOW STREAMS;", "Only a query has a plan"),
        ("DESCRIBE order;", "ORDERS"),
        ("DESCRIBE FUNCTION uncase;", "UCASE"),
    ],
)
def test_what_is_not_there_cannot_be_looked_at(looked, text, words):
    """With what is written nearly so."""
    with pytest.raises(SqlError, match=words):
        looked.execute(text)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("DESCRIBE nothing;", "nothing"),
        ("EXPLAIN CSAS_X_9;", "CSAS"),
        ("EXPLAIN INSERT INTO nothing SELECT * FROM orders;", "nothing"),
        ("TERMINATE CSAS_X_9;", "CSAS"),
    ],
)
def test_what_is_not_there_is_pointed_at(looked, text, place):
    """In the text of the statement."""
    with pytest.raises(SqlError) as caught:
        looked.execute(text)
    assert caught.value.position == (1, text.index(place) + 1)


def test_a_topic_that_is_not_there_is_pointed_at():
    """At the property that names it."""

    class Missing:
        exists = False

    text = "CREATE STREAM s (a INT) WITH (KAFKA_TOPIC='nowhere', VALUE_FORMAT='JSON');"
    with pytest.raises(SqlError, match="There is no topic nowhere") as caught:
        Engine(lambda name: Missing()).execute(text)
    assert caught.value.position == (1, text.index("KAFKA_TOPIC") + 1)
