"""A small HTTP service in a thread, which does what its path says."""

import asyncio
import threading
from collections import Counter


class HttpService:
    """Answer on a port of its own, and count: `/200` and the like, `/hang`, `/reset`."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.heads: list[str] = []
        self.connections = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def url(self, path: str) -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def start(self) -> "HttpService":
        """Listen."""
        self._thread.start()
        self._ready.wait()
        return self

    def stop(self) -> None:
        """Close the port, and what was opened to it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _run(self) -> None:
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1000)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._answer(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = head.split(" ", 2)
        length = head.lower().partition("content-length: ")[2].split("\r", 1)[0] or "0"
        body = await reader.readexactly(int(length))
        self.requests[f"{method} {path}"] += 1
        self.heads.append(head)
        self.bodies.append(body)
        if path == "/hang":
            await asyncio.Event().wait()
        if path == "/reset":
            writer.transport.abort()
            return False
        writer.write(f"HTTP/1.1 {path[1:]} Some\r\ncontent-length: 2\r\n\r\n{{}}".encode())
        await writer.drain()
        return True
