"""Wait until an experiment has come so far, and not for ever."""

import time
from collections.abc import Callable

LONGEST_SECONDS = 60.0
_LOOK_SECONDS = 0.01


def until(condition: Callable[[], bool], *, seconds: float = LONGEST_SECONDS) -> bool:
    """Return whether a condition has come true within some seconds, as soon as it has."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return condition()
