"""One thread that acts at a steady rate, whatever comes in: a live picture's back pressure."""

import threading
import time
from collections.abc import Callable


class Ticker:
    """Call `act` so many times a second, in a daemon thread, until it is stopped."""

    def __init__(self, act: Callable[[], object], per_second: float):
        self._act, self._seconds = act, 1 / per_second
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eventlab-live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread and act once more; a second call does nothing."""
        if self._halt.is_set():
            return
        self._halt.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(5)
        self._act()

    def _run(self) -> None:
        due = time.monotonic() + self._seconds
        while not self._halt.wait(max(0, due - time.monotonic())):
            self._act()
            due = max(due + self._seconds, time.monotonic())  # no rush after a slow act
