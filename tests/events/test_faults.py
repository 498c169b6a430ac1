"""Each fault is judged by comparing what went in with what came out; the record must agree."""

from collections import Counter
from datetime import timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import EventError, UsageError
from eventlab.events import (
    Delivery,
    Shop,
    decode,
    deliveries,
    duplicated,
    late,
    lost,
    malformed,
    out_of_order,
)
from eventlab.events.faults import Fault
from tests.events.examples import EXAMPLE_ORDER, NOON, orders

FAULTS = (late, out_of_order, duplicated, lost, malformed)
SEEDS = st.integers(min_value=0, max_value=2**40)
PROBABILITIES = st.sampled_from([0.0, 0.05, 0.3, 0.7, 1.0])
STREAMS = st.builds(orders, st.integers(0, 120), seconds_apart=st.sampled_from([0, 1, 60, 600]))
CHAINS = st.lists(st.tuples(st.sampled_from(FAULTS), SEEDS, PROBABILITIES), max_size=5)


def ids(arrived) -> list[str]:
    return [delivery.event.event_id for delivery in arrived]


def arrivals(arrived) -> dict:
    return {delivery.event.event_id: delivery.arrives_at for delivery in arrived}


def overtaken(before: list[str], after: list[str]) -> dict[str, int]:
    """Count for each id, the slow and obvious way, who came behind it and is now before it."""
    place = {event_id: number for number, event_id in enumerate(before)}
    return {
        event_id: sum(place[other] > place[event_id] for other in after[:number])
        for number, event_id in enumerate(after)
    }


def is_readable(delivery: Delivery) -> bool:
    try:
        return decode(delivery.value, type(delivery.event)) == delivery.event
    except EventError:
        return False


@given(STREAMS, SEEDS, PROBABILITIES)
def test_late_puts_off_what_it_says_and_nothing_else(events, seed, probability):
    """The record holds exactly the deliveries that arrive later than they happened, and by what."""
    fault = late(events, seed=seed, probability=probability)
    arrived = list(fault)
    found = {d.event.event_id: d.arrives_at - d.at for d in arrived if d.arrives_at != d.at}
    assert {entry["event_id"]: entry["delay"] for entry in fault.record} == found
    assert all(entry["arrives_at"] == entry["due_at"] + entry["delay"] for entry in fault.record)
    assert sorted(ids(arrived)) == sorted(event.event_id for event in events)


@given(STREAMS, SEEDS, PROBABILITIES, st.integers(1, 8))
def test_out_of_order_moves_what_it_says_and_no_further(events, seed, probability, places):
    """The record holds exactly what was overtaken, and by how many, which is `places` at most."""
    fault = out_of_order(events, seed=seed, probability=probability, places=places)
    arrived = list(fault)
    came_before = [event.event_id for event in events]
    counted = overtaken(came_before, ids(arrived))
    recorded = {entry["event_id"]: entry["overtaken_by"] for entry in fault.record}
    assert {i: n for i, n in recorded.items() if n} == {i: n for i, n in counted.items() if n}
    assert max(counted.values(), default=0) <= places
    put_off = {d.event.event_id: d.arrives_at for d in arrived if d.arrives_at != d.at}
    recorded_times = {entry["event_id"]: entry["arrives_at"] for entry in fault.record}
    assert put_off.items() <= recorded_times.items()
    assert sorted(ids(arrived)) == sorted(came_before)


@given(STREAMS, SEEDS, PROBABILITIES)
def test_duplicated_sends_again_what_it_says(events, seed, probability):
    """The record holds exactly the ids that arrive twice, with the same bytes and the same key."""
    fault = duplicated(events, seed=seed, probability=probability)
    arrived = list(fault)
    copies = Counter(ids(arrived))
    assert sorted(entry["event_id"] for entry in fault.record) == sorted(
        event_id for event_id, times in copies.items() if times == 2
    )
    assert len(arrived) == len(events) + len(fault.record)
    assert len({(d.event.event_id, d.key, d.value) for d in arrived}) == len(events)
    last = arrivals(arrived)
    assert all(entry["again_at"] == last[entry["event_id"]] for entry in fault.record)


@given(STREAMS, SEEDS, PROBABILITIES)
def test_lost_drops_what_it_says(events, seed, probability):
    """What does not arrive is in the record, and the rest arrives untouched."""
    fault = lost(events, seed=seed, probability=probability)
    arrived = list(fault)
    gone = {entry["event_id"] for entry in fault.record}
    assert arrived == [d for d in deliveries(events) if d.event.event_id not in gone]
    assert len(gone) == len(fault.record) == len(events) - len(arrived)


@given(STREAMS, SEEDS, PROBABILITIES)
def test_malformed_breaks_what_it_says(events, seed, probability):
    """No reader can decode what the record holds, and every reader can decode the rest."""
    fault = malformed(events, seed=seed, probability=probability)
    arrived = list(fault)
    broken = [d.event.event_id for d in arrived if not is_readable(d)]
    assert [entry["event_id"] for entry in fault.record] == broken
    assert [(d.event, d.arrives_at, d.key) for d in arrived] == [
        (event, event.at, event.key) for event in events
    ]


@given(STREAMS, CHAINS)
def test_faults_compose_in_any_order(events, chain):
    """Through any chain: in order of arrival, nothing too much or too little, the same again."""
    faults: list[Fault] = []
    stream = events
    for fault, seed, probability in chain:
        stream = fault(stream, seed=seed, probability=probability)
        faults.append(stream)
    arrived = list(deliveries(stream))
    assert all(a.arrives_at <= b.arrives_at for a, b in pairwise(arrived))
    expected = Counter(event.event_id for event in events)
    for (fault, _, _), made in zip(chain, faults, strict=True):
        change = Counter(entry["event_id"] for entry in made.record)
        expected += change if fault is duplicated else Counter()
        expected -= change if fault is lost else Counter()
    assert Counter(ids(arrived)) == expected
    records = [fault.record for fault in faults]
    assert list(deliveries(stream)) == arrived
    assert [fault.record for fault in faults] == records


