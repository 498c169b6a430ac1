"""Chapter 08: a data service, and what a report makes of its answers.

It has no more imports than the processes of the services need.
"""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from starlette.requests import Request
from starlette.routing import compile_path

from eventlab.services import call
from eventlab.services.app import Json
from eventlab.views import SQLite, SQLiteRows, View
from eventlab.views.serving import ViewApp, app

Row = dict[str, Any]

MOST_IDS = 20  # with one call
_NOT_FOUND = 404

TABLES = SQLite("""
create table customers(customer_id text primary key, name text, level text, country text);
create table products(product_id text primary key, name text, category text);
create table orders(order_id text primary key, customer_id text, product_id text, cents integer);
""")


def keep_customer(rows: Any, event: Row) -> None:
    """Keep the newest row of a customer."""
    rows.execute("replace into customers values (:customer_id, :name, :level, :country)", event)


def keep_product(rows: Any, event: Row) -> None:
    """Keep the newest row of a product."""
    rows.execute("replace into products values (:product_id, :name, :category)", event)


def keep_order(rows: Any, event: Row) -> None:
    """Keep an order."""
    rows.execute(
        "insert into orders values (:order_id, :customer_id, :product_id, :amount_cents)", event
    )


FOLDS = {"customers": keep_customer, "products": keep_product, "orders": keep_order}


def data_service(database: View, endpoints: Mapping[str, str]) -> ViewApp:
    """Return the app of a database in SQLite with an endpoint for each of some queries.

    Each endpoint is a path, "/customers/{ids}", with its query. What stands in the braces is the
    query's parameter; `ids` are up to 20, with commas between, and arrive as a list in JSON. What
    follows the question mark of a request are parameters too. The path "/" lists the endpoints, and
    tells how many calls they had and how many rows they have sent.
    """
    return app(database, Endpoints(endpoints))


class Endpoints:
    """Answer a request with the rows of the query that belongs to its path."""

    def __init__(self, endpoints: Mapping[str, str]) -> None:
        self._queries = dict(endpoints)
        self._patterns = {path: compile_path(path)[0] for path in endpoints}
        self._calls = 0
        self._rows = 0

    def __call__(self, database: View, request: Request) -> Any:
        """Return the rows, each as a dict, or a response that says no."""
        path = f"/{request.path_params['key']}"
        if path == "/":
            endpoints = list(self._queries)
            return {"endpoints": endpoints, "calls": self._calls, "rows": self._rows}
        self._calls += 1
        try:
            found = database.read(lambda rows: self.answer(rows, path, request.query_params))
        except Refused as refusal:
            return Json({"error": str(refusal)}, refusal.status)
        self._rows += len(found)
        return found

    def answer(self, rows: Any, path: str, more: Mapping[str, str]) -> list[Row]:
        """Return what an endpoint has, over a connection of sqlite3. Raises Refused."""
        for endpoint, pattern in self._patterns.items():
            found = pattern.fullmatch(path)
            if found:
                given = parameters(found.groupdict() | dict(more))
                return asked(rows, self._queries[endpoint], given)
        raise Refused(f"There is no endpoint {path}", _NOT_FOUND)


class Refused(Exception):
    """What the data service does not do; `status` is that of its answer."""

    def __init__(self, why: str, status: int) -> None:
        super().__init__(why)
        self.status = status


def parameters(given: Mapping[str, str]) -> Row:
    """Return the parameters of a query: numbers as numbers, and `ids` as a list in JSON.

    Raises Refused for more ids than a call may have.
    """
    found: Row = {
        name: int(text) if re.fullmatch(r"-?\d+", text) else text for name, text in given.items()
    }
    if "ids" in given:
        ids = given["ids"].split(",")
        if len(ids) > MOST_IDS:
            raise Refused(f"{len(ids)} ids with one call are too many: at most {MOST_IDS}", 400)
        found["ids"] = json.dumps(ids)
    return found


