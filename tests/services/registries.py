"""A schema registry in a thread of the test's own process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from eventlab.log import Topic
from eventlab.services.registry_app import RegistryApp
from tests.waiting import until


@contextmanager
def serving(topic: Topic) -> Iterator[str]:
    """Serve what a topic tells, and give the URL."""
    server = uvicorn.Server(uvicorn.Config(RegistryApp(topic), port=0, log_level="warning"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
