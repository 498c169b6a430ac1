"""What follows from an order: its stock, its payment minutes later, its parcel days later."""

from collections.abc import Iterator
from itertools import count
from math import fsum
from operator import mul
from random import Random

from eventlab.events.catalogue import QUANTITIES, Choice, Good
from eventlab.events.contracts import (
    CancelReason,
    Event,
    Method,
    Order,
    OrderCancelled,
    Payment,
    Shipment,
    ShipmentArrived,
    Stock,
    StockReason,
)
from eventlab.events.timeline import DAY, HOUR, MINUTE, SECOND, Step, Timeline, about, moment

_METHODS: Choice[Method] = Choice(("card", "wallet", "transfer"), (55, 30, 15))
_CARRIERS = Choice(("Post", "Hermes", "Swift"), (50, 30, 20))
_CHANGED_MIND = 0.03  # the share of orders that end so
_NOT_PAID = 0.03

_FULL_DAYS = 5  # how long stock lasts when it is full
_REORDER_DAYS = 1  # and when more is ordered
_SMALLEST_FULL = 12  # of what hardly anyone orders
_SMALLEST_REORDER = 4


class Fulfilment:
    """Plan on a timeline what follows from each order; keep what is on hand of each product."""

    def __init__(
        self, timeline: Timeline, seed: int, goods: Choice[Good], orders_per_hour: float
    ) -> None:
        self._timeline = timeline
        self._draw = Random(f"fulfilment {seed}").random
        self._name = f"shop{seed}"
        self._stock_numbers = count(1)
        self._full = _full_stock(goods, orders_per_hour)
        self._on_hand = dict.fromkeys(self._full, 0)
        self._awaited: set[str] = set()  # the products of which more is on its way

    def open(self, at: int) -> Iterator[Stock]:
        """Yield the opening stock of every product."""
        return (self._stock(at, product, full, "opening") for product, full in self._full.items())

    def take(self, at: int, order: Order) -> tuple[Event, ...]:
        """Return what an order changes at once, and plan what follows from it."""
        if self._on_hand[order.product_id] < order.quantity:
            self._plan(at + self._about(2 * MINUTE), self._cancel_unavailable, order)
            return ()
        self._plan_outcome(at, order)
        sold = self._stock(at, order.product_id, -order.quantity, "sold")
        if sold.on_hand <= self._reorder_level(order.product_id):
            self._order_more(at, order.product_id)
        return (sold,)

    def _plan_outcome(self, at: int, order: Order) -> None:
        chance = self._draw()
        if chance < _CHANGED_MIND:
            self._plan(at + self._about(10 * MINUTE), self._cancel_unwanted, order)
        elif chance < _CHANGED_MIND + _NOT_PAID:
            self._plan(at + DAY, self._cancel_unpaid, order)
        else:
            self._plan(at + 20 * SECOND + self._about(4 * MINUTE), self._pay, order)

    def _pay(self, at: int, order: Order) -> tuple[Event, ...]:
        self._plan(at + 2 * HOUR + self._about(20 * HOUR), self._ship, order)
        method = _METHODS(self._draw())
        payment = Payment(
            self._event_id(order, "payment"),
            moment(at),
            order.customer_id,
            order.order_id,
            order.amount_cents,
            method,
        )
        return (payment,)

    def _ship(self, at: int, order: Order) -> tuple[Event, ...]:
        self._plan(at + DAY + self._about(DAY), self._arrive, order)
        carrier = _CARRIERS(self._draw())
        shipment = Shipment(
            self._event_id(order, "shipment"),
            moment(at),
            order.customer_id,
            order.order_id,
            order.product_id,
            order.quantity,
            carrier,
        )
        return (shipment,)

    def _arrive(self, at: int, order: Order) -> tuple[Event, ...]:
        event_id = self._event_id(order, "arrival")
        return (ShipmentArrived(event_id, moment(at), order.customer_id, order.order_id),)

    def _cancel_unavailable(self, at: int, order: Order) -> tuple[Event, ...]:
        return (self._cancelled(at, order, "out_of_stock"),)

    def _cancel_unwanted(self, at: int, order: Order) -> tuple[Event, ...]:
        return (self._cancelled(at, order, "changed_mind"), self._put_back(at, order))

    def _cancel_unpaid(self, at: int, order: Order) -> tuple[Event, ...]:
        return (self._cancelled(at, order, "not_paid"), self._put_back(at, order))

    def _cancelled(self, at: int, order: Order, reason: CancelReason) -> OrderCancelled:
        event_id = self._event_id(order, "cancellation")
        return OrderCancelled(event_id, moment(at), order.customer_id, order.order_id, reason)

    def _put_back(self, at: int, order: Order) -> Stock:
        return self._stock(at, order.product_id, order.quantity, "returned")

    def _order_more(self, at: int, product_id: str) -> None:
        if product_id not in self._awaited:
            self._awaited.add(product_id)
            self._plan(at + 8 * HOUR + self._about(10 * HOUR), self._refill, product_id)

    def _refill(self, at: int, product_id: str) -> tuple[Event, ...]:
        self._awaited.remove(product_id)
        missing = self._full[product_id] - self._on_hand[product_id]
        return (self._stock(at, product_id, missing, "refilled"),)

    def _reorder_level(self, product_id: str) -> int:
        return max(_SMALLEST_REORDER, self._full[product_id] * _REORDER_DAYS // _FULL_DAYS)

    def _stock(self, at: int, product_id: str, change: int, reason: StockReason) -> Stock:
        event_id = f"{self._name}-{product_id}-stock-{next(self._stock_numbers)}"
        self._on_hand[product_id] += change
        return Stock(event_id, moment(at), product_id, self._on_hand[product_id], change, reason)

    def _event_id(self, order: Order, kind: str) -> str:
        return f"{self._name}-{order.order_id}-{kind}"

    def _plan(self, at: int, step: Step, subject: object) -> None:
        self._timeline.plan(at, step, subject)

    def _about(self, mean: int) -> int:
        return about(mean, self._draw)


def _full_stock(goods: Choice[Good], orders_per_hour: float) -> dict[str, int]:
    mean_quantity = fsum(map(mul, QUANTITIES.items, QUANTITIES.shares))
    sold = orders_per_hour * 24 * _FULL_DAYS * mean_quantity
    return {
        good.product_id: max(_SMALLEST_FULL, round(sold * share))
        for good, share in zip(goods.items, goods.shares, strict=True)
    }