def asked(rows: Any, query: str, given: Mapping[str, Any]) -> list[Row]:
    """Return the rows that a query finds over a connection of sqlite3, each as a dict."""
    cursor = rows.execute(query, given)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


# Where reports find what they add up by: the table, and the key that orders have.
WHERE = {
    "level": ("customers", "customer_id"),
    "country": ("customers", "customer_id"),
    "category": ("products", "product_id"),
}


# -- what a report does with the answers ----------------------------------------------------------


def paths(table: str, ids: Iterable[str], at_once: int) -> list[str]:
    """Return the paths that ask for the rows of some ids, so many with each call; each id once."""
    each = sorted(set(ids))
    groups = [each[first : first + at_once] for first in range(0, len(each), at_once)]
    return [f"/{table}/{','.join(group)}" for group in groups]


def totals(orders: Iterable[Row], answers: Sequence[Sequence[Row]], key: str, field: str) -> Row:
    """Return the cents of the orders, added up by a field of the rows that they name by a key."""
    field_of = {row[key]: row[field] for rows in answers for row in rows}
    sums: Counter[str] = Counter()
    for order in orders:
        sums[field_of[order[key]]] += order["cents"]
    return dict(sums)


# -- the service that makes the reports -----------------------------------------------------------

ONE_BY_ONE = "one by one"
IN_BATCHES = "in batches"
BY_ENDPOINT = "by an endpoint of its own"
FROM_VIEW = "from our view"

ByCalls = Callable[[str, int], Awaitable[Row]]


def reporting(by_calls: ByCalls, query: Callable[[str], str], view: View) -> Any:
    """Return a service that makes a report of a `field`, in the `way` that a request names.

    `query(field)` is the report's query of a view in SQLite, which is built here; returns when all
    that is in the log now is in it.
    """
    view.wait_for(view.end())
    ours = SQLiteRows(view.folder)

    async def by_endpoint(field: str) -> Row:
        rows = await call("data", f"/sales-by-{field}")
        return {row[field]: row["cents"] for row in rows}

    def from_view(field: str) -> Row:
        return ours.read(lambda rows: dict(rows.execute(query(field)).fetchall()))

    async def report(request: Request) -> Row:
        wanted = await request.json()
        field = wanted["field"]
        if wanted["way"] == FROM_VIEW:
            return from_view(field)
        if wanted["way"] == BY_ENDPOINT:
            return await by_endpoint(field)
        return await by_calls(field, 1 if wanted["way"] == ONE_BY_ONE else MOST_IDS)

    return report


# -- the open orders -----------------------------------------------------------------------------

OPEN_ORDERS = SQLite(
    "create table open_orders"
    "(order_id text primary key, cents integer, state text, changed_at text)"
)
# The same table in the data service, whose team has its database write down every change.
NUMBERED = SQLite(
    OPEN_ORDERS.schema
    + """;
create table changes(
    number integer primary key autoincrement, order_id text, cents integer, state text);
create trigger placed after insert on open_orders begin
    insert into changes(order_id, cents, state) values (new.order_id, new.cents, new.state);
end;
create trigger changed after update on open_orders begin
    insert into changes(order_id, cents, state) values (new.order_id, new.cents, new.state);
end;
create trigger closed after delete on open_orders begin
    insert into changes(order_id, cents, state) values (old.order_id, old.cents, 'gone');
end;
"""
)
_PLACED = "insert into open_orders values (:order_id, :amount_cents, 'unpaid', :at)"
_PAID = "update open_orders set state = 'paid', changed_at = :at where order_id = :order_id"
_CLOSED = "delete from open_orders where order_id = :order_id"
_QUERIES = {"order": _PLACED, "payment": _PAID, "shipment": _CLOSED, "order_cancelled": _CLOSED}


def keep_open(rows: Any, event: Row) -> None:
    """Keep the orders that are open: neither sent nor cancelled."""
    rows.execute(_QUERIES[event["type"]], event)
