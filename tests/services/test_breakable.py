"""What can be broken, on links and on something that behaves as a service does."""

import pytest

from eventlab.errors import UsageError
from eventlab.services import Faults, FaultSchedule, Outage, Proxy
from eventlab.services.breakable import BreakableLink, BreakableService, require_breakable

HANG = Faults(mode="hang")


class Stock:
    """Something with the states of a service."""

    def __init__(self):
        self.state = "up"

    def kill(self):
        self.state = "killed"

    def suspend(self):
        self.state = "frozen"

    def resume(self):
        self.state = "up" if self.state == "frozen" else self.state

    def start(self):
        self.state = "up"


@pytest.fixture
def proxy():
    """One that has not begun keeps what was set."""
    with Proxy() as made:
        yield made


def test_a_link_has_the_faults_that_are_let(proxy):
    """And none when it is mended."""
    link = proxy.link("a to b", 1)
    breakable = BreakableLink(link)
    assert breakable.trouble is None
    breakable.let(HANG)
    assert (breakable.trouble, link.faults) == (HANG, HANG)
    breakable.let(None)
    assert (breakable.trouble, link.faults) == (None, Faults())


def test_every_choice_of_a_link_can_happen_to_it(proxy):
    """To one that leads to Kafka too, which answers with no status."""
    kafka = proxy.kafka_link({"bootstrap.servers": "127.0.0.1:1"})
    for link in (proxy.link("a to b", 1), kafka, kafka.client("one")):
        breakable = BreakableLink(link)
        for trouble in breakable.choices:
            assert breakable.takes(trouble)
            breakable.let(trouble)
            assert breakable.trouble == trouble
        assert not breakable.takes("killed")
    assert not BreakableLink(kafka).takes(Faults(error_share=0.5))


@pytest.mark.parametrize("trouble", ["killed", "frozen"])
def test_a_service_is_killed_or_frozen_and_comes_back(trouble):
    """From whatever state it was in."""
    service = Stock()
    breakable = BreakableService(lambda: service)
    assert (breakable.trouble, list(breakable.choices)) == (None, ["killed", "frozen"])
    breakable.let(trouble)
    assert (breakable.trouble, service.state) == (trouble, trouble)
    breakable.let(None)
    assert (breakable.trouble, service.state) == (None, "up")
    assert not breakable.takes(HANG)


def test_a_service_that_has_ended_by_itself_is_not_broken_by_anyone():
    """It comes back all the same."""
    service = Stock()
    breakable = BreakableService(lambda: service)
    service.state = "failed"
    assert breakable.trouble is None
    breakable.let(None)
    assert service.state == "up"


def test_a_schedule_for_nothing_is_refused_where_it_names_something():
    """With what to do first."""
    require_breakable(FaultSchedule([]), {})
    with pytest.raises(UsageError, match="Start the services first"):
        require_breakable(FaultSchedule([Outage(0, 1, "a", HANG)]), {})


def test_faults_of_a_service_are_refused():
    """A service is killed or frozen."""
    schedule = FaultSchedule([Outage(0, 1, "stock", HANG)])
    with pytest.raises(UsageError, match=r"for example: killed, frozen, found hangs"):
        require_breakable(schedule, {"stock": BreakableService(Stock)})
