from datetime import UTC, datetime
from itertools import islice

import pytest

from eventlab.events import Order
from eventlab.events.simulation import Simulation

MIDDAY = datetime(2025, 3, 3, 12, tzinfo=UTC)


def simulation(**arguments) -> Simulation:
    shop = {"seed": 7, "start": MIDDAY, "orders_per_hour": 20, "customers": 50, "products": 10}
    return Simulation(**(shop | arguments))


def test_state_does_not_grow_with_the_events():
    """In 200,000 events after the first weeks hardly more is pending than in these."""
    run = simulation()
    pending = [run.pending for _ in islice(run, 250_000)]
    assert 0 < max(pending[50_000:]) < 1.5 * max(pending[:50_000])


def test_the_rate_changes_with_the_hour_from_monday_to_sunday():
    """Sunday evening has as many more orders than Monday night as the two tables say."""
    monday, sunday = datetime(2025, 3, 3, tzinfo=UTC), datetime(2025, 3, 9, 20, tzinfo=UTC)
    calm, busy = (_orders_in_the_first_hour(start) for start in (monday, sunday))
    assert busy / calm == pytest.approx((30 * 13) / (4 * 10), rel=0.1)


def _orders_in_the_first_hour(start: datetime) -> int:
    found = 0
    for event in simulation(start=start, orders_per_hour=5_000):
        if event.at.hour != start.hour:
            return found
        found += isinstance(event, Order)
    raise AssertionError("the shop ended")


def test_a_rate_of_next_to_nothing_still_goes_on():
    """Days without an order are passed over at once."""
    run = simulation(orders_per_hour=0.01, customers=1, products=1)
    assert sum(isinstance(event, Order) for event in islice(run, 3_000)) > 1
