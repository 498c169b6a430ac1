"""The services of chapter 07: at a table, each in a process of its own."""

from itertools import islice

import pytest

from eventlab.course.ch07_services import waiting, with_connection, worked
from eventlab.course.ch07_table import prepare
from eventlab.errors import CallError
from eventlab.events import Shop

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
