"""One run of the shop in virtual time: a queue of what comes next, and what each step leads to.

Every step is a method that returns the events of its moment and puts what follows from them into
the queue; the queue is the only thing that grows, up to what a week leaves open. Time is counted
in whole microseconds from 1970, and events carry whole milliseconds, as Kafka does. The only
source of chance is `Random.random`, whose sequence Python keeps from version to version.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from math import fsum, log
from operator import mul
from random import Random

from eventlab.events.catalogue import LEVELS, Choice, Good, Person, goods, people, price_cents
from eventlab.events.contracts import (
    Customer,
    Event,
    Order,
    OrderCancelled,
    Payment,
    Product,
    Shipment,
    ShipmentArrived,
    Stock,
)

SECOND = 1_000_000  # in microseconds, as all durations here
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
_HOURS_FROM_THURSDAY_TO_MONDAY = 4 * 24  # 1970 began on a Thursday

# How much is ordered in each hour (UTC) and on each day from Monday on, against the others.
_BY_HOUR = (4, 2, 1, 1, 1, 2, 5, 9, 13, 16, 18, 19, 21, 19, 17, 16, 17, 20, 24, 28, 30, 26, 17, 9)
_BY_WEEKDAY = (10, 9, 9, 10, 11, 12, 13)

_QUANTITIES = Choice((1, 2, 3, 4, 5), (70, 18, 7, 3, 2))
_MEAN_QUANTITY = fsum(map(mul, _QUANTITIES.items, _QUANTITIES.shares))
_METHODS = Choice(("card", "wallet", "transfer"), (55, 30, 15))
_CARRIERS = Choice(("Post", "Hermes", "Swift"), (50, 30, 20))
_CHANGED_MIND, _NOT_PAID = 0.03, 0.03  # the share of orders that end so

_STEPS = 2**24  # into which a mean duration is divided

_OPENING_DAYS, _REORDER_DAYS = 5, 1  # how long the stock lasts when full, and when more is ordered
_SMALLEST_OPENING, _SMALLEST_REORDER = 12, 4  # for what hardly anyone orders

Step = Callable[[int, object], tuple[Event, ...]]


class Simulation:
    """Run the shop once, from its opening on; iterating yields its events in order of time."""

    def __init__(
        self, *, seed: int, start: datetime, orders_per_hour: float, customers: int, products: int
    ):
        self._draw = Random(f"shop {seed}").random
        self._event_numbers, self._order_numbers, self._places = count(1), count(1), count()
        self._prefix = f"{seed}-"
        self._start = int(start.timestamp()) * SECOND
        self._orders_per_microsecond = _rates(orders_per_hour)
        self._people = people(customers, self._draw)
        self._goods = goods(products, self._draw)
        self._levels = {person.customer_id: person.home_level for person in self._people.items}
        self._prices = {good.product_id: good.list_price_cents for good in self._goods.items}
        self._full = _full_stock(self._goods, orders_per_hour)
        self._on_hand = dict(self._full)
        self._awaited: set[str] = set()  # the products of which more was ordered
        self._queue: list[tuple[int, int, Step, object]] = []

    @property
    def pending(self) -> int:
        """Return how many steps are yet to come: the only state that grows with the orders."""
        return len(self._queue)

    def __iter__(self) -> Iterator[Event]:
        yield from self._open()
        while True:
            at, _, step, subject = heappop(self._queue)
            yield from step(at, subject)

    def _open(self) -> Iterator[Event]:
        at = self._start
        yield from (self._customer(at, person) for person in self._people.items)
        for good in self._goods.items:
            yield self._product(at, good)
            yield self._stock(at, good.product_id, self._full[good.product_id], "opening")
        self._later(self._next_order_at(at), self._order, None)
        self._later(at + self._about(DAY), self._review_customer, None)
        self._later(at + self._about(DAY), self._change_price, None)

    # The life of an order

    def _order(self, at: int, _: object) -> tuple[Event, ...]:
        self._later(self._next_order_at(at), self._order, None)
        draw = self._draw
        person, good, quantity = self._people(draw()), self._goods(draw()), _QUANTITIES(draw())
        price = self._prices[good.product_id]
        order = Order(
            *self._identity(at),
            person.customer_id,
            f"o{next(self._order_numbers):07d}",
            good.product_id,
            quantity,
            price,
            price * quantity,
            person.country,
        )
        if self._on_hand[good.product_id] < quantity:
            self._later(at + self._about(2 * MINUTE), self._cancel_unavailable, order)
            return (order,)
        self._decide(at, order)
        return (order, self._take_from_stock(at, good.product_id, quantity))

    def _decide(self, at: int, order: Order) -> None:
        fate = self._draw()
        if fate < _CHANGED_MIND:
            self._later(at + self._about(10 * MINUTE), self._cancel_unwanted, order)
        elif fate < _CHANGED_MIND + _NOT_PAID:
            self._later(at + DAY, self._cancel_unpaid, order)
        else:
            self._later(at + 20 * SECOND + self._about(4 * MINUTE), self._pay, order)

    def _pay(self, at: int, order: Order) -> tuple[Event, ...]:
        self._later(at + 2 * HOUR + self._about(20 * HOUR), self._ship, order)
        method = _METHODS(self._draw())
        return (Payment(*self._about_order(at, order), order.amount_cents, method),)

    def _ship(self, at: int, order: Order) -> tuple[Event, ...]:
        self._later(at + DAY + self._about(DAY), self._arrive, order)
        parcel = (order.product_id, order.quantity, _CARRIERS(self._draw()))
        return (Shipment(*self._about_order(at, order), *parcel),)

    def _arrive(self, at: int, order: Order) -> tuple[Event, ...]:
        return (ShipmentArrived(*self._about_order(at, order)),)

    def _cancel_unavailable(self, at: int, order: Order) -> tuple[Event, ...]:
        return (OrderCancelled(*self._about_order(at, order), "out_of_stock"),)

    def _cancel_unwanted(self, at: int, order: Order) -> tuple[Event, ...]:
        return self._cancel_and_put_back(at, order, "changed_mind")

    def _cancel_unpaid(self, at: int, order: Order) -> tuple[Event, ...]:
        return self._cancel_and_put_back(at, order, "not_paid")

    def _cancel_and_put_back(self, at: int, order: Order, reason: str) -> tuple[Event, ...]:
        cancelled = OrderCancelled(*self._about_order(at, order), reason)
        return (cancelled, self._stock(at, order.product_id, order.quantity, "returned"))

    # The stock

    def _take_from_stock(self, at: int, product_id: str, quantity: int) -> Stock:
        sold = self._stock(at, product_id, -quantity, "sold")
        if sold.on_hand <= self._reorder_level(product_id) and product_id not in self._awaited:
            self._awaited.add(product_id)
            self._later(at + 8 * HOUR + self._about(10 * HOUR), self._refill, product_id)
        return sold

    def _refill(self, at: int, product_id: str) -> tuple[Event, ...]:
        self._awaited.remove(product_id)
        missing = self._full[product_id] - self._on_hand[product_id]
        return (self._stock(at, product_id, missing, "refilled"),)

    def _reorder_level(self, product_id: str) -> int:
        return max(_SMALLEST_REORDER, self._full[product_id] * _REORDER_DAYS // _OPENING_DAYS)

    # What changes now and then

    def _review_customer(self, at: int, _: object) -> tuple[Event, ...]:
        """Move one customer a level away from their home level, or back to it."""
        self._later(at + self._about(2 * HOUR), self._review_customer, None)
        person = self._people.items[int(self._draw() * len(self._people.items))]
        home = LEVELS.index(person.home_level)
        neighbour = min(max(home + (1 if self._draw() < 0.5 else -1), 0), len(LEVELS) - 1)
        is_home = self._levels[person.customer_id] == person.home_level
        self._levels[person.customer_id] = LEVELS[neighbour if is_home else home]
        return (self._customer(at, person),)

    def _change_price(self, at: int, _: object) -> tuple[Event, ...]:
        """Give one product another price, from a third below its list price to a sixth above."""
        self._later(at + self._about(HOUR), self._change_price, None)
        good = self._goods.items[int(self._draw() * len(self._goods.items))]
        self._prices[good.product_id] = price_cents(
            good.list_price_cents * (2 / 3 + self._draw() / 2)
        )
        return (self._product(at, good),)

    # The facts of one moment

    def _customer(self, at: int, person: Person) -> Customer:
        identity, level = self._identity(at), self._levels[person.customer_id]
        return Customer(
            *identity, person.customer_id, person.name, person.email, level, person.country
        )

    def _product(self, at: int, good: Good) -> Product:
        price = self._prices[good.product_id]
        return Product(*self._identity(at), good.product_id, good.name, good.category, price)

    def _stock(self, at: int, product_id: str, change: int, reason: str) -> Stock:
        if reason != "opening":
            self._on_hand[product_id] += change
        return Stock(*self._identity(at), product_id, self._on_hand[product_id], change, reason)

    def _about_order(self, at: int, order: Order) -> tuple[str, datetime, str, str]:
        return (*self._identity(at), order.customer_id, order.order_id)

    def _identity(self, at: int) -> tuple[str, datetime]:
        event_id = f"{self._prefix}{next(self._event_numbers):08d}"
        return event_id, datetime.fromtimestamp(at // 1000 / 1000, UTC)

    # Time

    def _later(self, at: int, step: Step, subject: object) -> None:
        # The place decides between steps of the same microsecond: first planned, first done.
        heappush(self._queue, (at, next(self._places), step, subject))

    def _about(self, mean: int) -> int:
        return round(mean * self._exponential())

    def _exponential(self) -> float:
        # Rounded, because the last bits of a logarithm differ between machines.
        return round(-log(1 - self._draw()) * _STEPS) / _STEPS

    def _next_order_at(self, at: int) -> int:
        # Orders come as a Poisson process whose rate changes at every full hour.
        expected = self._exponential()
        while True:
            hour = at // HOUR
            rate = self._orders_per_microsecond[(hour - _HOURS_FROM_THURSDAY_TO_MONDAY) % 168]
            rest_of_hour = (hour + 1) * HOUR - at
            if expected < rate * rest_of_hour:
                return at + round(expected / rate)
            expected -= rate * rest_of_hour
            at += rest_of_hour


def _rates(orders_per_hour: float) -> list[float]:
    """Return the orders in a microsecond for each hour of the week, from Monday on."""
    weights = [day * hour for day in _BY_WEEKDAY for hour in _BY_HOUR]
    mean = sum(weights) / len(weights)
    return [orders_per_hour / HOUR * weight / mean for weight in weights]


def _full_stock(goods: Choice[Good], orders_per_hour: float) -> dict[str, int]:
    a_while = orders_per_hour * 24 * _OPENING_DAYS * _MEAN_QUANTITY
    return {
        good.product_id: max(_SMALLEST_OPENING, round(a_while * share))
        for good, share in zip(goods.items, goods.shares, strict=True)
    }
