"""How far a view is, for those who wait for it: threads that block, and functions to be called."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from eventlab.views.positions import Places, reached

_LONGEST_SECONDS = threading.TIMEOUT_MAX


class Progress:
    """Keep the newest position, and wake whoever waits for it; for any thread."""

    def __init__(self, position: Places) -> None:
        self._changed = threading.Condition()
        self._position = position
        self._error: BaseException | None = None
        self._is_going = False
        self._calls: list[tuple[Places, Callable[[], object]]] = []

    @property
    def position(self) -> Places:
        """Return the position; it is another dict when it has moved."""
        return self._position

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._error

    def begin(self, position: Places) -> None:
        """Say that it goes on, from a position."""
        with self._changed:
            self._error = None
            self._is_going = True
        self.move(position)

    def move(self, position: Places) -> None:
        """Say how far it is."""
        with self._changed:
            self._position = position
            self._changed.notify_all()
            due = [call for wanted, call in self._calls if reached(position, wanted)]
            self._calls = [one for one in self._calls if not reached(position, one[0])]
        _call_all(due)

    def end(self, error: BaseException | None) -> None:
        """Say that it goes no further: nobody waits any longer."""
        with self._changed:
            self._error = error
            self._is_going = False
            self._changed.notify_all()
            due = [call for _, call in self._calls]
            self._calls = []
        _call_all(due)

    def wait(self, wanted: Places, seconds: float) -> bool:
        """Wait for a position, as long as it goes on; tell whether it is reached."""
        with self._changed:
            self._changed.wait_for(
                lambda: reached(self._position, wanted) or not self._is_going,
                min(seconds, _LONGEST_SECONDS),
            )
            return reached(self._position, wanted)

    async def arrives(self, wanted: Places, seconds: float) -> bool:
        """Wait as `wait` does, in an event loop, which goes on meanwhile."""
        if reached(self._position, wanted):
            return True
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # nobody waits any longer, and the loop is closed
                loop.call_soon_threadsafe(changed.set)

        self.when(wanted, wake)
        try:
            async with asyncio.timeout(seconds):
                await changed.wait()
        except TimeoutError:
            return reached(self._position, wanted)
        finally:
            self.forget(wake)
        return reached(self._position, wanted)

    def when(self, wanted: Places, call: Callable[[], object]) -> None:
        """Call a function once, when a position is reached, or when it goes no further."""
        with self._changed:
            if self._is_going and not reached(self._position, wanted):
                self._calls.append((wanted, call))
                return
        call()

    def forget(self, call: Callable[[], object]) -> None:
        """Call this one no more."""
        with self._changed:
            self._calls = [one for one in self._calls if one[1] is not call]


def _call_all(calls: list[Callable[[], object]]) -> None:
    for call in calls:
        call()
