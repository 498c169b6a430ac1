"""Apps and functions that services run in tests; what is imported here they find by its name."""

import asyncio
import os
import sys
import threading
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from eventlab.services import about, call, publish


async def hello(request: Request) -> dict[str, str]:
    """Say which path was asked for."""
    return {"hello": request.url.path}


def own_pid(request: Request) -> int:
    """Say which process answers."""
    return os.getpid()


def modules(request: Request) -> list[str]:
    """Say what its process has imported."""
    return list(sys.modules)


async def asking_for_modules(request: Request) -> list[str]:
    """Say what a process has imported that has called another one."""
    await call("stock")
    return list(sys.modules)


async def echo(request: Request) -> Any:
    """Give back the body."""
    return await request.json()


def no_json(request: Request) -> PlainTextResponse:
    """Answer with what cannot be read as JSON."""
    return PlainTextResponse("no JSON")


def unwritable(request: Request) -> object:
    """Answer with what has no form in JSON."""
    return object()


def broken(request: Request) -> float:
    """Divide by nothing."""
    return 1 / 0


def dies(request: Request) -> None:
    """End the process in the middle of an answer."""
    print("dying", flush=True)
    os._exit(7)


async def endless(request: Request) -> None:
    """Never answer, but let others be answered."""
    if request.url.path == "/":
        await asyncio.Event().wait()


def blocked(request: Request) -> None:
    """Never answer, and let nobody else be answered."""
    threading.Event().wait()


async def relay(request: Request) -> Any:
    """Ask the service that is called stock."""
    return {"stock": await call("stock", request.url.path)}


async def stranger(request: Request) -> Any:
    """Ask a service that nobody has named."""
    return await call("nobody")


async def orders(request: Request) -> Any:
    """Write the body to the topic that the path names, and wait for the log."""
    await publish(request.url.path[1:], await request.json(), key="id")
    return {"written": True}


async def careless_orders(request: Request) -> Any:
    """Write the body to the topic that the path names, and do not wait."""
    await publish(request.url.path[1:], await request.json(), acknowledged=False)
    return {"written": "perhaps"}


class Version:
    """Answer with a number, and tell who has answered."""

    def __init__(self, number: int) -> None:
        self.number = number

    async def __call__(self, request: Request) -> int:
        return self.number


class Unloadable:
    """What cannot be unpickled in the process of a service."""

    def __reduce__(self) -> Any:
        return (_fail, ())

    def __call__(self, request: Request) -> None:
        """Never called."""


def _fail() -> None:
    raise LookupError("not to be had here")


class Exits:
    """What ends the process where it is unpickled, without a word."""

    def __reduce__(self) -> Any:
        return (os._exit, (5,))

    def __call__(self, request: Request) -> None:
        """Never called."""


@asynccontextmanager
async def _no_start(app: Starlette) -> Any:
    raise LookupError("no database")
    yield


@asynccontextmanager
async def _exit_at_start(app: Starlette) -> Any:
    raise SystemExit("not today")
    yield


@asynccontextmanager
async def _said(app: Starlette) -> Any:
    print("begins", flush=True)
    yield
    print("ends", flush=True)


def starlette_app(lifespan: Any = _said) -> Starlette:
    """Return an app that knows two paths."""
    return Starlette(routes=[Route("/known", _known), Route("/broken", _broken)], lifespan=lifespan)


async def _known(request: Request) -> PlainTextResponse:
    return PlainTextResponse('"known"')


async def _broken(request: Request) -> PlainTextResponse:
    raise LookupError("broken on its way")


no_start = _no_start
exit_at_start = _exit_at_start


async def front_end(request: Request) -> Any:
    """Take an order, and let the log have it."""
    order = await request.json()
    await publish("orders", order, key="id")
    return {"accepted": order["id"]}


async def chain(request: Request) -> Any:
    """Say what it is about, and ask the service that is called stock."""
    about(request.url.path[1:])
    return await call("stock", request.url.path)


# -- of events ------------------------------------------------------------------------------------


def ship(order: dict[str, Any]) -> dict[str, Any]:
    """Answer each order with one event."""
    return {"id": order["id"], "shipped": True}


def twice(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Answer each order with two events."""
    return [ship(order), ship(order)]


def nothing(order: dict[str, Any]) -> None:
    """Answer with no event."""


def ship_but_seven(order: dict[str, Any]) -> dict[str, Any]:
    """Fail at the order 7."""
    if order["id"] == 7:
        raise LookupError("seven is out of stock")
    return ship(order)


async def ship_from_stock(order: dict[str, Any]) -> dict[str, Any]:
    """Ask the service that is called stock first."""
    return ship(order) | {"stock": await call("stock", "/tea")}


async def stop_at_seven(order: dict[str, Any]) -> dict[str, Any]:
    """Never come to an end with the order 7."""
    if order["id"] == 7:
        await asyncio.Event().wait()
    return ship(order)


async def unhurried(order: dict[str, Any]) -> dict[str, Any]:
    """Take a tenth of a second for each."""
    await asyncio.sleep(0.1)
    return ship(order)


def copied(event):
    """Answer an event with itself."""
    return event
