"""Whose turn it is to change what there is: one server of an id at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eventlab.errors import ServiceError
from eventlab.processes.locking import locked

_PATIENCE_SECONDS = 60.0
_LOOK_SECONDS = 0.01


@contextmanager
def turn(path: Path, meanwhile: Callable[[], object]) -> Iterator[None]:
    """Wait for the turn, and have it; `meanwhile` is called again and again while it is another's.

    That one may wait for something to be done here. Raises ServiceError after a minute.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (lock := locked(path)) is None:
        if time.monotonic() > deadline:
            raise ServiceError(
                "Another server of this id is in the middle of a statement",
                expected=f"its end within {_PATIENCE_SECONDS:g} s",
                found="no end",
                remedy="Look whether that server still answers; end it if it does not.",
            )
        meanwhile()
        time.sleep(_LOOK_SECONDS)
    with lock:
        yield


@contextmanager
def turn_if_free(path: Path) -> Iterator[bool]:
    """Have the turn, unless it is another's: yield whether it was free."""
    lock = locked(path)
    if lock is None:
        yield False
        return
    with lock:
        yield True
