"""Chapter 07: services at a shared table; with no more than their process needs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

if TYPE_CHECKING:
    import psycopg


Row = dict[str, Any]
Write = Callable[["psycopg.Connection[Any]", Row, str, str], object]

# How quick a disk is, is not what the lesson measures: at a commit nobody waits for it, neither
# here nor in the log, nor in the views.
_SETTINGS = "-c lock_timeout=20s -c synchronous_commit=off"


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
        with timed() as answer:
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


@contextmanager
def timed() -> Iterator[Row]:
    """Give the answer of a request, which has its times when the block has ended."""
    clock = _Clock()
    _clock.set(clock)
    answer: Row = {"began": time.time()}
    yield answer
    answer["ended"] = time.time()
    answer["waited_seconds"] = clock.waited_seconds
    answer["works"] = clock.works
