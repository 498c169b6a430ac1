from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import msgspec
import pytest

from eventlab.errors import EventError
from eventlab.events import CONTRACTS, CustomerEvent, Event, Flight, ProductEvent
from tests.events.examples import EXAMPLE_ORDER, EXAMPLES, NOON

NAIVE = datetime(2025, 3, 3, 12, 0)
TWO_HOURS_EAST = NAIVE.replace(tzinfo=timezone(timedelta(hours=2)))


def test_there_is_an_example_of_every_contract():
    """The tests that run over the examples run over all contracts."""
    assert tuple(type(example) for example in EXAMPLES) == CONTRACTS


@pytest.mark.parametrize("moment", [NAIVE, TWO_HOURS_EAST, "2025-03-03T12:00:00Z", None])
def test_only_moments_in_utc_are_taken(moment):
    """A naive time, another time zone or no time at all is refused when the event is made."""
    with pytest.raises(EventError, match=r"Event .*'at'.*UTC"):
        Event("e1", moment)


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(0)), ZoneInfo("UTC")])
def test_utc_by_any_name_is_taken(zone):
    """UTC is known by its offset, not by which library made it."""
    assert Event("e1", NAIVE.replace(tzinfo=zone)).at == NOON


def test_every_timestamp_of_a_flight_is_held_to_utc():
    """The second timestamp of a contract is checked as the first is."""
    with pytest.raises(EventError, match="departed_at"):
        Flight("e1", NOON, "UA", 1545, "EWR", "IAH", NAIVE, 2)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_every_event_has_the_key_of_its_family(event):
    """Customers' events are keyed by customer, products' by product, flights by their origin."""
    expected = {CustomerEvent: "c001", ProductEvent: "p01", Flight: "EWR"}
    assert [event.key] == [key for family, key in expected.items() if isinstance(event, family)]


def test_an_event_of_no_family_has_no_key():
    """A bare event is spread over the partitions."""
    assert Event("e1", NOON).key is None


def test_an_event_cannot_be_changed():
    """A fact stays as it was said."""
    with pytest.raises(AttributeError):
        EXAMPLE_ORDER.quantity = 3
    assert msgspec.structs.replace(EXAMPLE_ORDER, quantity=3).quantity == 3
