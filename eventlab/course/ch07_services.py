"""Chapter 07: services at a shared table, or at a view; with no more than their process needs."""

import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.services.app import Json
from eventlab.services.inside import here
from eventlab.views import SQLite, View

if TYPE_CHECKING:
    import psycopg

    from eventlab.lab.verbs import Verbs

Row = dict[str, Any]
Write = Callable[["psycopg.Connection[Any]", Row, str, str], object]
Note = Callable[[View, Row, str, str], Awaitable[object]]

# How quick a disk is, is not what the lesson measures: at a commit nobody waits for it, neither
# here nor in the log, nor in the views.
_SETTINGS = "-c lock_timeout=20s -c synchronous_commit=off"
_CATCH_UP_SECONDS = 20.0


class _Clock:
    """How long one request had to wait for its row, and how often it has done its work."""

    waited_seconds = 0.0
    works = 0


_clock: ContextVar[_Clock] = ContextVar("clock")


def worked() -> None:
    """Count that a request has done its work, for the answer of the service."""
    _clock.get().works += 1


@contextmanager
def waiting() -> Iterator[None]:
    """Count what happens inside of it as waiting, for the answer of the service."""
    clock = _clock.get()
    began = time.perf_counter()
    try:
        yield
    finally:
        clock.waited_seconds += time.perf_counter() - began


def with_connection(url: str, service: str, read: str, update: str, write: Write) -> "Connected":
    """Return a service that keeps one connection to a database open, made in its own process.

    It answers a request that writes with `write(connection, order, read, update)`, and any other
    with what the statement `read` finds.
    """
    return Connected(url, service, read, update, write)


class Connected:
    """A function of a request that has a connection; see `with_connection`."""

    def __init__(self, url: str, service: str, read: str, update: str, write: Write) -> None:
        self._url = url
        self._service = service
        self._read = read
        self._update = update
        self._write = write
        self._connection: psycopg.Connection[Any] | None = None

    async def __call__(self, request: Request) -> Row:
        """Answer one request, as an order comes after the other: its connection has one user."""
        order = await request.json()
        with _timed() as answer:
            if order["writes"]:
                answer["found"] = self._write(self._connected(), order, self._read, self._update)
            else:
                with waiting():
                    self._connected().execute(self._read.encode(), order).fetchone()
        return answer

    def _connected(self) -> "psycopg.Connection[Any]":
        if self._connection is None:
            import psycopg

            self._connection = psycopg.connect(
                self._url, autocommit=True, application_name=self._service, options=_SETTINGS
            )
        return self._connection


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
        with _timed() as answer:
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


@contextmanager
def _timed() -> Iterator[Row]:
    """Give the answer of a request, which has its times when the block has ended."""
    clock = _Clock()
    _clock.set(clock)
    answer: Row = {"began": time.time()}
    yield answer
    answer["ended"] = time.time()
    answer["waited_seconds"] = clock.waited_seconds
    answer["works"] = clock.works


def _all_rows(connection: sqlite3.Connection) -> list[Row]:
    found = connection.execute("select * from products")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]
