"""Wait on a condition with a deadline, so that no test ever sleeps for a guessed time."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

Found = TypeVar("Found")


def until(condition: Callable[[], Found], *, seconds: float = 30.0, what: str = "") -> Found:
    """Return the condition's first true value; fail with what it last was when time is up."""
    deadline = time.monotonic() + seconds
    tick = Event()
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what or condition}, last {found!r}")
        tick.wait(0.02)
