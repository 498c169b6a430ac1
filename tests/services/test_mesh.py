import os
import subprocess
import sys
import threading

import psutil
import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.log import Cluster
from eventlab.services import CallPolicy, Faults, Service
from tests.services import apps
from tests.services.conftest import NOWHERE
from tests.services.ways import BOTH
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.processes

LEFT_RUNNING = """
import sys
import threading
from eventlab.log import Cluster
from eventlab.services import Mesh, service
from eventlab.services.machinery import Machinery
from tests.services import apps

service.CAN_FORK = {can_fork} and service.CAN_FORK
mesh = Mesh(Cluster({{"bootstrap.servers": "127.0.0.1:1"}}), "", Machinery(None))
services = [mesh.serve(name, apps.hello) for name in ("one", "two")]
if {can_fork}:
    services[1].suspend()
print(*(one.pid for one in services), flush=True)
sys.stdin.read()
"""


def is_there(pid: int) -> bool:
    """Tell whether a process lives; one that nobody has waited for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@BOTH
def test_services_find_each_other_by_name(mesh):
    """One may be named before it is there: until then it is refused."""
    shop = mesh.serve("shop", apps.relay, calls={"stock": CallPolicy(retries=0)})
    with pytest.raises(Exception, match=r"status 503.*stock failed"):
        shop.ask("/tea")
    mesh.serve("stock", apps.hello)
    assert shop.ask("/tea") == {"stock": {"hello": "/tea"}}
    mesh.services["stock"].kill()
    with pytest.raises(Exception, match=r'status 503.*"reason":"(refused|reset)"'):
        shop.ask("/tea")
    assert shop.failures == 0


def test_only_those_that_are_named_are_called(mesh):
    """The failure names what is missing."""
    shop = mesh.serve("shop", apps.stranger, calls=["stock"])
    with pytest.raises(Exception, match="status 500"):
        shop.ask()
    until(lambda: shop.failures == 1)
    assert 'calls=["nobody"]' in str(shop.error)


def test_two_of_one_name_share_its_port_until_the_first_ends(mesh):
    """So the second can take the place of the first without a gap."""
    first = mesh.serve("a", apps.own_pid)
    second = mesh.serve("a", apps.own_pid)
    assert first.port == second.port
    first.stop()
    assert {second.ask() for _ in range(20)} == {second.pid}


def test_a_closed_mesh_leaves_nothing(meshed):
    """Neither a process nor a descriptor, and nothing of it can be started again."""

    def live() -> list[Service]:
        mesh = meshed(Cluster(NOWHERE))
        services = [mesh.serve(name, apps.hello) for name in ("a", "b")]
        services[0].kill()
        mesh.close()
        with pytest.raises(ServiceError, match="found one that has ended"):
            mesh.serve("c", apps.hello)
        with pytest.raises(ServiceError, match="found one that has ended"):
            services[0].start()
        mesh.close()
        return services

    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0

    live()
    before = descriptors()
    for _ in range(3):
        assert [one.state for one in live()] == ["killed", "stopped"]
    until(lambda: descriptors() <= before)


@pytest.mark.parametrize("can_fork", [True, False])
def test_services_end_with_the_kernel_that_is_killed(can_fork, monkeypatch):
    """kill -9 takes all along; where they are forked, those that are frozen too."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    kernel = subprocess.Popen(
        [sys.executable, "-c", LEFT_RUNNING.format(can_fork=can_fork)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    pids = [int(word) for word in kernel.stdout.readline().split()]
    assert len(pids) == 2
    assert all(map(is_there, pids))
    kernel.kill()
    assert kernel.communicate()[1] == b""
    until(lambda: not any(map(is_there, pids)))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "x" * 300, None, 7])
def test_a_name_that_is_none_is_refused(mesh, name):
    """Before any process is there."""
    with pytest.raises(UsageError, match="name"):
        mesh.serve(name, apps.hello)


@pytest.mark.parametrize("calls", ["stock", None, 7, [7], [""], {"stock": 1}, {7: CallPolicy()}])
def test_whom_it_calls_has_to_be_clear(mesh, calls):
    """Names, or a policy for each."""
    with pytest.raises(UsageError, match=r"calls|whom the service calls"):
        mesh.serve("a", apps.hello, calls=calls)
    assert mesh.services == {}


def test_what_cannot_be_sent_is_refused(mesh):
    """A lock has no meaning in another process."""
    lock = threading.Lock()
    with pytest.raises(UsageError, match="cannot be sent to a process"):
        mesh.serve("a", lambda request: lock.locked())


def test_what_the_log_is_is_known_to_each(meshed):
    """The settings of the cluster and the prefix of its topics."""
    mesh = meshed(Cluster(NOWHERE), "chapter.")
    place = mesh._place("a", ["b"])
    assert (place.name, place.prefix, list(place.peers)) == ("a", "chapter.", ["b"])
    assert place.kafka["bootstrap.servers"] == NOWHERE["bootstrap.servers"]


def test_what_can_be_broken_has_the_names_that_a_learner_knows(mesh):
    """Calls that were named, and services, but for those in the notebook's own process."""
    mesh.serve("shop", apps.relay, calls=["stock"])
    mesh.serve("stock", apps.hello)
    mesh.serve("front", apps.hello, where="thread")
    found = mesh.breakables()
    assert set(found) == {"shop to stock", "shop", "stock"}
    found["stock"].let("killed")
    assert mesh.services["stock"].state == "killed"
    found["stock"].let(None)
    assert mesh.services["stock"].state == "up"
    mesh.serve("stock", apps.relay)
    found["stock"].let("frozen")
    assert mesh.services["stock"].state == "frozen"
    found["stock"].let(None)
    found["shop to stock"].let(Faults(mode="refuse"))
    with pytest.raises(Exception, match=r'"reason":"(refused|reset)"'):
        mesh.services["shop"].ask("/tea")
    assert mesh.link("shop", "stock").faults == Faults(mode="refuse")


def test_what_can_be_broken_can_be_looked_at_though_all_has_been_closed(mesh):
    """A stage may look while its lab ends."""
    mesh.serve("stock", apps.hello)
    stock = mesh.breakables()["stock"]
    mesh.close()
    assert stock.trouble is None
