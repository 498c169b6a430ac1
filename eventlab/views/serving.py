"""Serve a view over HTTP: its rows, its position in a header, reads that wait for a position."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from eventlab.arguments import required_positive_number
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.views.positions import as_text, from_text
from eventlab.views.view import View

POSITION = "View-Position"
_MOST_SECONDS = 3600.0

Answer = Callable[[View, Request], Any]


class Here(Protocol):
    """What a service knows in its process: where it stands, and how it reaches Kafka from there."""

    @property
    def place(self) -> Any:
        """Return its place, whose `kafka` are settings."""


FindHere = Callable[[], Here]


class ViewApp(Starlette):
    """A starlette app with a view that lives in the process that serves it; see `app`."""

    def __init__(
        self, view: View, answer: Answer, timeout_seconds: float, here: FindHere | None = None
    ) -> None:
        self._taken = (view, answer, timeout_seconds, here)
        serving = _Serving(view, answer, timeout_seconds, here)
        route = Route("/{key:path}", serving.endpoint, methods=["GET"])
        super().__init__(routes=[route], lifespan=serving.lifespan)

    def __reduce__(self) -> tuple[Any, ...]:
        return ViewApp, self._taken

    def in_service(self, here: FindHere) -> "ViewApp":
        """Return the same app, whose view reaches Kafka as the service does that it runs in."""
        return ViewApp(*self._taken[:-1], here)


@checked
def app(view: View, answer: Answer, timeout_seconds: float = 2.0) -> ViewApp:
    """Return an app that answers each GET with `answer(view, request)`, for `lab.serve`.

    The view begins in the service's process, which takes requests when all that is in the log then
    is in the rows. What comes after the first slash is the path parameter `key`. The header
    View-Position has how far the rows were, at least ("0:17,1:4": the offset of the next record of
    each partition). A request with `?at-least=17`, or `at-least=0:17,1:4`, waits until they are so
    far, as long as `timeout_seconds`, then it is 504; 503 where the view has stopped, and 400 for
    what is no position of it.
    """
    required_positive_number("timeout_seconds", timeout_seconds, at_most=_MOST_SECONDS)
    return ViewApp(view, answer, timeout_seconds)


class _Serving:
    """What answers requests from a view."""

    def __init__(
        self, view: View, answer: Answer, timeout_seconds: float, here: FindHere | None
    ) -> None:
        self._view = view
        self._answer = answer
        self._timeout_seconds = timeout_seconds
        self._here = here

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """Have the view as long as requests are taken."""
        if self._here is not None:
            self._view = self._view.over(self._here().place.kafka)
        view = self._view
        was_alive = view.is_alive
        await asyncio.to_thread(_caught_up, view)
        try:
            yield
        finally:
            if not was_alive:
                await asyncio.to_thread(view.stop)

    async def endpoint(self, request: Request) -> Response:
        """Answer one request."""
        refusal = await self._refusal(request.query_params.get("at-least"))
        if refusal is not None:
            return refusal
        position = as_text(self._view.progress.position)  # before it is read: at least so far
        found = self._answer(self._view, request)
        if inspect.isawaitable(found):
            found = await found
        response = found if isinstance(found, Response) else _json(found)
        response.headers[POSITION] = position
        return response

    async def _refusal(self, at_least: str | None) -> Response | None:
        """Wait for a position, if one is asked for; return why there is no answer."""
        if at_least is None:
            return None
        progress = self._view.progress
        try:
            wanted = from_text(at_least, progress.position)
        except UsageError as error:
            return self._refused(400, str(error))
        if await progress.arrives(wanted, self._timeout_seconds):
            return None
        if progress.error is not None:
            return self._refused(503, str(progress.error))
        waited = f"{self._timeout_seconds:g} s"
        return self._refused(504, f"The view has not reached {at_least} within {waited}")

    def _refused(self, status: int, why: str) -> Response:
        at = as_text(self._view.progress.position)
        response = _json({"error": why, "position": at}, status)
        response.headers[POSITION] = at
        return response


def _caught_up(view: View) -> None:
    view.start()
    view.wait_for(view.end(), _MOST_SECONDS)


def _json(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")
