"""A link as its owner sees it: what a client of a real service behind it meets."""

import socket
import time

import pytest

from eventlab.services import Faults
from tests.services.targets import EchoTarget, asked, caller, connected, outcome, received, serving

STRIKES = {"refuse": "refused", "reset": "reset", "hang": "timeout"}


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
