"""The owner's side of a proxy: its links come and go, and its process with them."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.services import Faults, LinkCounts, Proxy
from tests.services.kafka_clients import led_to, said
from tests.services.targets import EchoTarget, caller, outcome, serving
from tests.waiting import until


def test_a_link_may_be_made_and_broken_before_the_start(target):
    """Its port is known, and refuses until then."""
    proxy = Proxy()
    link = proxy.link("early", target.server_address[1])
    assert outcome(caller(link.port)) == "refused"
    assert link.counts == LinkCounts(0, 0, 0, 0)
    link.set(Faults(error_share=1))
    with proxy:
        proxy.start()
        assert outcome(caller(link.port)) == 503
        assert proxy.links == {"early": link}
    proxy.stop()
    assert not psutil.pid_exists(proxy.pid)
    with socket.socket() as other:
        other.bind(("127.0.0.1", link.port))  # it has been let go


def test_one_that_was_never_started_is_stopped():
    """And can be started no more."""
    proxy = Proxy()
    proxy.link("a", 1)
    proxy.stop()
    assert (proxy.pid, proxy.is_alive, proxy.error) == (None, False, None)
    with pytest.raises(UsageError, match="stopped"):
        proxy.start()
    with pytest.raises(UsageError, match="stopped"):
        proxy.link("b", 1)


def test_when_its_process_is_killed_its_ports_refuse(target):
    """The error says so, there and in what is asked of it; nothing waits."""
    with Proxy() as proxy:
        link = proxy.link("a", target.server_address[1])
        assert (outcome(caller(link.port)), proxy.is_alive, proxy.error) == (200, True, None)
        os.kill(proxy.pid, signal.SIGKILL)
        until(lambda: not proxy.is_alive)
        assert outcome(caller(link.port)) == "refused"
        with pytest.raises(ServiceError, match=r"found signal 9"):
            link.set(Faults(mode="hang"))
        assert "signal 9" in str(proxy.error)


def test_one_that_was_killed_is_started_again_with_its_links(target):
    """At their ports, with their faults, those of clients of Kafka among them."""
    with Proxy() as proxy, serving(EchoTarget()) as log:
        link = proxy.link("a", target.server_address[1])
        link.set(Faults(error_share=1.0))
        kafka_link = proxy.kafka_link(led_to(log))
        kafka_link.client("warehouse").set(Faults(mode="reset"))
        first = proxy.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: not proxy.is_alive)
        proxy.start()
        assert proxy.pid != first
        assert (proxy.is_alive, proxy.error) == (True, None)
        assert outcome(caller(link.port)) == 503
        link.heal()
        assert outcome(caller(link.port)) == 200
        assert said(kafka_link.address, "warehouse") == "reset"
        assert said(kafka_link.address, "shop") == "passed"


def test_many_threads_may_switch_it(link):
    """Each gets an answer to what it asked."""
    with ThreadPoolExecutor(8) as pool:
        shares = [number / 100 for number in range(100)]
        list(pool.map(lambda share: link.set(Faults(error_share=share)), shares))
        assert len(list(pool.map(lambda _: link.counts, range(100)))) == 100
    link.heal()
    assert outcome(caller(link.port)) == 200


@pytest.mark.parametrize(
    ("name", "target_port", "port", "expected"),
    [
        ("taken", 1, 0, "a name that no other link of the proxy has"),
        (" ", 1, 0, "letters that can be read"),
        ("new", 0, 0, "a whole number, 1 or more, 65,535 at most"),
        ("new", 70_000, 0, "65,535 at most"),
        ("new", 1, -1, "a whole number, 0 or more"),
    ],
)
def test_a_link_that_cannot_be_is_refused(name, target_port, port, expected):
    """Nothing is kept of it."""
    proxy = Proxy()
    proxy.link("taken", 1)
    with pytest.raises(UsageError) as caught:
        proxy.link(name, target_port, port=port)
    assert expected in caught.value.expected
    assert caught.value.remedy
    assert list(proxy.links) == ["taken"]
    proxy.stop()


def test_a_port_that_another_program_has_is_refused():
    """The error says what to do."""
    proxy = Proxy()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ServiceError, match="Leave the port out"):
            proxy.link("a", 1, port=port)
    proxy.stop()
