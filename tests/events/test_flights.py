from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from eventlab.errors import UsageError
from eventlab.events import Flight, decode, delayed, late, lost, two_days_of_flights
from tests.events.examples import EXAMPLE_ORDER

FLIGHTS = two_days_of_flights()
CANCELLED = [flight for flight in FLIGHTS if flight.departed_at is None]


def test_there_are_the_flights_of_two_days():
    """As many flights, and as many cancelled, as the table of the whole year has for these days."""
    assert (len(FLIGHTS), len(CANCELLED)) == (1_959, 278)
    assert Counter(flight.origin for flight in FLIGHTS) == {"EWR": 710, "JFK": 638, "LGA": 611}


def test_a_known_flight_is_what_the_table_says():
    """United 1545 was to leave Newark at 5:15 in New York, and left five minutes early."""
    (flight,) = (f for f in FLIGHTS if f.event_id == "UA1545-EWR-20130307T1015")
    quarter_past_ten = datetime(2013, 3, 7, 10, 15, tzinfo=UTC)
    assert flight == Flight(
        "UA1545-EWR-20130307T1015",
        quarter_past_ten,
        "UA",
        1545,
        "EWR",
        "IAH",
        quarter_past_ten - timedelta(minutes=5),
        -5,
    )


def test_flights_are_in_order_of_schedule_with_ids_of_their_own():
    """The event's time is the planned departure, within the two days of New York."""
    assert all(earlier.at <= later.at for earlier, later in pairwise(FLIGHTS))
    assert len({flight.event_id for flight in FLIGHTS}) == len(FLIGHTS)
    assert FLIGHTS[0].at >= datetime(2013, 3, 7, 5, tzinfo=UTC)
    assert FLIGHTS[-1].at < datetime(2013, 3, 9, 5, tzinfo=UTC)


def test_a_flight_arrives_when_it_departed():
    """What arrives is every flight that was not cancelled, in order of its actual departure."""
    arrived = list(delayed(FLIGHTS))
    assert Counter(d.event.event_id for d in arrived) == Counter(
        flight.event_id for flight in FLIGHTS if flight not in CANCELLED
    )
    assert all(d.arrives_at == d.event.departed_at for d in arrived)
    assert all(a.arrives_at <= b.arrives_at for a, b in pairwise(arrived))
    assert all(decode(d.value, Flight) == d.event for d in arrived)


def test_the_record_holds_what_was_not_on_time():
    """Late, early and cancelled flights are in the record, with the delay of the table."""
    fault = delayed(FLIGHTS)
    assert len(list(fault)) == 1_681
    found = {entry["event_id"]: entry["delay"] for entry in fault.record}
    assert found == {
        flight.event_id: None
        if flight.delay_minutes is None
        else timedelta(minutes=flight.delay_minutes)
        for flight in FLIGHTS
        if flight.delay_minutes != 0
    }


def test_most_flights_are_out_of_order():
    """Seven in ten flights arrive after one that was planned later: the case for event time."""
    newest, behind = FLIGHTS[0].at, 0
    for delivery in delayed(FLIGHTS):
        behind += delivery.at < newest
        newest = max(newest, delivery.at)
    assert behind / 1_681 == pytest.approx(0.70, abs=0.03)


def test_delays_go_together_with_other_faults():
    """Lost flights never depart, and what departed may still be late."""
    gone = lost(FLIGHTS, seed=1, probability=0.5)
    reported = late(delayed(gone), seed=1, probability=0.5)
    assert len(list(reported)) == 1_681 - sum(
        entry["event_id"] not in {flight.event_id for flight in CANCELLED} for entry in gone.record
    )
    assert reported.record


def test_only_flights_depart():
    """An order is refused, with the remedy."""
    with pytest.raises(UsageError, match=r"late\(\)"):
        list(delayed([EXAMPLE_ORDER]))
