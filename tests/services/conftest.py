import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import uvloop

from tests.services.http_service import HttpService
from tests.services.places import PATIENCE_SECONDS


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request) -> Callable[[Awaitable], object]:
    """Return what runs a test in an event loop of either kind."""
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield lambda test: runner.run(asyncio.wait_for(test, PATIENCE_SECONDS))


@pytest.fixture
def http_service() -> Iterator[HttpService]:
    """Return a small HTTP service in a thread."""
    service = HttpService().start()
    yield service
    service.stop()
