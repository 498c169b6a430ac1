"""Each step of a plan becomes a step of a flow; what the steps do is tested beside them."""

import json

import pytest

from eventlab.sql.running.trying import Trial, WireRecord

FIVE = "\0\0\0\5"  # the number as Kafka writes it
SOURCES = """
CREATE STREAM a (k STRING KEY, n INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');
CREATE STREAM b (k STRING KEY, m INT) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, m INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');
CREATE TABLE u (k STRING PRIMARY KEY, m INT) WITH (KAFKA_TOPIC='u', VALUE_FORMAT='JSON');
"""


def written(query: str, *records: tuple):
    """Return what a query writes: key, value, time, window; and what was reported."""
    trial = Trial()
    trial.take(SOURCES + query)
    inputs = [
        WireRecord(topic, key and key.encode(), value and value.encode(), time)
        for topic, key, value, time in records
    ]
    outputs = trial.outputs(inputs)
    return [
        (one.key and one.key.decode(), one.value and json.loads(one.value), one.timestamp)
        + ((one.window,) if one.window else ())
        for one in outputs
    ], trial.reports


@pytest.mark.parametrize(
    ("query", "records", "expected"),
    [
        (
            "CREATE STREAM o AS SELECT k, n + 1 AS x FROM a WHERE n > 1;",
            [("a", "x", '{"N":1}', 1), ("a", "y", '{"N":2}', 2)],
            [("y", {"X": 3}, 2)],
        ),
        (
            "CREATE TABLE o AS SELECT k, m FROM t WHERE m > 1;",
            [("t", "x", '{"M":2}', 1), ("t", "x", '{"M":1}', 2), ("t", "x", None, 3)],
            [("x", {"M": 2}, 1), ("x", None, 2)],
        ),
        (
            "CREATE STREAM o AS SELECT CAST(n AS STRING) AS s, k FROM a"
            " PARTITION BY CAST(n AS STRING);",
            [("a", "x", '{"N":5}', 1)],
            [("5", {"K": "x"}, 1)],
        ),
        (
            "CREATE STREAM o AS SELECT k, EXPLODE(ARRAY[n, n + 1]) AS x FROM a;",
            [("a", "x", '{"N":5}', 1)],
            [("x", {"X": 5}, 1), ("x", {"X": 6}, 1)],
        ),
        (
            "CREATE TABLE o AS SELECT k, COUNT(*) AS c FROM a GROUP BY k;",
            [("a", "x", '{"N":5}', 9), ("a", "x", '{"N":5}', 1), ("a", None, '{"N":5}', 1)],
            [("x", {"C": 1}, 9), ("x", {"C": 2}, 9)],
        ),
        (
            "CREATE TABLE o AS SELECT k, COUNT(*) AS c FROM a"
            " WINDOW TUMBLING (SIZE 10 MILLISECONDS) GROUP BY k;",
            [("a", "x", '{"N":5}', 9), ("a", "x", '{"N":5}', 11)],
            [("x", {"C": 1}, 9, (0, 10)), ("x", {"C": 1}, 11, (10, 20))],
        ),
        (
            "CREATE TABLE o AS SELECT m, SUM(m) AS s FROM t GROUP BY m;",
            [("t", "x", '{"M":5}', 1), ("t", "x", '{"M":6}', 2)],
            [
                (b"\0\0\0\5".decode(), {"S": 5}, 1),
                ("\0\0\0\5", {"S": 0}, 2),
                ("\0\0\0\6", {"S": 6}, 2),
            ],
        ),
        (
            "CREATE STREAM o AS SELECT a.k AS k, n, m FROM a JOIN b WITHIN 10 MILLISECONDS"
            " ON a.k = b.k;",
            [("a", "x", '{"N":5}', 1), ("b", "x", '{"M":6}', 2), ("b", "x", '{"M":7}', 20)],
            [("x", {"N": 5, "M": 6}, 2)],
        ),
        (
            "CREATE STREAM o AS SELECT a.k AS k, n, m FROM a LEFT JOIN t ON a.k = t.k;",
            [("a", "x", '{"N":5}', 1), ("t", "x", '{"M":6}', 9), ("a", "x", '{"N":7}', 2)],
            [("x", {"N": 5, "M": None}, 1), ("x", {"N": 7, "M": 6}, 2)],
        ),
        (
            "CREATE TABLE o AS SELECT t.k AS k, t.m AS x, u.m AS y FROM t JOIN u ON t.k = u.k;",
            [("t", "x", '{"M":5}', 1), ("u", "x", '{"M":6}', 2), ("t", "x", None, 3)],
            [("x", {"X": 5, "Y": 6}, 2), ("x", None, 3)],
        ),
    ],
    ids=range(10),
)
def test_a_step_of_a_plan_is_a_step_of_the_flow(query, records, expected):
    """One record in, as it comes."""
    assert written(query, *records) == (expected, [])


def test_no_row_ends_a_query():
    """What fails for it is reported, and the rest goes on."""
    found, reports = written(
        "CREATE STREAM o AS SELECT k, 6 / n AS x FROM a WHERE 12 / n > 1;",
        ("a", "x", '{"N":0}', 1),
        ("a", "x", '{"N":"five"}', 2),
        ("a", "x", "{", 3),
        ("a", "x", '{"N":2}', 4),
    )
    assert found == [("x", {"X": 3}, 4)]
    assert len(reports) == 3


def test_a_join_of_keys_that_mean_nothing_joins_nothing():
    """A record without a key finds no row."""
    found, _ = written(
        "CREATE STREAM o AS SELECT a.k AS k, n, m FROM a LEFT JOIN t ON a.k = t.k;",
        ("t", None, '{"M":1}', 1),
        ("a", None, '{"N":1}', 2),
    )
    assert found == [(None, {"N": 1, "M": None}, 2)]
