import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import uvloop

from eventlab.log import Cluster
from eventlab.processes.forking import CAN_FORK, Forking
from eventlab.services import Mesh, Proxy
from eventlab.services import service as service_module
from eventlab.services.machinery import Machinery
from tests.looping import in_thread
from tests.services.http_service import HttpService
from tests.services.places import PATIENCE_SECONDS
from tests.services.targets import HttpTarget, serving
from tests.structure.files import ROOT

NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}


@pytest.fixture(params=[asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def run(request) -> Callable[[Awaitable], object]:
    """Return what runs a test in an event loop of either kind."""
    runner = asyncio.Runner(loop_factory=request.param)
    yield lambda test: in_thread(lambda: runner.run(asyncio.wait_for(test, PATIENCE_SECONDS)))
    in_thread(runner.close)


@pytest.fixture
def http_service() -> Iterator[HttpService]:
    """Return a small HTTP service in a thread."""
    service = HttpService().start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def machinery() -> Iterator[Machinery]:
    """Return what the services of a test worker stand on; it knows no broker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        made = Machinery(None)
        if CAN_FORK:
            made.forking.start()
    yield made
    made.close()


@pytest.fixture(scope="session")
def forking(machinery) -> Forking:
    """Return what forks the services of a test worker."""
    return machinery.forking


@pytest.fixture
def how(request, monkeypatch) -> str:
    """Return how processes are made: forked where that is safe, or as a test says."""
    chosen = getattr(request, "param", "fork" if CAN_FORK else "spawn")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(service_module, "CAN_FORK", chosen == "fork")
    return chosen


@pytest.fixture
def meshed(how, machinery) -> Iterator[Callable[..., Mesh]]:
    """Return what makes a mesh over a cluster; each is closed at the end."""
    meshes: list[Mesh] = []

    def make(cluster: Cluster, prefix: str = "") -> Mesh:
        meshes.append(Mesh(cluster, prefix, machinery))
        return meshes[-1]

    yield make
    for one in meshes:
        one.close()


@pytest.fixture
def mesh(meshed) -> Mesh:
    """Return a mesh of services without a log."""
    return meshed(Cluster(NOWHERE))


@pytest.fixture(scope="module")
def proxy():
    with Proxy() as started:
        yield started


@pytest.fixture
def target():
    with serving(HttpTarget()) as started:
        yield started


@pytest.fixture
def link(proxy, target, request):
    """Return a link to an HTTP server."""
    return proxy.link(request.node.name, target.server_address[1])
