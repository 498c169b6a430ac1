"""The services of chapter 07 with views of their own, each in a process of its own."""

import asyncio
from itertools import islice

import pytest

from eventlab.course.ch07_services import waiting
from eventlab.course.ch07_views import own_view, with_view
from eventlab.events import Shop
from eventlab.services import publish

PRODUCTS = list(islice(Shop(seed=7, products=2).products(), 2))
ORDER = {"product_id": PRODUCTS[0].product_id, "quantity": 2}

pytestmark = pytest.mark.broker


def at_its_view(lab, price="price_cents"):
    async def note(view, order, read, topic):
        with waiting():
            [(cents, _)] = view.read(lambda rows: rows.execute(read, order))
        await asyncio.sleep(0)
        await publish(topic, {"product_id": order["product_id"], "amount": 3}, key="product_id")
        return cents

    read = f"select {price}, amount from products where product_id = :product_id"
    return with_view(own_view(lab, "stock", price, topic="stock"), "stock", read, note)


def test_a_service_with_a_view_has_what_was_published_and_its_own_column(lab):
    """Renamed inside, it answers as before: what it reads comes from the log."""
    lab.produce(PRODUCTS, into=lab.new_topic("products"), key="product_id")
    lab.new_topic("stock")
    service = lab.serve("stock", at_its_view(lab))
    assert service.ask("/", json=ORDER | {"writes": True})["found"] == PRODUCTS[0].price_cents
    assert "found" not in service.ask("/", json=ORDER | {"writes": False})
    rows = {row["product_id"]: row for row in service.ask("/")}
    assert [rows[product.product_id]["amount"] for product in PRODUCTS] == [3, 0]
    service.redeploy(at_its_view(lab, "net_cents"))
    rows = {row["product_id"]: row for row in service.ask("/")}
    assert rows[PRODUCTS[0].product_id] == {
        "product_id": PRODUCTS[0].product_id,
        "net_cents": PRODUCTS[0].price_cents,
        "amount": 3,
    }
