"""A schedule is played by a clock that the test sets."""

import threading

import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.services import Faults, FaultSchedule, Outage, Proxy, ScheduledFaults
from tests.waiting import until

HANG = Faults(mode="hang")
SLOW = Faults(latency_seconds=0.5)


class Clock:
    """Say what it was set to, and know how often it was asked since then."""

    def __init__(self) -> None:
        self._asked = threading.Semaphore(0)
        self._seconds = 0.0

    def __call__(self) -> float:
        self._asked.release()
        return self._seconds

    def go(self, seconds: float) -> None:
        """Be at a moment, and return when all that belongs to it has been done."""
        self._seconds = seconds
        while self._asked.acquire(blocking=False):
            pass
        for _ in range(2):  # the second look comes after the first one's switching
            assert self._asked.acquire(timeout=20)


@pytest.fixture
def proxy():
    with Proxy() as started:
        started.link("a", 1)
        started.link("b", 1)
        yield started


@pytest.fixture
def clock():
    return Clock()


def test_links_are_switched_as_the_clock_passes(proxy, clock):
    """Each at its own moments; with the last one the player ends."""
    outages = [Outage(1, 3, "a", HANG), Outage(2, 4, "b", SLOW), Outage(3, 5, "a", SLOW)]
    player = ScheduledFaults(proxy, FaultSchedule(outages), clock)
    player.start()
    player.start()
    found = []
    for seconds in (0, 1, 2, 3, 4):
        clock.go(seconds)
        found.append((proxy.links["a"].faults, proxy.links["b"].faults))
    none = Faults()
    assert found == [(none, none), (HANG, none), (HANG, SLOW), (SLOW, SLOW), (SLOW, none)]
    clock._seconds = 5
    assert player.wait(20)
    assert (proxy.links["a"].faults, player.is_alive, player.error) == (none, False, None)


def test_a_clock_may_jump(proxy, clock):
    """Forward past an outage, which does not happen then, and back into it."""
    outages = [Outage(1, 2, "a", HANG), Outage(3, 4, "b", SLOW)]
    player = ScheduledFaults(proxy, FaultSchedule(outages), clock)
    player.start()
    clock.go(3)
    assert (proxy.links["a"].faults, proxy.links["b"].faults) == (Faults(), SLOW)
    clock.go(1)
    assert (proxy.links["a"].faults, proxy.links["b"].faults) == (HANG, Faults())
    player.stop()


def test_stopped_it_heals_all(proxy, clock):
    """Twice, and before it was started too."""
    player = ScheduledFaults(proxy, FaultSchedule([Outage(0, 9, "a", HANG)]), clock)
    player.start()
    clock.go(1)
    assert proxy.links["a"].faults == HANG
    player.stop()
    player.stop()
    assert (proxy.links["a"].faults, player.is_alive, player.error) == (Faults(), False, None)
    ScheduledFaults(proxy, FaultSchedule([]), clock).stop()


def test_an_unknown_link_is_refused(proxy, clock):
    """The error names those that there are, and nothing has begun."""
    schedule = FaultSchedule([Outage(0, 1, "warehose", HANG)])
    with pytest.raises(UsageError, match=r"expected 'a' or 'b', found an outage of 'warehose'"):
        ScheduledFaults(proxy, schedule, clock)


def test_what_the_clock_raises_ends_it(proxy):
    """The links are healed, and the error is kept."""
    moments = iter([0.5])
    schedule = FaultSchedule([Outage(0, 1, "a", HANG)])
    player = ScheduledFaults(proxy, schedule, lambda: next(moments))
    player.start()
    with pytest.raises(StopIteration):
        player.wait(20)
    assert proxy.links["a"].faults == Faults()


def test_it_ends_with_its_proxy(proxy, clock):
    """Which is gone: the error says so, and to stop the player is none."""
    schedule = FaultSchedule([Outage(1, 2, "a", HANG), Outage(2, 3, "a", SLOW)])
    player = ScheduledFaults(proxy, schedule, clock)
    player.start()
    clock.go(1)
    proxy.stop()
    clock._seconds = 2
    until(lambda: not player.is_alive)
    assert isinstance(player.error, ServiceError)
    player.stop()
