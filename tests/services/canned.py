"""A server whose answers are known beforehand, and which counts the calls."""

import asyncio
from collections.abc import Sequence
from typing import Self

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue"
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy"
GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
TEXT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno"
RESET = b""
SILENCE = None


class Canned:
    """Answer each call with the next of `answers`, and from then on with the last."""

    def __init__(self, *answers: bytes | None) -> None:
        self.calls: list[bytes] = []
        self.arrived = asyncio.Event()
        self._answers: Sequence[bytes | None] = answers
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                break
            _, has_body, rest = head.lower().partition(b"content-length: ")
            length = int(rest.split(b"\r\n")[0]) if has_body else 0
            self.calls.append(head + await reader.readexactly(length))
            self.arrived.set()
            answer = self._answers[min(len(self.calls), len(self._answers)) - 1]
            if answer is SILENCE:
                await asyncio.Event().wait()
            if answer == RESET:
                break
            writer.write(answer)
        writer.close()
