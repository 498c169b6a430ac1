"""A link and its target in a test's own event loop."""

import asyncio
import socket
import struct
from collections.abc import Callable

from eventlab.services.addresses import Address
from eventlab.services.doors import Door, KafkaDoor
from eventlab.services.proxy import Forward

PATIENCE_SECONDS = 20

Pair = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Place:
    """A link in this loop, and a target that gives its connections out."""

    def __init__(self, *, is_kafka: bool = False) -> None:
        self._is_kafka = is_kafka
        self.accepted: asyncio.Queue[Pair] = asyncio.Queue()

    async def __aenter__(self) -> "Place":
        self.target = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=1_000)
        target = Address(*self.target.sockets[0].getsockname())
        self.forward = Forward("a")
        kind = KafkaDoor if self._is_kafka else Door
        self.door = kind(0, self.forward, [target])
        self.door.listen()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.door.refuse()
        self.forward.break_off()
        self.target.close()

    @property
    def port(self) -> int:
        return self.door.number

    async def pair(self) -> tuple[Pair, Pair]:
        """Return a connection of a client, and what the target sees of it."""
        client = await self.client()
        return client, await self.accepted.get()

    async def client(self) -> Pair:
        return await asyncio.open_connection("127.0.0.1", self.port, limit=1_000)

    async def _accept(self, reader, writer) -> None:
        await self.accepted.put((reader, writer))


async def until(condition: Callable[[], bool]) -> None:
    """Let the others run until something is so; the whole test has a deadline."""
    while not condition():
        await asyncio.sleep(0)


def break_off(writer: asyncio.StreamWriter) -> None:
    """Reset a connection."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def sent(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
