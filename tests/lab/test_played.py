"""Waiting for what an experiment plays, and for the flows that read it."""

import sys
from types import SimpleNamespace

import pytest

from eventlab.errors import BrokerError, LogError
from eventlab.lab import played
from eventlab.lab.played import Patience, has_read, require_played, wait_for


@pytest.mark.parametrize(
    ("lag", "offset", "is_all"), [(0, 60, True), (0, 59, False), (1, 60, False), (None, 0, False)]
)
def test_a_flow_has_read_all_when_it_stands_behind_the_last_record(lag, offset, is_all):
    """Its lag is that of its last fetch, and may be none while more was written."""
    flow = SimpleNamespace(lag=lag, positions={("orders", 0): offset, ("else", 0): 3})
    assert has_read(flow, {("orders", 0): 60}) is is_all


def test_a_flow_that_never_reads_is_not_waited_for_without_end():
    """The time that one gives it counts for flows as for players."""
    flow = SimpleNamespace(name="stuck", is_alive=True, lag=None, count=3, positions={})
    side = SimpleNamespace(players=[], flows=[flow], cluster=Broker())
    with pytest.raises(LogError, match="stuck has not read all"):
        wait_for(side, 0.01)


class Broker:
    """A cluster that is away at the first looks, and counts them."""

    def __init__(self, looks_away=0):
        self.looks_away = looks_away
        self.looks = 0

    def require_up(self, what):
        self.looks += 1
        if self.looks <= self.looks_away:
            raise BrokerError(
                f"Kafka did not {what}", expected="one", found="none", remedy="Start."
            )


class Story:
    """A player that ends when the broker has been looked at so often."""

    def __init__(self, broker, looks=sys.maxsize):
        self.into = "orders"
        self.topics = [SimpleNamespace(name="orders", end_offsets=lambda: {0: 3})]
        self.report = SimpleNamespace(sent=3)
        self._broker = broker
        self._looks = looks

    def ends_within(self, seconds):
        return self._broker.looks >= self._looks


@pytest.fixture
def at_once(monkeypatch):
    """Let each look at the broker come at once, and set how long it may be away."""
    monkeypatch.setattr(played, "_AWAY_LOOK_SECONDS", 0.0)
    return lambda seconds: monkeypatch.setattr(played, "AWAY_SECONDS", seconds)


def test_a_broker_that_stays_away_ends_the_wait(at_once):
    """While something plays, and while a flow has not read it all; its own error says why."""
    at_once(0.05)
    flow = SimpleNamespace(name="stuck", is_alive=True, lag=None, count=3, positions={})
    gone = Broker(sys.maxsize)
    for players, flows in ([Story(gone)], []), ([], [flow]), ([Story(gone, looks=0)], []):
        side = SimpleNamespace(players=players, flows=flows, cluster=gone)
        with pytest.raises(BrokerError, match="take and give what is played"):
            wait_for(side, None)


def test_a_broker_that_comes_back_in_time_is_waited_for(at_once):
    """It is away for some looks, while something plays and at its end."""
    at_once(60)
    broker = Broker(looks_away=9)
    side = SimpleNamespace(players=[Story(broker, 3)], flows=[], cluster=broker)
    wait_for(side, None)
    assert broker.looks == 10


def test_each_time_it_is_away_it_has_the_whole_time_to_come_back():
    """From when it was found to be away, not from the first time."""
    now = [0.0]
    broker = Broker()
    patience = Patience(broker, None, clock=lambda: now[0])

    def look(at, *, is_away):
        now[0] = at
        broker.looks_away = sys.maxsize if is_away else 0
        patience.require("", "")

    for at, is_away in [(0, True), (59, True), (60, False), (61, True), (120, True)]:
        look(at, is_away=is_away)
    with pytest.raises(BrokerError):
        look(121, is_away=True)


def test_where_seconds_have_passed_a_broker_that_is_away_is_the_reason(at_once):
    """And not sooner: whoever says how long to wait means it."""
    at_once(0)
    broker = Broker(sys.maxsize)
    side = SimpleNamespace(players=[Story(broker)], flows=[], cluster=broker)
    with pytest.raises(BrokerError):
        wait_for(side, 0.05)
    assert broker.looks > 2
    side = SimpleNamespace(players=[Story(broker)], flows=[], cluster=Broker())
    with pytest.raises(LogError, match="still being played"):
        wait_for(side, 0.05)


def test_what_was_stopped_was_not_played():
    """It says how far it came."""

    def player(state):
        status = SimpleNamespace(state=state)
        return SimpleNamespace(into="orders", status=status, report=SimpleNamespace(sent=3))

    require_played(player("finished"))
    with pytest.raises(LogError, match="stopped after 3"):
        require_played(player("stopped"))
