"""Standing queries of an engine: what they keep, and how they begin, pause and end."""

import pytest

from eventlab.errors import SqlError
from eventlab.log import read
from tests.sql.engines import ORDERS, SUMS, engine, frame, until_rows
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_a_standing_query_keeps_its_result_in_a_topic(shop, topics):
    """Record by record, with the key of the statement."""
    (said,) = shop.execute("CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 100;")
    assert str(said) == "CSAS_DEAR_1 keeps the stream DEAR in the topic DEAR"
    until(lambda: len(read(topics("DEAR")).events) == 2)
    assert list(read(topics("DEAR")).events["CENTS"]) == [300, 4000]


def test_a_query_can_insert_into_a_stream(shop, topics):
    """The stream has what was in it, and what the query gives."""
    shop.execute("CREATE STREAM few (customer STRING KEY, cents INT) WITH (KAFKA_TOPIC='few', "
                 "VALUE_FORMAT='JSON', PARTITIONS=1);")  # fmt: skip
    (said,) = shop.execute("INSERT INTO few SELECT customer, cents FROM orders WHERE cents < 100;")
    assert "INSERTQUERY_1" in str(said)
    until(lambda: len(read(topics("few")).events) == 2)


def test_a_paused_query_loses_nothing(shop, topics):
    """What came meanwhile is counted when it goes on."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    shop.execute("PAUSE CTAS_SUMS_1;")
    assert frame(shop, "SHOW QUERIES;").STATE[0] == "paused"
    topics.add(5)
    shop.execute("RESUME CTAS_SUMS_1;")
    until_rows(shop, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_what_begins_anew_has_nothing_twice(topics):
    """The same statement makes the same again."""
    for _ in range(2):
        with engine(topics, begins_anew=True) as one:
            one.execute(ORDERS + SUMS)
            until_rows(one, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])


def test_what_is_replaced_has_one_query(shop):
    """OR REPLACE ends the query that kept the table before."""
    shop.execute(SUMS)
    shop.execute(SUMS.replace("CREATE", "CREATE OR REPLACE").replace("SUM(", "MAX("))
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_2"]
    until_rows(shop, "SELECT * FROM sums;", [("ann", 300), ("bob", 4000)])


def test_what_others_use_cannot_be_dropped(shop):
    """Not before the query has ended that reads it, or inserts into it."""
    shop.execute(SUMS)
    with pytest.raises(SqlError, match=r"Line 1, column \d+: .*in use.*CTAS_SUMS_1"):
        shop.execute("DROP STREAM orders;")
    shop.execute("CREATE STREAM copy AS SELECT * FROM orders;")
    shop.execute("INSERT INTO copy SELECT * FROM orders;")
    with pytest.raises(SqlError, match=r"in use.*INSERTQUERY_3"):
        shop.execute("DROP STREAM copy;")
    shop.execute("TERMINATE INSERTQUERY_3; DROP STREAM copy;")
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_1"]
