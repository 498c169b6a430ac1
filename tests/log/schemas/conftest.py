import asyncio
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from eventlab.log.schemas.schema_topic import made_anew
from eventlab.services.registry_app import RegistryApp
from tests.waiting import until


@pytest.fixture
def registry_url(new_topic) -> Iterator[str]:
    """Return the URL of a registry of this test's own, in a thread."""
    config = uvicorn.Config(RegistryApp(made_anew(new_topic())), port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()
