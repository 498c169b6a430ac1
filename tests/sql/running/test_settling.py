"""A table that has what its query makes of all that is there."""

import pytest

from tests.sql.engines import ORDERS, Topics, engine, frame

pytestmark = pytest.mark.broker

TABLES = """
CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 10;
CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM dear GROUP BY customer;
"""


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with four orders."""
    topics = Topics(new_topic)
    topics.orders(1, 20, 300, 4000)
    return topics


def test_a_table_is_whole_when_it_has_settled(topics):
    """Also through a stream that another query makes, and again for what comes."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + TABLES)
        assert one.queries.settle("SUMS")
        assert frame(one, "SELECT * FROM sums;").values.tolist() == [["ann", 300], ["bob", 4020]]
        topics.add(100)
        assert one.queries.settle("SUMS")
        assert frame(one, "SELECT * FROM sums;").values.tolist() == [["ann", 400], ["bob", 4020]]


def test_nobody_waits_for_a_query_that_stands_still(topics):
    """It is said that not all is there."""
    with engine(topics, begins_anew=True) as one:
        one.execute(ORDERS + TABLES + "PAUSE ALL;")
        assert not one.queries.settle("SUMS")
        assert one.queries.settle("ORDERS")
