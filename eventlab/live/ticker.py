"""Do something again and again beside the notebook, at a fixed rate."""

import time
from collections.abc import Callable

from eventlab.arguments import required_positive_number
from eventlab.checked import checked
from eventlab.processes.background import Background


class Ticker:
    """Call `act` so many times a second, in the background, from `start` until it is stopped.

    What `act` raises ends it, stays in `error`, and is passed to `on_error` in its thread. All
    methods may be called from any thread, and twice.
    """

    @checked
    def __init__(
        self,
        act: Callable[[], object],
        per_second: float,
        *,
        on_error: Callable[[BaseException], object] | None = None,
    ) -> None:
        self._act = act
        self._on_error = on_error
        self._seconds = 1 / required_positive_number("per_second", per_second)
        self._background = Background("eventlab-live", self._run, on_end=self._ended)
        self._is_stopped = False

    @property
    def is_alive(self) -> bool:
        """Tell whether it goes on."""
        return self._background.is_alive

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""
        return self._background.error

    def start(self) -> None:
        """Begin, unless it has begun or was stopped."""
        self._background.start()

    def stop(self) -> None:
        """End it and act once more, so that what came last is passed on too."""
        if self._is_stopped:
            return
        self._is_stopped = True
        self._background.stop()
        if self.error is None:
            self._act()

    def _run(self) -> None:
        due = time.monotonic() + self._seconds
        while not self._background.stopping.wait(max(0, due - time.monotonic())):
            self._act()
            due = max(due + self._seconds, time.monotonic())  # no rush after a slow act

    def _ended(self, error: BaseException | None) -> None:
        if error is not None and self._on_error is not None:
            self._on_error(error)
