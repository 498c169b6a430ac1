import asyncio

from eventlab.sql.server.answering import Streaming
from tests.looping import run as run_loop


class Client:
    """A client that leaves when it has got so many pieces."""

    def __init__(self, patience):
        self._patience = patience
        self._has_enough = asyncio.Event()
        self.got = []

    async def send(self, message):
        if message["type"] == "http.response.body":
            self.got.append(message["body"])
        if len(self.got) >= self._patience:
            self._has_enough.set()

    async def receive(self):
        await self._has_enough.wait()
        return {"type": "http.disconnect"}


async def for_ever():
    """Yield a piece, and then nothing, as a query of a silent topic does."""
    yield b"one"
    await asyncio.Event().wait()


async def two():
    """Yield two pieces."""
    yield b"one"
    yield b"two"


def answered(pieces, patience):
    """Return what the client got, and how often the answer was closed."""
    closed = []

    async def run():
        client = Client(patience)
        response = Streaming(pieces, "text/plain", lambda: closed.append(1))
        await response({"type": "http"}, client.receive, client.send)
        return client.got

    return run_loop(run()), len(closed)


def test_all_pieces_come_and_then_it_is_closed():
    """With an empty one at the end, as ASGI has it."""
    assert answered(two(), patience=9) == ([b"one", b"two", b""], 1)


def test_who_leaves_ends_it():
    """Also where nothing is there to be sent."""
    assert answered(for_ever(), patience=1) == ([b"one"], 1)
