"""What stands between a server and its app: what every request is held to."""

import asyncio
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from eventlab.sql.server.refusals import FORBIDDEN, Refusal
from eventlab.sql.server.wire_values import encode

_OWN_NAMES = ("localhost", "127.0.0.1")


class PathAlone:
    """Take the path of a request that names the whole URL, as HTTP lets clients do."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        if scope["type"] == "http" and not scope["path"].startswith("/"):
            scope["path"] = urlsplit(scope["path"]).path
        await self._app(scope, receive, send)


class OwnPagesOnly:
    """Refuse what a page of another site lets a browser ask: it would run as the user."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        origin = Headers(scope=scope).get("origin") if scope["type"] == "http" else None
        if origin is None or urlsplit(origin).hostname in _OWN_NAMES:
            await self._app(scope, receive, send)
            return
        refused = Refusal(FORBIDDEN, f"A page of {origin} may not ask here")
        answer = Response(encode(refused.fields), refused.status, media_type="application/json")
        await answer(scope, receive, send)


class EndsWithServer:
    """Let a request that has not come whole be over at the server's end, as if its client went.

    An open `/inserts-stream` would be waited for, and then cut off in the middle.
    """

    def __init__(self, app: ASGIApp, ending: asyncio.Event) -> None:
        self._app = app
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        is_whole = scope["type"] != "http"

        async def received() -> Message:
            nonlocal is_whole
            if is_whole:  # its answer may go on: that of a push query ends by itself
                return await receive()
            message = await self._coming(receive)
            is_whole = not message.get("more_body", False)
            return message

        await self._app(scope, received, send)

    async def _coming(self, receive: Receive) -> Message:
        coming = asyncio.ensure_future(receive())
        ending = asyncio.ensure_future(self._ending.wait())
        try:
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else {"type": "http.disconnect"}
        finally:
            coming.cancel()
            ending.cancel()
