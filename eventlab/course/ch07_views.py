"""Chapter 07: services with a view of their own; with no more than their process needs."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.course.ch07_services import Row, timed, waiting
from eventlab.services.app import Json
from eventlab.services.inside import here
from eventlab.views import SQLite, View

if TYPE_CHECKING:
    from eventlab.lab.verbs import Verbs

Note = Callable[[View, Row, str, str], Awaitable[object]]

_CATCH_UP_SECONDS = 20.0


def own_view(lab: "Verbs", name: str, price: str, topic: str) -> View:
    """Return the view of one service, which has not begun: the prices, and amounts of its own.

    It puts in the prices of the topic `products`, whatever its own column for them is called, and
    adds the amounts of its `topic`.
    """

    def put(rows: sqlite3.Cursor, product: Row) -> None:
        rows.execute(
            "insert into products values (:product_id, :price_cents, 0)"
            f" on conflict do update set {price} = :price_cents",
            product,
        )

    def add(rows: sqlite3.Cursor, change: Row) -> None:
        rows.execute(
            "insert into products values (:product_id, null, :amount)"
            " on conflict do update set amount = amount + :amount",
            change,
        )

    table = SQLite(f"create table products (product_id primary key, {price}, amount)")
    folds = {lab.topic("products"): put, lab.topic(topic): add}
    return View(lab.name(f"{name}.{price}"), folds, store=table)


def with_view(view: View, topic: str, read: str, note: Note) -> Starlette:
    """Return an app with a view that lives in its process.

    It answers a request that writes with `await note(view, order, read, topic)`, any other with
    what the statement `read` finds, and a GET with all rows, when all that is in the log is in
    them.
    """
    own: list[View] = []

    async def answer_order(request: Request) -> Response:
        order = await request.json()
        with timed() as answer:
            if order["writes"]:
                answer["found"] = await note(own[0], order, read, topic)
            else:
                with waiting():
                    own[0].read(lambda rows: rows.execute(read, order).fetchone())
        return Json(answer)

    async def answer_all(_request: Request) -> Response:
        await own[0].reaches(own[0].end(), _CATCH_UP_SECONDS)
        return Json(own[0].read(_all_rows))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        here().take_answers()
        own.append(view.over(here().place.kafka))
        with own[0] as started:
            await started.reaches(started.end(), _CATCH_UP_SECONDS)
            yield

    routes = [Route("/", answer_order, methods=["POST"]), Route("/", answer_all, methods=["GET"])]
    return Starlette(routes=routes, lifespan=lifespan)


def _all_rows(connection: sqlite3.Connection) -> list[Row]:
    found = connection.execute("select * from products")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
