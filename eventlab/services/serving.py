"""Serve an app with uvicorn, in whatever process or thread: on a socket that somebody has bound."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp, Receive, Scope, Send

from eventlab.errors import DeliveryError
from eventlab.services import inside
from eventlab.services.app import as_app
from eventlab.services.ports import prefer_newest
from eventlab.services.reporting import Reports

_ARRIVING_SECONDS = 0.02
_ARRIVING_TURNS = 25
_LAST_REQUESTS_SECONDS = 1
_LAST_EVENTS_SECONDS = 2.0


class Serving:
    """Serve an app until `stop`, which any thread may call; requests under way are answered."""

    def __init__(self, thing: Any, place: inside.Place, reports: Reports) -> None:
        self._here = inside.Here(place)
        self._reports = reports
        app = self._here.recording.traced(as_app(thing, reports.trouble))
        self._app = _InContext(app, self._here)
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
        except SystemExit:  # uvicorn's own, of an app that has not started
            if self._app.start_error is None:
                raise
            raise self._app.start_error from None
        finally:
            try:
                await asyncio.to_thread(self._here.require_written, _LAST_EVENTS_SECONDS)
            except DeliveryError as error:
                self._reports.trouble(error)
            await self._here.close()


class _Server(uvicorn.Server):
    """uvicorn's own, which says when it takes requests, and at its end takes those that wait."""

    def __init__(self, config: uvicorn.Config, *, on_started: Callable[[], object]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)  # from here on they listen
        for listener in sockets or []:
            prefer_newest(listener)
        self._on_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # The system has accepted connections that nobody has looked at yet. To close the listener
        # would reset them, though another process may listen on the same port by now.
        waiting = [one for listener in sockets or [] for one in _waiting(listener)]
        for server in self.servers:
            server.close()
        loop = asyncio.get_running_loop()
        for connection in waiting:
            await loop.connect_accepted_socket(self._protocol, connection)
        await self._let_requests_arrive()
        await super().shutdown(sockets)

    async def _let_requests_arrive(self) -> None:
        """Wait a moment for who is connected and has not asked yet: uvicorn would close it."""
        for _ in range(_ARRIVING_TURNS):
            await asyncio.sleep(_ARRIVING_SECONDS)
            if all(getattr(one, "cycle", one) for one in self.server_state.connections):
                return

    def _protocol(self) -> asyncio.Protocol:
        kind: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = kind(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol


def _waiting(listener: socket.socket) -> Iterator[socket.socket]:
    """Yield the connections that wait to be accepted."""
    listener.setblocking(False)
    with suppress(BlockingIOError):
        while True:
            yield listener.accept()[0]


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
        except BaseException as error:  # SystemExit too, which uvicorn keeps to itself
            if scope["type"] == "lifespan":
                self.start_error = error
            raise
