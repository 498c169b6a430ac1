"""Answers that go on until they end or their client is gone."""

import asyncio
from collections.abc import AsyncIterator, Callable

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


def _nothing() -> None:
    """Do nothing: there is nothing to end."""


class Streaming(Response):
    """Send pieces as they come; `close` is called at the end, also where the client went away.

    Starlette's own notices that only when it sends, which a query may not do for hours. Where the
    pieces are made of what the request still brings, nothing else reads it: not `is_watching`.
    """

    def __init__(
        self,
        pieces: AsyncIterator[bytes],
        media_type: str,
        close: Callable[[], object] = _nothing,
        *,
        is_watching: bool = True,
    ) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._pieces = pieces
        self._close = close
        self._is_watching = is_watching

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as ASGI has it."""
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_gone(receive) if self._is_watching else sending)
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        except OSError:  # the client is gone
            return
        finally:
            sending.cancel()
            leaving.cancel()
            self._close()

    async def _send(self, send: Send) -> None:
        begin = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(begin)
        async for piece in self._pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
