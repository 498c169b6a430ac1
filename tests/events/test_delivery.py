from datetime import timedelta
from itertools import count, islice

import pytest

from eventlab.errors import UsageError
from eventlab.events import Delivery, deliveries, encode
from tests.events.examples import EXAMPLE_ORDER, NOON, orders


def test_an_event_arrives_when_it_happens():
    """An event on its own is a delivery at its own time, with its key and its bytes."""
    (delivery,) = deliveries([EXAMPLE_ORDER])
    assert delivery == Delivery(EXAMPLE_ORDER, NOON, "c001", encode(EXAMPLE_ORDER))
    assert delivery.at == NOON


def test_a_delivery_passes_unchanged():
    """What already is a delivery keeps its own time of arrival, which is not the event's."""
    late = Delivery.of(EXAMPLE_ORDER, NOON + timedelta(hours=1))
    assert list(deliveries([late])) == [late]
    assert (late.at, late.arrives_at) == (NOON, NOON + timedelta(hours=1))


def test_deliveries_are_made_one_at_a_time():
    """An endless source is only read as far as it is asked for."""
    numbers = count()
    (event,) = orders(1)
    assert len(list(islice(deliveries(event for _ in numbers), 5))) == 5
    assert next(numbers) == 5


def test_what_is_no_event_cannot_be_delivered():
    """A plain dict is refused with the remedy."""
    with pytest.raises(UsageError, match="class Click"):
        list(deliveries([{"page": "basket"}]))