@pytest.mark.parametrize("fault", FAULTS)
def test_the_share_is_the_probability(fault):
    """About as many deliveries are struck as the probability says."""
    struck = fault(orders(10_000), seed=5, probability=0.2)
    assert sum(1 for _ in struck) >= 7_500
    assert len(struck.record) == pytest.approx(2_000, abs=200)


@pytest.mark.parametrize("fault", [late, duplicated, lost, malformed])
def test_a_higher_probability_only_adds(fault):
    """What is struck at one in ten is struck, in the same way, at one in two."""
    few, many = (fault(orders(1_000), seed=5, probability=p) for p in (0.1, 0.5))
    assert len(list(few)) * len(list(many)) > 0
    assert all(entry in many.record for entry in few.record)
    assert 0 < len(few.record) < len(many.record)


def test_each_fault_strikes_others_than_the_next():
    """One seed for all faults of a chapter does not strike the same events with each."""
    made = [fault(orders(1_000), seed=5, probability=0.1) for fault in (late, duplicated, lost)]
    struck = [{entry["event_id"] for entry in fault.record} for fault in made if list(fault)]
    assert all(len(one & other) < 40 for one, other in pairwise(struck))


@pytest.mark.parametrize("fault", FAULTS)
def test_another_seed_strikes_others(fault):
    """The seed decides what is struck."""
    made = [fault(orders(500), seed=seed, probability=0.2) for seed in (1, 2)]
    assert [bool(list(one)) for one in made] == [True, True]
    assert made[0].record != made[1].record


def test_delays_are_mostly_short_and_seldom_long():
    """The mean delay is what was asked for, the median below it, and none is beyond ten means."""
    fault = late(orders(20_000), seed=1, probability=1, mean_delay=timedelta(minutes=10))
    assert len(list(fault)) == 20_000
    minutes = sorted(entry["delay"].total_seconds() / 60 for entry in fault.record)
    assert sum(minutes) / len(minutes) == pytest.approx(10, rel=0.03)
    assert minutes[10_000] == pytest.approx(6.93, rel=0.05)
    assert 0 < minutes[0] < minutes[-1] <= 100


@pytest.mark.parametrize("fault", [late, duplicated])
def test_no_delay_is_none(fault):
    """Kafka counts milliseconds: what is put off comes at least one later."""
    fault = fault(orders(200), seed=1, probability=1, mean_delay=timedelta(milliseconds=1))
    assert len(list(fault)) >= 200
    assert min(entry["delay"] for entry in fault.record) == timedelta(milliseconds=1)


@pytest.mark.parametrize("fault", FAULTS)
def test_an_endless_stream_is_read_only_as_far_as_needed(fault):
    """A fault of an endless shop yields, and holds back no more than its delays span."""
    taken = []

    def counted():
        for event in Shop(seed=1).orders():
            taken.append(event)
            yield event

    assert len(list(islice(fault(counted(), seed=1), 500))) == 500
    assert 300 < len(taken) < 1_000


def test_all_ways_of_damage_occur():
    """A chapter that counts unreadable messages by reason meets each reason."""
    fault = malformed(orders(200), seed=1, probability=1)
    assert len(list(fault)) == 200
    assert {entry["reason"] for entry in fault.record} == {
        "truncated",
        "another encoding",
        "no event id",
        "no time zone",
    }


def test_the_record_belongs_to_the_newest_iteration():
    """A second reading does not add to the first one's record, and a copy of it stays as it was."""
    fault = lost(orders(300), seed=1)
    first = len(list(fault)), fault.record
    fault.record.clear()
    second = len(list(fault)), fault.record
    assert first == second


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_in_order_of_arrival_is_refused(fault):
    """A list that was never sorted is one clear error, not a wrong record."""
    with pytest.raises(UsageError, match=r"order of arrival.*sorted"):
        list(fault(orders(3)[::-1], seed=1))


@pytest.mark.parametrize(
    ("fault", "argument", "found"),
    [
        *((fault, "probability", found) for fault in FAULTS for found in (-0.1, 1.1, "0.5", True)),
        *((fault, "seed", found) for fault in FAULTS for found in (-1, 1.5, "1", None)),
        *(
            (fault, "mean_delay", found)
            for fault in (late, duplicated)
            for found in (5, -timedelta(1))
        ),
        *((out_of_order, "places", found) for found in (0, 2.5, None)),
    ],
)
def test_what_makes_no_fault_is_refused(fault, argument, found):
    """A wrong argument is one clear error that names it, at the call and not when events flow."""
    with pytest.raises(UsageError, match=rf"{argument}.*expected .*found .*\. "):
        fault([EXAMPLE_ORDER], **({"seed": 1} | {argument: found}))


def test_a_single_event_is_no_stream():
    """An event that is not in a list is refused with the remedy."""
    with pytest.raises(UsageError, match=r"events=\[order\]"):
        late(EXAMPLE_ORDER, seed=1)


def test_an_event_that_is_late_keeps_its_own_time():
    """What is put off is the arrival, never what the event says."""
    (delivery,) = late([EXAMPLE_ORDER], seed=1, probability=1)
    assert delivery.at == NOON < delivery.arrives_at
    assert decode(delivery.value) == EXAMPLE_ORDER
