from datetime import timedelta
from math import inf

from eventlab.events import deliveries
from eventlab.events.holding import HeldBack, Overtaking
from tests.events.examples import NOON, orders


def test_the_earliest_goes_first_and_of_equals_the_first():
    """What is due comes out by its time, equals in the order in which they came, once."""
    held = HeldBack()
    for item, until in [("b1", 2), ("c", 3), ("a", 1), ("b2", 2)]:
        held.hold(item, until=until)
    assert list(held.due(0)) == []
    assert list(held.due(2)) == ["a", "b1", "b2"]
    assert list(held.rest()) == ["c"]
    assert list(held) == []


def test_who_overtakes_is_counted():
    """Of three, the first is held until the last has passed: overtaken by two, and noted so."""
    first, second, third = deliveries(orders(3))
    notes = []
    overtaking = Overtaking(lambda delivery, found: notes.append((delivery, found)))
    overtaking.hold(0, first, until=2)
    assert [overtaking.pass_on(second), *overtaking.release(1, second.arrives_at)] == [second]
    assert overtaking.pass_on(third) is third
    (released,) = overtaking.release(2, third.arrives_at)
    assert released.event is first.event
    assert notes == [(first, {"arrives_at": NOON + timedelta(minutes=2), "overtaken_by": 2})]


def test_what_nobody_overtook_is_not_noted():
    """At the end of a stream what is held goes on as it came."""
    (only,) = deliveries(orders(1))
    notes = []
    overtaking = Overtaking(lambda *note: notes.append(note))
    overtaking.hold(0, only, until=5)
    assert list(overtaking.release(inf, only.arrives_at)) == [only]
    assert notes == []
