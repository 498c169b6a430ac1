"""Which broker one gets, and which commands are refused (a local one's life: test_local)."""

import json
import socket

import pytest

from eventlab.broker import (
    ExternalCluster,
    end_local,
    end_running,
    join,
    joining,
    present_seat,
    running_broker,
    start_and_keep,
)
from eventlab.broker.external import SERVERS
from eventlab.broker.plan import state_file
from eventlab.errors import BrokerError
from eventlab.processes.locking import locked
from tests.broker.homes import processes_of
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_the_environment_s_cluster_comes_before_a_local_one(broker, home, monkeypatch):
    """Nothing is started for whoever has a cluster of their own."""
    monkeypatch.setenv(SERVERS, broker.bootstrap_servers)
    for get in (join, present_seat):
        with get("me") as seat:
            assert isinstance(seat, ExternalCluster)
    assert processes_of(home) == []


def test_a_broker_that_is_kept_is_ended_by_whoever_comes(home):
    """It outlives its only user; to end what is not there is no error."""
    with start_and_keep("a test") as seat:
        assert seat.status == "running"
    until(lambda: running_broker("a look").users == ["a look"])
    assert present_seat("a look").status == "running"
    assert end_running("another test")
    assert not end_running("another test")
    assert present_seat("another test") is None
    until(lambda: not processes_of(home))


def test_a_broker_that_ends_by_itself_is_waited_for(home, monkeypatch):
    """Its last user gone it takes nobody any more, and still writes: to end it is to wait."""
    monkeypatch.setattr(joining, "LINGER_SECONDS", 0.0)
    with join("a test"):
        port = json.loads(state_file(home / "data").read_text(encoding="utf-8"))["port"]
    until(lambda: refuses(port))
    end_local("another test")
    assert [one for one in processes_of(home) if "kafka.Kafka" in one.cmdline()] == []


def test_a_supervisor_that_never_ends_is_one_error(home, monkeypatch):
    """Whoever waits for the end of a broker that hangs is told so."""
    monkeypatch.setattr(joining, "_JOIN_SECONDS", 0.2)
    (home / "data").mkdir()
    held = locked(home / "data" / "lock")
    with held, pytest.raises(BrokerError, match="held by a process that does not answer"):
        end_local("a test")


def refuses(port: int) -> bool:
    """Tell whether nobody listens on this port of the machine."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) != 0


def test_the_commands_of_a_broker_are_refused_for_a_cluster_of_ones_own(home, monkeypatch):
    """Whether it answers or not: neither is anything started, nor a local broker ended."""
    with join("a test") as seat:
        monkeypatch.setenv(SERVERS, "127.0.0.1:1")
        for refused in (start_and_keep, end_running):
            with pytest.raises(BrokerError, match="A cluster of your own cannot be made to"):
                refused("another test")
        assert seat.status == "running"
        seat.end()
