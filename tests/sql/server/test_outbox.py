import asyncio
import threading

from eventlab.sql.server import outbox
from eventlab.sql.server.outbox import Outbox
from tests.looping import run as run_loop
from tests.waiting import until


class Made:
    """A push query that is made up."""

    def __init__(self):
        self.is_alive = True
        self.is_stopped = False

    def stop(self):
        self.is_stopped = True
        self.is_alive = False


def test_rows_come_in_their_order_until_the_query_ends():
    """Those that came just before its end too."""
    push = Made()

    def fill(box):
        for number in range(100):
            box.put([(number,)])
        push.is_alive = False

    async def read():
        box = Outbox(push)
        threading.Thread(target=fill, args=(box,)).start()
        return [row async for batch in box.batches() for row in batch]

    assert run_loop(read()) == [(number,) for number in range(100)]


def test_the_flow_waits_for_a_slow_reader(monkeypatch):
    """And is let go when the reader has left."""
    monkeypatch.setattr(outbox, "_MOST", 2)
    push = Made()

    async def leave():
        box = Outbox(push)
        box.put([(1,), (2,)])
        waiting = threading.Thread(target=box.put, args=([(3,)],))
        waiting.start()
        assert waiting.is_alive()
        box.close()
        await asyncio.to_thread(waiting.join)

    run_loop(leave())
    until(lambda: push.is_stopped)


def test_it_says_so_when_nothing_comes(monkeypatch):
    """So that a client which has left is noticed, and one that waits knows."""
    monkeypatch.setattr(outbox, "_STILL_SECONDS", 0.0)
    push = Made()

    async def read():
        box = Outbox(push)
        batches = box.batches()
        first = await anext(batches)
        box.put([(1,)])
        second = await anext(batches)
        push.is_alive = False
        return first, second

    assert run_loop(read()) == ([], [(1,)])
