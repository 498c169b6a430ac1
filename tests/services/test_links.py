"""A link as its owner sees it: what a client of a real service behind it meets."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from eventlab.errors import ServiceError, UsageError
from eventlab.services import Faults, LinkCounts, Proxy
from tests.services.targets import (
    EchoTarget,
    HttpTarget,
    asked,
    caller,
    connected,
    outcome,
    received,
    serving,
)
from tests.services.test_framing import kafka
from tests.waiting import until

STRIKES = {"refuse": "refused", "reset": "reset", "hang": "timeout"}


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


def test_without_faults_a_call_is_as_it_was(link, target):
    """One connection for all calls, and all of it counted."""
    client = caller(link.port)
    body = bytes(range(256)) * 2_000
    assert [asked(client, "/a"), asked(client, "/b", body)] == [(200, b"/a "), (200, b"/b " + body)]
    counts = link.counts
    assert (counts.connections, counts.errors, counts.resets) == (1, 0, 0)
    assert counts.bytes > 2 * len(body)
    assert link.url == f"http://127.0.0.1:{link.port}"


def test_a_latency_is_there_each_way(link):
    """A call takes both; healed, the faults are none."""
    client = caller(link.port)
    asked(client)
    link.set(Faults(latency_seconds=0.1))
    begun = time.perf_counter()
    asked(client)
    assert time.perf_counter() - begun >= 0.2
    link.heal()
    assert link.faults == Faults()


def test_a_slow_body_takes_its_time(link):
    """So many bytes a second at most: here 20,000 of them, each way."""
    client = caller(link.port)
    link.set(Faults(bytes_per_second=100_000))
    begun = time.perf_counter()
    assert asked(client, "/", b"x" * 20_000) == (200, b"/ " + b"x" * 20_000)
    assert time.perf_counter() - begun >= 0.3  # less what goes out at once, each way


@pytest.mark.parametrize("mode", STRIKES)
def test_a_mode_strikes_at_once_and_healed_all_is_well(link, mode, target):
    """A client that keeps its connection meets it too, and then with each new connection."""
    client = caller(link.port)
    assert outcome(client) == 200
    link.set(Faults(mode=mode))
    client.sock.settimeout(0.2)
    first = outcome(client)
    client.timeout = 0.2
    assert [first, outcome(client)] == ["timeout" if mode == "hang" else "reset", STRIKES[mode]]
    link.heal()
    assert outcome(caller(link.port)) == 200
    assert len(target.paths) == 2


def test_a_port_that_refuses_stays_reserved(link):
    """Nobody else can take it, and it is open again when it is healed."""
    link.set(Faults(mode="refuse"))
    with pytest.raises(ConnectionRefusedError):
        connected(link.port)
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", link.port))
    link.set(Faults(mode="refuse"))
    link.heal()
    connected(link.port).close()


def test_two_runs_meet_the_same(link, target):
    """The same requests are struck when the same faults are set, and the target sees the others."""
    faults = Faults(error_share=0.3, reset_share=0.2, seed=4)
    runs = []
    for _ in range(2):
        link.set(faults)
        client = caller(link.port)
        runs.append([outcome(client, f"/{number}") for number in range(40)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503, "reset"}
    passed = [f"/{number}" for number, found in enumerate(runs[0]) if found == 200]
    assert target.paths == passed * 2
    counts = link.counts
    assert (counts.errors, counts.resets) == (2 * runs[0].count(503), 2 * runs[0].count("reset"))


def test_a_way_to_nowhere_resets(proxy, link, target):
    """At once, and never a hang; where the target comes to, the link follows it."""
    port = link.target_port
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        link.retarget(nobody.getsockname()[1])
        assert outcome(caller(link.port)) == "reset"
    link.retarget(port)
    assert (outcome(caller(link.port)), link.target_port) == (200, port)


def test_any_protocol_goes_through(proxy):
    """Half-closed too: the target has the last word."""
    with serving(EchoTarget()) as target:
        link = proxy.link("echo", target.server_address[1])
        connection = connected(link.port)
        connection.sendall(b"hello")
        connection.shutdown(socket.SHUT_WR)
        assert received(connection, 1000) == b"hello5 in all"


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
        kafka_link = proxy.kafka_link(log.server_address[1])
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
        assert said(kafka_link.port, "warehouse") == "reset"
        assert said(kafka_link.port, "shop") == "passed"


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


# -- clients of Kafka -----------------------------------------------------------------------------


def test_clients_of_a_broker_have_faults_of_their_own(proxy):
    """By their client.id; those without a link have those of the port."""
    with serving(EchoTarget()) as target:
        broker = proxy.kafka_link(target.server_address[1])
        warehouse = broker.client("warehouse")
        assert (warehouse.port, warehouse.target_port) == (broker.port, target.server_address[1])
        warehouse.set(Faults(mode="refuse"))
        assert said(broker.port, "warehouse") == "reset"
        assert said(broker.port, "shop") == said(broker.port, None) == "passed"
        warehouse.heal()
        broker.set(Faults(mode="reset"))
        assert said(broker.port, "warehouse") == "passed"
        assert said(broker.port, "shop") == "reset"
        assert (warehouse.counts.connections, broker.counts.connections) == (2, 3)
        with connected(broker.port) as connection:
            connection.sendall(kafka("warehouse"))
            assert received(connection, 1)
            broker.set(Faults(mode="refuse"))
            with pytest.raises(ConnectionResetError):
                received(connection, 1000)
        with pytest.raises(ConnectionRefusedError):
            connected(broker.port)


def said(port: int, client_id: str | None) -> str:
    """Return what becomes of a client's first request."""
    request = kafka(client_id, b"...")
    with connected(port) as connection:
        try:
            connection.sendall(request)
            return "passed" if received(connection, len(request)) == request else "closed"
        except ConnectionError:
            return "reset"


def test_a_client_of_a_broker_that_cannot_be_is_refused():
    """A name that is taken has another one beside it, and there is no HTTP to answer with."""
    proxy = Proxy()
    proxy.link("warehouse", 1)
    broker = proxy.kafka_link(1)
    with pytest.raises(UsageError, match="pass another name"):
        broker.client("warehouse")
    client = broker.client("warehouse", name="warehouse to Kafka")
    for one in (broker, client):
        with pytest.raises(UsageError, match="without an error_share"):
            one.set(Faults(error_share=0.1))
    client.retarget(2)
    assert broker.target_port == client.target_port == 2
    assert list(proxy.links) == ["warehouse", "kafka", "warehouse to Kafka"]
    proxy.stop()


@pytest.mark.broker
def test_a_real_client_is_known_by_its_client_id(proxy, cluster):
    """Its first connection at least, which asks for the address that the broker advertises."""
    port = int(cluster.settings["bootstrap.servers"].split(",")[0].rpartition(":")[2])
    broker = proxy.kafka_link(port, name="real")
    warehouse = broker.client("real warehouse")
    warehouse.set(Faults(mode="reset"))
    settings = {"bootstrap.servers": broker.address, "log_level": 0}
    struck = AdminClient(settings | {"client.id": "real warehouse"})
    with pytest.raises(KafkaException):
        struck.list_topics(timeout=1)
    other = AdminClient(settings | {"client.id": "another"})
    assert other.list_topics(timeout=20).brokers
    assert warehouse.counts.connections >= 1
    assert broker.counts.connections >= 1
