"""Tables that are followed, for those who ask what they are now."""

import pytest

from eventlab.log import Record, produce
from tests.sql.engines import SUMS, until_rows

pytestmark = pytest.mark.broker


def test_a_table_goes_on_with_what_comes(shop, topics):
    """A pull query sees it without being told."""
    shop.execute(SUMS)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 301), ("bob", 4020)])
    topics.add(5)
    until_rows(shop, "SELECT * FROM sums;", [("ann", 306), ("bob", 4020)])


def test_a_table_that_is_replaced_is_read_by_its_new_columns(shop, topics):
    """Also where it was looked at before."""
    prices = (
        "CREATE OR REPLACE TABLE prices (good STRING PRIMARY KEY, {})"
        " WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', PARTITIONS=1);"
    )
    shop.execute(prices.format("cents INT"))
    produce(topics("prices"), [Record("tea", b'{"CENTS": 5, "NAME": "Tea"}', 1)]).require_all()
    until_rows(shop, "SELECT * FROM prices;", [("tea", 5)])
    shop.execute(prices.format("name STRING"))
    until_rows(shop, "SELECT * FROM prices;", [("tea", "Tea")])


def test_columns_are_added_to_a_table(shop, topics):
    """A pull query shows them at once."""
    shop.execute(
        "CREATE TABLE names (k STRING PRIMARY KEY, name STRING)"
        " WITH (KAFKA_TOPIC='names', VALUE_FORMAT='JSON', PARTITIONS=1);"
        "INSERT INTO names VALUES ('a', 'Ann');"
    )
    until_rows(shop, "SELECT * FROM names;", [("a", "Ann")])
    shop.execute("ALTER TABLE names ADD age INT; INSERT INTO names VALUES ('b', 'Bob', 7);")
    until_rows(shop, "SELECT name, age FROM names WHERE k = 'b';", [("Bob", 7)])
    until_rows(shop, "SELECT age IS NULL AS a FROM names WHERE k = 'a';", [(True,)])
