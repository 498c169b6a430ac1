"""The services of chapter 07: at a table and at a view, each in a process of its own."""

import asyncio
from itertools import islice

import pytest

from eventlab.course.ch07_services import own_view, waiting, with_connection, with_view, worked
from eventlab.course.ch07_table import prepare
from eventlab.errors import CallError
from eventlab.events import Shop
from eventlab.services import publish

PRODUCTS = list(islice(Shop(seed=7, products=2).products(), 2))
ORDER = {"product_id": PRODUCTS[0].product_id, "quantity": 2}

pytestmark = pytest.mark.broker


def at_the_table(url, column="price_cents"):
    where = "where product_id = %(product_id)s"

    def write(connection, order, read, update):
        with connection.transaction():
            with waiting():
                (cents,) = connection.execute(read, order).fetchone()
            worked()
            connection.execute(update, order)
            return cents

    read = f"select {column} from products {where}"
    return with_connection(url, "stock", read, f"update products set stock = 7 {where}", write)


@pytest.mark.database
def test_a_service_at_the_table_writes_reads_and_says_how_it_fared(lab):
    """Its connection has its name, and a query that fails is an answer, and not its end."""
    database = prepare(lab, PRODUCTS)
    service = lab.serve("stock", at_the_table(database.url))
    answer = service.ask("/", json=ORDER | {"writes": True})
    assert answer["found"] == PRODUCTS[0].price_cents
    assert answer["ended"] >= answer["began"]
    assert answer["waited_seconds"] >= 0
    assert answer["works"] == 1
    assert "found" not in service.ask("/", json=ORDER | {"writes": False})
    assert set(database.sql("select stock from products")["stock"]) == {0, 7}
    names = database.sql("select application_name as name from pg_stat_activity")["name"]
    assert "stock" in set(names)
    database.sql("alter table products rename column price_cents to net_cents")
    with pytest.raises(CallError, match="price_cents"):
        service.ask("/", json=ORDER | {"writes": False})
    service.redeploy(at_the_table(database.url, "net_cents"))
    assert service.ask("/", json=ORDER | {"writes": True})["found"] == PRODUCTS[0].price_cents


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
