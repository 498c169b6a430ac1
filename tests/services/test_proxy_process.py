"""The owner's side of the proxy's process, without any link."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from eventlab.errors import ServiceError
from eventlab.services.addresses import Address
from eventlab.services.proxy import AddLink, Count
from eventlab.services.proxy_process import ProxyProcess
from tests.waiting import until


@pytest.fixture
def process():
    """Return a process with a link."""
    started = ProxyProcess()
    started.start([AddLink("a", 0, Address("127.0.0.1", 1))])
    yield started
    started.stop()


def test_each_question_gets_its_own_answer(process):
    """From many threads at once."""
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(process.ask, [Count("a")] * 100)) == {(0, 0, 0, 0)}


def test_what_it_cannot_do_is_an_error(process):
    """And the next question is answered."""
    with pytest.raises(ServiceError, match=r"cannot do that.*KeyError"):
        process.ask(Count("b"))
    assert process.ask(Count("a"))


def test_a_start_that_fails_says_so():
    """With the error of what could not be done."""
    process = ProxyProcess()
    with pytest.raises(ServiceError, match="cannot do that"):
        process.start([Count("a")])
    process.stop()


def test_who_waits_for_one_that_is_killed_waits_no_longer(process):
    """It is frozen when it is asked, so that it never answers."""
    os.kill(process.pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(process.ask, Count("a"))
        until(lambda: process._answers)
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(ServiceError, match="found signal 9"):
            asked.result(20)
    with pytest.raises(ServiceError, match="found signal 9"):
        process.ask(Count("a"))
    assert "signal 9" in str(process.error)


def test_stopped_it_is_gone(process):
    """Twice, without an error; before a start it answers nothing, and starts no more."""
    process.stop()
    process.stop()
    assert (process.is_alive, process.error) == (False, None)
    assert not psutil.pid_exists(process.pid)
    with pytest.raises(ServiceError, match="it was stopped"):
        process.ask(Count("a"))
    never = ProxyProcess()
    assert never.ask(Count("a")) is None
    never.stop()
    never.start([])
    assert (never.pid, never.is_alive) == (None, False)
