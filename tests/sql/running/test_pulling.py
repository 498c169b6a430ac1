"""What a pull query shows of the rows of a table."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.engine import Engine
from eventlab.sql.running.pulling import pulled, required_table
from eventlab.streams import Arrival


class Nowhere:
    """A topic that is there, for statements that never read it."""

    exists = True


def planned(query):
    """Return the plan of a query on a table of numbers by letter, and the query."""
    engine = Engine(lambda name: Nowhere())
    engine.execute(
        "CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
        "CREATE TABLE t (k STRING PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');"
    )
    (parsed,) = engine.parsed(query)
    query = parsed.statement.query
    return engine.session.plan(query, is_persistent=False), query


def rows():
    """Return the rows of a table, in no order: what is read, and where each is from."""
    return [
        (f'["{key}"]', Arrival((key, n, 0, 0, 0), key, "t", 0, 0, 0, 0))
        for key, n in (("b", 2), ("a", 1), ("c", 3))
    ]


@pytest.mark.parametrize(
    ("query", "limit", "found"),
    [
        ("SELECT k, n FROM t;", None, [("a", 1), ("b", 2), ("c", 3)]),
        ("SELECT k, n FROM t;", 2, [("a", 1), ("b", 2)]),
        ("SELECT k, n * 2 AS m FROM t WHERE n > 1;", None, [("b", 4), ("c", 6)]),
        ("SELECT k FROM t WHERE k = 'd';", None, []),
    ],
)
def test_rows_are_filtered_and_shown_by_key(query, limit, found):
    """A limit bounds what is left."""
    plan, asked = planned(query)
    assert required_table(plan, asked).name == "T"
    assert pulled(plan, rows(), limit) == found


def test_more_than_filtering_is_refused():
    """A group is a table of its own."""
    plan, asked = planned("SELECT n, COUNT(*) FROM t GROUP BY n EMIT CHANGES;")
    with pytest.raises(SqlError, match="CREATE TABLE") as caught:
        required_table(plan, asked)
    assert caught.value.found == "GROUP BY"
    assert caught.value.position == (1, 1)


def test_a_stream_has_no_rows_of_now():
    """What is in it never ends; where it is named, that is said."""
    plan, asked = planned("SELECT n FROM s;")
    with pytest.raises(SqlError, match="Write EMIT CHANGES") as caught:
        required_table(plan, asked)
    assert caught.value.position == (1, 15)
