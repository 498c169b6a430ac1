import os
import sys
import threading

import pytest

from eventlab.errors import ServiceError
from eventlab.processes.forking import CAN_FORK
from eventlab.services import HttpService
from eventlab.services.inside import Place
from eventlab.services.ports import Port
from tests.services import apps
from tests.services.ways import BOTH
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def new(how, forking):
    """A service that nobody has started."""
    port = Port()
    one = HttpService(apps.own_pid, Place("a"), forking, port)
    yield one
    one.stop()
    port.close()


def test_making_one_starts_nothing(new):
    """There is no process, and all that one can do with it is harmless."""
    assert (new.state, new.is_alive, new.pid, new.error) == ("new", False, None, None)
    assert (new.failures, new.output) == (0, "")
    for act in (new.ask_to_stop, new.stop, new.kill, new.suspend, new.resume):
        act()
    assert repr(new) == "HttpService('a', new)"


@BOTH
def test_it_may_be_started_and_stopped_twice_and_from_any_state(new):
    """One that is up stays as it is; each start after an end is another process."""
    first = new.start().pid
    assert new.start().pid == first
    new.suspend()
    assert new.start().pid == first
    new.kill()
    new.kill()
    second = new.start().pid
    new.stop()
    new.stop()
    third = new.restart().pid
    assert len({first, second, third}) == 3
    new.ask_to_stop()
    until(lambda: new.state == "stopped")


def test_threads_may_start_it_at_once(new):
    """There is one process, whoever was first."""
    threads = [threading.Thread(target=new.start) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert {new.ask() for _ in range(20)} == {new.pid}


@pytest.mark.skipif(sys.platform != "linux", reason="its descriptors are counted in /proc")
def test_many_lives_leave_no_descriptor_and_no_thread(new):
    """Neither of those that were killed, nor of those that did not start."""

    def live() -> None:
        new.start().kill()
        with pytest.raises(ServiceError):
            new.redeploy(apps.Exits())

    live()
    before = (len(os.listdir("/proc/self/fd")), threading.active_count())
    for _ in range(10):
        live()
    until(lambda: (len(os.listdir("/proc/self/fd")), threading.active_count()) <= before)


@pytest.mark.skipif(not CAN_FORK, reason="nothing forks on this system")
def test_the_template_is_killed_and_the_service_started_again(new):
    """It has failed, and says so; nobody has to know what forks it."""
    new.start()
    os.kill(new._forking._template.pid, 9)
    until(lambda: new.state == "failed")
    assert "signal 9" in str(new.error)
    assert new.start().ask() == new.pid
