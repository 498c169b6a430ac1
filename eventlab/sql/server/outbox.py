"""Rows on their way from a flow's thread to an event loop."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress

from eventlab.sql.running.pushing import Change, Push

_MOST = 10_000
_LOOK_SECONDS = 0.1
_STILL_SECONDS = 1.0


class Outbox:
    """The rows of a push query, for one reader; the flow waits while too many are not read.

    Make it in the event loop that reads.
    """

    def __init__(self, push: Push) -> None:
        self._push = push
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._changed = threading.Condition()
        self._rows: list[Change] = []
        self._is_closed = False

    def put(self, rows: list[Change]) -> None:
        """Take rows in, and wait while it is full; called in the flow's thread."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._rows) < _MOST or self._is_closed)
            if not self._is_closed:
                self._rows.extend(rows)
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._arrived.set)

    async def batches(self) -> AsyncIterator[list[Change]]:
        """Yield rows as they come, until the query has ended; none where none come for a second."""
        last = self._loop.time()
        while True:
            is_alive = self._push.is_alive
            rows = self._taken()
            if rows or self._loop.time() > last + _STILL_SECONDS:
                last = self._loop.time()
                yield rows
            elif not is_alive:
                return
            else:
                await self._wait()

    def close(self) -> None:
        """End the query; nothing is waited for."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._loop.run_in_executor(None, self._push.stop)

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), _LOOK_SECONDS)
        self._arrived.clear()

    def _taken(self) -> list[Change]:
        with self._changed:
            rows = self._rows
            self._rows = []
            self._changed.notify_all()
        return rows
