"""What batches buy, what old data cost, what a terabit takes."""

import itertools

import pytest

from eventlab.course.ch01_costs import (
    Sending,
    Stretches,
    compare_costs,
    compare_sendings,
    figures,
    fill,
    plan,
    send,
    values,
)
from eventlab.errors import LogError


def returning(*numbers):
    """Return a function that gives these numbers, one after the other, over and over."""
    numbers = itertools.cycle(numbers)
    return lambda: next(numbers)


def test_what_costs_the_same_has_a_factor_of_one():
    """However much single turns vary."""
    found = compare_costs(returning(10, 10.5, 10, 80), returning(10, 10, 10.5, 10))
    assert 0.75 < found.factor < 1.33
    assert figures(found)["turns"] == len(found.old) == len(found.new) >= 20


def test_what_costs_three_times_as_much_is_found_out():
    """The old way let a factor of 2.86 pass."""
    assert compare_costs(returning(28.6), returning(10)).factor == pytest.approx(2.86)


def test_both_sides_take_turns_in_going_first():
    """So that what comes second has no advantage."""
    order = []
    compare_costs(lambda: order.append("old") or 1.0, lambda: order.append("new") or 1.0)
    turns = list(zip(order[2::2], order[3::2], strict=True))
    assert turns[:4] == [("new", "old"), ("old", "new")] * 2


def test_the_medians_of_both_ways_to_send_are_compared():
    """In events a second and in bytes."""
    slow = Sending(1_000, 300)
    quick = Sending(50_000, 60)
    found = compare_sendings(lambda: slow, lambda: quick)
    assert found["factor"] == 50
    assert found["factor_in_bytes"] == 5


def test_a_terabit_takes_what_it_takes():
    """With 125 MB/s a machine: a thousand machines a copy; a day of it is 10.8 PB."""
    needed = plan(125e6, terabits=1, copies=3, days=1)
    assert needed.machines_for_one_copy == 1_000
    assert needed.machines == 3_000
    assert needed.petabytes == pytest.approx(32.4)
    assert plan(124.9e6, terabits=1, copies=3, days=1)[:2] == (1_001, 3_003)  # whole machines
    assert needed.disks == pytest.approx(1_620)


@pytest.mark.broker
def test_bytes_are_counted_on_the_wire(new_topic):
    """Compressed batches are smaller, and all events arrive."""
    topic = new_topic()
    events = values(7, 200)
    settings = topic.cluster.settings
    plain = send(settings | {"batch.num.messages": 1}, topic, events)
    batched = send(settings | {"linger.ms": 20, "compression.type": "lz4"}, topic, events)
    assert topic.end_offsets() == {0: 400}
    assert batched.bytes_per_event < plain.bytes_per_event


@pytest.fixture
def stretches(new_topic):
    """A topic with a hundred events, and who reads stretches of it."""
    topic = new_topic()
    assert fill(topic, events=100, size=50) > 0
    stretches = Stretches(topic.cluster.settings, topic)
    yield stretches
    stretches.close()


@pytest.mark.broker
def test_stretches_are_read_from_where_they_begin(stretches):
    """In a row, or event by event."""
    assert stretches.microseconds_per_event(90, 10) > 0
    assert stretches.microseconds_per_event(0, 3, each_alone=True) > 0


@pytest.mark.broker
def test_a_stretch_that_is_not_there_is_told(stretches, monkeypatch):
    """With how much there was."""
    monkeypatch.setattr("eventlab.course.ch01_costs._ANSWER_SECONDS", 0.5)
    with pytest.raises(LogError, match="found 10") as refusal:
        stretches.microseconds_per_event(90, 20)
    assert refusal.value.remedy
