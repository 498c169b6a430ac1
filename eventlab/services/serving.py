"""Serve an app with uvicorn, in whatever process or thread: on a socket that somebody has bound."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from eventlab.services import inside
from eventlab.services.app import as_app
from eventlab.services.reporting import Reports

_LAST_REQUESTS_SECONDS = 1
_LAST_EVENTS_SECONDS = 2.0


class Serving:
    """Serve an app until `stop`, which any thread may call; requests under way are answered."""

    def __init__(self, thing: Any, place: inside.Place, reports: Reports) -> None:
        self._here = inside.Here(place)
        self._app = _InContext(as_app(thing, reports.trouble), self._here)
        config = uvicorn.Config(
            self._app,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
        )
        self._server = _Server(config, on_started=reports.ready)

    def run(self, listener: socket.socket) -> None:
        """Serve on this socket; return after a stop. Raises what the app raised at its start."""
        uvloop.run(self._serve(listener))

    def stop(self) -> None:
        """Let it end."""
        self._server.should_exit = True

    async def _serve(self, listener: socket.socket) -> None:
        try:
            await self._server.serve(sockets=[listener])
        finally:
            await self._here.close()
        await asyncio.to_thread(self._here.flush, _LAST_EVENTS_SECONDS)
        if not self._server.has_started and self._app.start_error is not None:
            raise self._app.start_error


class _Server(uvicorn.Server):
    """uvicorn's own, which says when it takes requests."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_started = on_started
        self.has_started = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started = self.started
        if self.started:
            self._on_started()


class _InContext:
    """An app that knows where it runs, and remembers why it did not start."""

    def __init__(self, app: ASGIApp, here: inside.Here) -> None:
        self._app = app
        self._here = here
        self.start_error: BaseException | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        inside.enter(self._here)
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "lifespan":
                self.start_error = error
            raise
