import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile

import pytest

from eventlab.errors import UsageError
from eventlab.events import (
    Customer,
    Order,
    OrderCancelled,
    Payment,
    Product,
    Shipment,
    Shop,
    Stock,
)
from tests.events.examples import digest, events_of, story

# The bytes of the first 20,000 events of seed 7. They change only when the shop is changed on
# purpose; then figures that chapters show strictly have to be renewed as well.
CHECKSUM = "8f0730cc54fb532e57ec123a557f10b663a040980582c2572015ca4833998908"
DIGEST_IN_ANOTHER_PROCESS = """
from tests.events.examples import digest
print(digest(7))
"""


def test_the_story_is_the_one_we_know():
    """The bytes of a seed are those of every earlier release, Python and machine."""
    assert digest(7) == CHECKSUM


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_the_story_does_not_depend_on_the_process(hash_seed):
    """Another process with another order of sets and dicts tells the same story."""
    found = subprocess.run(
        [sys.executable, "-c", DIGEST_IN_ANOTHER_PROCESS],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert found.stdout.strip() == CHECKSUM


def test_another_seed_is_another_story():
    """No event of another seed has the same id."""
    other = {event.event_id for event in islice(Shop(seed=8), 1_000)}
    assert not other & {event.event_id for event in story()}


def test_each_iteration_begins_anew():
    """A shop can be read twice, and by two readers at once, and tells all the same."""
    shop = Shop(seed=7)
    first, second = iter(shop), iter(shop)
    for _, one, other in zip(range(2_000), first, second, strict=False):
        assert one == other
    assert list(islice(shop, 100)) == story()[:100]


def test_events_come_in_order_of_time_with_ids_of_their_own():
    """Time never goes back, and no id is given twice."""
    assert all(earlier.at <= later.at for earlier, later in pairwise(story()))
    assert len({event.event_id for event in story()}) == len(story())


def test_times_are_whole_milliseconds():
    """An event's time is the same in the event and in Kafka's record, which counts milliseconds."""
    assert all(event.at.microsecond % 1_000 == 0 for event in story())


def test_the_shop_begins_by_saying_who_and_what_there_is():
    """Every customer, product and opening stock comes before the first order."""
    opening = list(islice(Shop(seed=3, customers=20, products=5), 31))
    assert [type(event) for event in opening] == [Customer] * 20 + [Product] * 5 + [Stock] * 5 + [
        Order
    ]
    assert len({event.key for event in opening[:20]}) == 20
    assert [event.key for event in opening[20:25]] == [event.key for event in opening[25:30]]


def test_every_order_names_a_customer_and_a_product_of_the_shop():
    """An order's country is its customer's, and its price is the product's newest."""
    customers, prices = {}, {}
    for event in story():
        if isinstance(event, Customer):
            customers[event.customer_id] = event
        elif isinstance(event, Product):
            prices[event.product_id] = event.price_cents
        elif isinstance(event, Order):
            assert event.country == customers[event.customer_id].country
            assert event.price_cents == prices[event.product_id]
            assert event.amount_cents == event.quantity * event.price_cents
    assert len(prices) == 60
    assert len(customers) == 500


def test_popularity_has_a_long_tail():
    """The best seller takes its share by Zipf's law, and the tail is still sold."""
    sold = Counter(order.product_id for order in events_of(Order)).most_common()
    share_of_the_first = 1 / sum(1 / rank for rank in range(1, 61))
    assert sold[0][1] / len(events_of(Order)) == pytest.approx(share_of_the_first, rel=0.05)
    assert len(sold) == 60


def test_orders_follow_the_hour_of_the_day():
    """The evening has many times the orders of the night."""
    hours = Counter(order.at.hour for order in events_of(Order))
    assert hours[20] > 10 * hours[3]


@pytest.mark.parametrize(("orders_per_hour", "weeks"), [(0.5, 52), (60, 1)])
def test_the_rate_is_the_mean_over_a_week(orders_per_hour, weeks):
    """As many orders come in some weeks as the rate says, give or take what chance allows."""
    shop = Shop(seed=1, orders_per_hour=orders_per_hour, customers=1, products=1)
    end = shop.start + timedelta(weeks=weeks)
    found = sum(1 for _ in takewhile(lambda order: order.at < end, shop.orders()))
    expected = orders_per_hour * 168 * weeks
    assert found == pytest.approx(expected, abs=4 * expected**0.5)


def test_customers_and_prices_change():
    """Levels and prices come anew, whole, when they change; the tables have something to do."""
    assert _values_shown(Customer, "level") > 520
    assert _values_shown(Product, "price_cents") > 100


def _values_shown(contract, field) -> int:
    return len({(event.key, getattr(event, field)) for event in events_of(contract)})


def test_the_story_begins_at_its_start():
    """The opening is at the start, wherever its clock is, and the first order not long after."""
    start = datetime(2030, 1, 1, 12, tzinfo=UTC)
    opening = list(islice(Shop(seed=1, customers=1, products=1, start=start), 4))
    assert [event.at for event in opening[:3]] == [start] * 3
    assert start < opening[3].at < start + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        (Customer, "customers"),
        (Product, "products"),
        (Stock, "stock"),
        (Order, "orders"),
        (OrderCancelled, "cancellations"),
        (Payment, "payments"),
        (Shipment, "shipments"),
    ],
)
def test_each_kind_can_be_had_alone(kind, method):
    """A method for a kind yields what the whole story holds of it, and nothing else."""
    expected = events_of(kind)[:200]
    assert list(islice(getattr(Shop(seed=7), method)(), len(expected))) == expected


@pytest.mark.parametrize(
    ("argument", "found"),
    [
        ("seed", "7"),
        ("seed", 7.0),
        ("seed", -1),
        ("seed", True),
        ("seed", None),
        ("orders_per_hour", 0),
        ("orders_per_hour", -5),
        ("orders_per_hour", float("nan")),
        ("orders_per_hour", float("inf")),
        ("customers", 0),
        ("products", 2.5),
        ("start", datetime(2025, 3, 3)),
        ("start", "2025-03-03"),
    ],
)
def test_what_makes_no_shop_is_refused(argument, found):
    """A wrong argument is one clear error that names it, before anything is made."""
    with pytest.raises(UsageError, match=rf"{argument}.*expected .*found .*\. "):
        Shop(**({"seed": 7} | {argument: found}))


def test_a_shop_may_be_tiny():
    """One customer and one product are a shop."""
    assert sum(1 for _ in islice(Shop(seed=0, customers=1, products=1), 1_000)) == 1_000
