"""The table that all share, and what has to come out in both designs."""

from itertools import islice

import pytest

from eventlab.course.ch07_table import (
    OWN,
    SERVICES,
    SHARED,
    amounts,
    both,
    fill,
    is_written,
    prepare,
)
from eventlab.events import Shop
from tests.course import shops
from tests.course.shops import PRODUCTS, Database, Service


def test_amounts_are_prices_times_quantities():
    """A product that nobody has ordered comes to nothing."""
    assert amounts(PRODUCTS, shops.orders("p2", "p2")) == {"p1": 0, "p2": 40}


@pytest.mark.parametrize(("percent", "written"), [(0, 0), (25, 10), (50, 20), (100, 40)])
def test_so_many_of_a_hundred_orders_are_written(percent, written):
    """Spread over all of them."""
    found = [is_written(number, percent) for number in range(40)]
    assert sum(found) == written
    assert sum(found[:20]) == written / 2


def test_what_is_wrong_is_counted_in_both_designs():
    """By service and product, against the orders that the service has written."""
    rows = [{"product_id": "p1", "stock": 10}, {"product_id": "p2", "stock": 20}]
    stock = Service("stock, own")
    stock.rows = [{"product_id": "p2", "amount": 40}]
    designs = shops.both([Service("stock, shared")], [stock], Database(rows=rows))
    assert designs.wrong({"stock": shops.orders("p1", "p2")}) == 2  # both products of the view
    assert designs.wrong({"stock": shops.orders("p2", "p2")}) == 2  # and of the table
    assert designs.services(SHARED)[0].name == "stock, shared"
    assert designs.services(OWN) == [stock]


@pytest.mark.broker
@pytest.mark.database
def test_the_table_has_a_column_for_each_service_and_all_products(lab):
    """Made again it is new, and the topics are empty but for the products."""
    products = list(islice(Shop(seed=7, products=3).products(), 3))
    prepare(lab, products)
    database = prepare(lab, products)
    rows = database.sql("select * from products order by product_id")
    assert {*SERVICES, "price_cents", "version"} < set(rows.columns)
    assert list(rows["product_id"]) == sorted(one.product_id for one in products)
    assert not rows[SERVICES].any(axis=None)
    assert len(lab.read("products")) == 3
    assert lab.topic("stock").end_offsets() == {0: 0}
    other = fill(lab.new_database("other"), products)
    assert len(other.sql("select * from products")) == 3


def test_each_service_is_started_with_its_name():
    """In both designs, and none is traced."""
    started = []

    def serve(name, app, *, traced):
        started.append((name, app, traced))
        return Service(name)

    lab = shops.lab()
    lab.serve = serve
    made = both(lab, PRODUCTS, Database(), {"stock": "app"}, {"stock": "own app"})
    assert started == [("stock, shared", "app", False), ("stock, own", "own app", False)]
    assert made.names == ["stock"]
