"""What follows from an order is judged over the first days of a shop."""

from collections import Counter
from datetime import timedelta
from itertools import islice

from eventlab.events import Order, OrderCancelled, Payment, Shipment, ShipmentArrived, Shop, Stock
from tests.events.examples import events_of, story


def by_order(contract) -> dict:
    return {event.order_id: event for event in events_of(contract)}


def seconds_between(earlier, later) -> list[float]:
    return [
        (later[order_id].at - earlier[order_id].at).total_seconds()
        for order_id in later.keys() & earlier.keys()
    ]


def test_an_order_has_one_fate():
    """What is cancelled is never paid, and what is paid is paid once, in full."""
    orders, payments = by_order(Order), by_order(Payment)
    assert not payments.keys() & by_order(OrderCancelled).keys()
    assert len(payments) == len(events_of(Payment))
    assert all(paid.amount_cents == orders[o].amount_cents for o, paid in payments.items())


def test_an_order_is_paid_in_minutes_and_travels_for_days():
    """The steps of an order follow each other after times that people know."""
    orders, payments, shipments = by_order(Order), by_order(Payment), by_order(Shipment)
    to_pay = seconds_between(orders, payments)
    to_ship = seconds_between(payments, shipments)
    to_arrive = seconds_between(shipments, by_order(ShipmentArrived))
    assert min(to_pay) >= 20
    assert 240 < sum(to_pay) / len(to_pay) < 280
    assert min(to_ship) >= 2 * 3_600
    assert min(to_arrive) >= 24 * 3_600


def test_an_old_order_is_settled():
    """Two days after an order it is paid or cancelled, with no exception."""
    settled = by_order(Payment).keys() | by_order(OrderCancelled).keys()
    old = [o for o in events_of(Order) if o.at < story()[-1].at - timedelta(days=2)]
    assert len(old) > 5_000
    assert all(order.order_id in settled for order in old)


def test_orders_are_cancelled_for_every_reason():
    """Some change their mind, some do not pay, and some meet an empty shelf."""
    assert Counter(cancelled.reason for cancelled in events_of(OrderCancelled)).keys() == {
        "changed_mind",
        "not_paid",
        "out_of_stock",
    }


def test_the_stock_adds_up():
    """What is on hand is the sum of all changes, never negative, and is refilled."""
    on_hand = Counter()
    for event in events_of(Stock):
        on_hand[event.product_id] += event.change
        assert event.on_hand == on_hand[event.product_id] >= 0
    assert Counter(event.reason for event in events_of(Stock)).keys() == {
        "opening",
        "sold",
        "returned",
        "refilled",
    }


def test_what_is_cancelled_goes_back_to_the_shelf():
    """Each order that was given up, and had taken from the stock, is put back whole, at once."""
    orders = by_order(Order)
    expected = [
        (cancelled.at, orders[cancelled.order_id].product_id, orders[cancelled.order_id].quantity)
        for cancelled in events_of(OrderCancelled)
        if cancelled.reason != "out_of_stock"
    ]
    returned = [event for event in events_of(Stock) if event.reason == "returned"]
    assert [(event.at, event.product_id, event.change) for event in returned] == expected


def test_stock_is_refilled_again_and_again():
    """In some weeks every product runs low several times, and is refilled each time."""
    shop = Shop(seed=1, orders_per_hour=5, customers=10, products=3)
    refilled = Counter(
        event.product_id
        for event in islice(shop, 20_000)
        if getattr(event, "reason", "") == "refilled"
    )
    assert len(refilled) == 3
    assert min(refilled.values()) > 3


def test_exactly_what_is_not_on_hand_is_cancelled_as_out_of_stock():
    """An order takes what it needs from the stock, or, where that is too little, nothing."""
    refused = {o for o, c in by_order(OrderCancelled).items() if c.reason == "out_of_stock"}
    old = story()[-1].at - timedelta(hours=2)
    on_hand = {}
    for event in story():
        if isinstance(event, Stock):
            on_hand[event.product_id] = event.on_hand
        elif isinstance(event, Order) and event.at < old:
            assert (on_hand[event.product_id] < event.quantity) == (event.order_id in refused)
    assert refused
