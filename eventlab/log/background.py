"""Threads beside the notebook: daemons that end with the process, and a little before it."""

import atexit
import threading
import time
from collections.abc import Callable

# A kernel that shuts down is not to be held up by them.
EXIT_SECONDS = 0.3

_running: dict[threading.Thread, Callable[[], None]] = {}


def run(name: str, work: Callable[[], None], halt: Callable[[], None]) -> threading.Thread:
    """Do `work` in a daemon thread, and return it; `halt` is called when the process ends.

    `halt` asks the work to end and returns at once. Without it a thread would be inside of
    librdkafka while the interpreter is taken down.
    """
    thread = threading.Thread(target=lambda: _do(work), name=name, daemon=True)
    _running[thread] = halt
    thread.start()
    return thread


def _do(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        del _running[threading.current_thread()]


@atexit.register
def _end_all() -> None:
    deadline = time.monotonic() + EXIT_SECONDS
    ending = dict(_running)
    for halt in ending.values():
        halt()
    for thread in ending:
        thread.join(max(0.0, deadline - time.monotonic()))
