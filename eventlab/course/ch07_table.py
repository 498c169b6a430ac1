"""Chapter 07: the table that all share, what both designs have, and what is to come out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.database import Database
from eventlab.events import Order, Product
from eventlab.lab.verbs import Verbs
from eventlab.services import HttpService

SERVICES = ["catalogue", "stock", "sales", "shipping"]

SHARED = "shared table"
OWN = "own views"
DESIGNS = [SHARED, OWN]

Amounts = dict[str, int]


@dataclass(frozen=True)
class Both:
    """Two designs that handle the same orders: services at a shared table, and at own views."""

    names: Sequence[str]
    products: Sequence[Product]
    database: Database
    shared: Sequence[HttpService]
    own: Sequence[HttpService]

    def services(self, design: str) -> Sequence[HttpService]:
        """Return the services of one design."""
        return self.shared if design == SHARED else self.own

    def wrong(self, orders: Mapping[str, Iterable[Order]]) -> int:
        """Return how many amounts, in both designs, are not what the shop's own list says.

        `orders` are those that each service has written.
        """
        table: list[Any] = self.database.sql("select * from products").to_dict("records")
        wrong = 0
        for name, own in zip(self.names, self.own, strict=True):
            right = amounts(self.products, orders[name])
            wrong += _wrong(table, name, right) + _wrong(own.ask("/"), "amount", right)
        return wrong


def both(
    lab: Verbs,
    products: Sequence[Product],
    database: Database,
    table: Mapping[str, Any],
    views: Mapping[str, Any],
) -> Both:
    """Start the services of both designs, given as apps by their names: each is a process."""
    shared = [lab.serve(f"{name}, shared", app, traced=False) for name, app in table.items()]
    own = [lab.serve(f"{name}, own", app, traced=False) for name, app in views.items()]
    return Both(list(table), products, database, shared, own)


def prepare(lab: Verbs, products: Sequence[Product]) -> Database:
    """Return a database with the table of products in it; make the topics, the products too.

    The table has a column for each service.
    """
    lab.produce(products, into=lab.new_topic("products"), key="product_id")
    for name in SERVICES:
        lab.new_topic(name)
    return fill(lab.new_database(), products)


def fill(database: Database, products: Sequence[Product]) -> Database:
    """Make the table of products, with a column for each service, and put the products in."""
    columns = ", ".join(f"{name} bigint not null default 0" for name in [*SERVICES, "version"])
    database.sql(f"create table products (product_id text primary key, price_cents int, {columns})")
    with database.connect(autocommit=True) as connection:
        connection.cursor().executemany(
            "insert into products values (%s, %s)",
            [(product.product_id, product.price_cents) for product in products],
        )
    return database


def is_written(number: int, percent: int) -> bool:
    """Tell whether the order of this number is one of those that are written, of each hundred."""
    return (number + 1) * percent // 100 > number * percent // 100


def amounts(products: Iterable[Product], orders: Iterable[Order]) -> Amounts:
    """Return what orders come to for each product."""
    prices = {product.product_id: product.price_cents for product in products}
    found = dict.fromkeys(prices, 0)
    for order in orders:
        found[order.product_id] += prices[order.product_id] * order.quantity
    return found


def _wrong(rows: Iterable[dict[str, Any]], column: str, right: Amounts) -> int:
    found = {row["product_id"]: row[column] for row in rows}
    return sum(found.get(product, 0) != amount for product, amount in right.items())
