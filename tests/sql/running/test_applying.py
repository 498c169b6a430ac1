"""What statements do beside the catalog, and what stays where that cannot be done."""

import pytest

from eventlab.errors import EventlabError
from eventlab.log import read
from tests.sql.engines import SUMS, frame, until_rows

pytestmark = pytest.mark.broker


def test_one_row_is_inserted(shop, topics):
    """It is in the topic when the statement has answered."""
    (said,) = shop.execute("INSERT INTO orders (customer, good, cents) VALUES ('eve', 'milk', 9);")
    assert str(said) == "One row was written to ORDERS"
    assert read(topics("orders")).events["CENTS"].iloc[-1] == 9


def test_what_cannot_be_replaced_stays_as_it_was(shop):
    """The table, its query and its rows: a replacement without a topic changes nothing."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    before = dict(shop.catalog.sources)
    for text in (
        "CREATE OR REPLACE STREAM orders (good STRING)"
        " WITH (KAFKA_TOPIC='nowhere', VALUE_FORMAT='JSON');",
        "CREATE OR REPLACE TABLE sums WITH (PARTITIONS=1000000)"
        " AS SELECT customer, COUNT(*) AS n FROM orders GROUP BY customer;",
    ):
        with pytest.raises(EventlabError):
            shop.execute(text)
        assert shop.catalog.sources == before
    assert list(frame(shop, "SHOW QUERIES;").QUERY_ID) == ["CTAS_SUMS_1"]
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])


def test_what_is_dropped_ends_the_query_that_made_it(shop, topics):
    """With its topic where that is said; also where that is gone by now."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    (query,) = shop.queries.values()
    shop.execute("DROP TABLE sums DELETE TOPIC;")
    assert query.state == "ended"
    assert frame(shop, "SHOW QUERIES;").empty
    assert not topics("SUMS").exists
    shop.execute(SUMS)
    topics("SUMS").delete()
    shop.execute("DROP TABLE sums DELETE TOPIC;")
    assert frame(shop, "SHOW TABLES;").empty


def test_columns_are_added_to_a_stream(shop, topics):
    """Queries that stand go on without them, later ones have them."""
    shop.execute(SUMS)
    (said,) = shop.execute("ALTER STREAM orders ADD COLUMN note STRING, ADD weight DOUBLE;")
    assert str(said) == "The stream ORDERS has the column NOTE, WEIGHT now"
    shop.execute("INSERT INTO orders (customer, cents, note) VALUES ('ann', 9, 'soon');")
    until_rows(shop, "SELECT * FROM sums;", [("ann", 310), ("bob", 4020)])
    (push,) = shop.execute("SELECT note FROM orders WHERE cents < 10 EMIT CHANGES LIMIT 2;")
    assert push.wait(2)
    assert push.rows == [(None,), ("soon",)]
