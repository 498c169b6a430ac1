"""Run coroutines from a test, whatever else runs in its thread."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_thread(call: Callable[[], Any]) -> Any:
    """Return what a call gives in a thread of its own.

    Playwright keeps an event loop running in the thread of the tests that use it, and so in that of
    all tests of a worker: no other loop may run there.
    """
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(call).result()


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns, or raise what it raises."""
    return in_thread(lambda: asyncio.run(coroutine))
