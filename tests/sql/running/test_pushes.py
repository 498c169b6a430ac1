"""Push queries: where they begin, and where they end."""

import pytest

from eventlab.log import Record, produce
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_a_push_query_ends_at_its_limit(shop):
    """With the rows from the first one on."""
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES LIMIT 3;")
    assert push.wait(3)
    assert push.rows == [(1,), (20,), (300,)]
    assert not push.is_alive


def test_only_what_comes_is_pushed_where_that_is_set(shop, topics):
    """auto.offset.reset is earliest, unless a statement says another."""
    shop.execute("SET 'auto.offset.reset'='latest';")
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES;")
    until(lambda: topics.add(7) or push.count > 0)
    assert set(push.rows) == {(7,)}


def test_what_cannot_be_read_is_reported(shop, topics):
    """The rest goes on."""
    produce(topics("orders"), [Record("ann", b"no json", 9000)]).require_all()
    (push,) = shop.execute("SELECT cents FROM orders EMIT CHANGES;")
    assert push.wait(4)
    until(lambda: shop.reports)
