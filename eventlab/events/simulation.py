"""One run of the shop: its opening, the orders, and what changes about customers and prices.

What follows from an order (stock, payment, parcel) is the matter of fulfilment, which has its own
source of chance: with it or without it, the orders are the same. The only source of chance is
`Random.random`, whose sequence Python keeps from version to version.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from random import Random

from eventlab.events.catalogue import (
    LEVELS,
    QUANTITIES,
    Good,
    Person,
    goods,
    people,
    price_cents,
)
from eventlab.events.contracts import Customer, Event, Level, Order, Product
from eventlab.events.fulfilment import Fulfilment
from eventlab.events.timeline import DAY, HOUR, SECOND, Draw, Timeline, about, exponential, moment
from eventlab.moments import milliseconds

_FROM_MONDAY_TO_THURSDAY = 3 * 24  # hours; 1970 began on a Thursday

# How much is ordered in each hour (UTC) and on each day from Monday on, against the others.
_BY_HOUR = (4, 2, 1, 1, 1, 2, 5, 9, 13, 16, 18, 19, 21, 19, 17, 16, 17, 20, 24, 28, 30, 26, 17, 9)
_BY_WEEKDAY = (10, 9, 9, 10, 11, 12, 13)


class Simulation:
    """Run the shop once, from its opening on; iterating yields its events in order of time."""

    def __init__(
        self,
        *,
        seed: int,
        start: datetime,
        orders_per_hour: float,
        customers: int,
        products: int,
        is_fulfilled: bool = True,
    ) -> None:
        self._draw = Random(f"shop {seed}").random
        self._name = f"shop{seed}"
        self._numbers = count(1)
        self._order_numbers = count(1)
        self._start = milliseconds(start) // 1_000 * SECOND
        self._orders_per_microsecond = _rates(orders_per_hour)
        self._people = people(customers, self._draw)
        self._goods = goods(products, self._draw)
        self._levels = {person.customer_id: person.home_level for person in self._people.items}
        self._prices = {good.product_id: good.list_price_cents for good in self._goods.items}
        self._timeline = Timeline()
        self._fulfilment: Fulfilment | None = None
        if is_fulfilled:
            self._fulfilment = Fulfilment(self._timeline, seed, self._goods, orders_per_hour)

    @property
    def pending(self) -> int:
        """Return how many steps are yet to come: no other state grows with the orders."""
        return self._timeline.pending

    def __iter__(self) -> Iterator[Event]:
        yield from self._open(self._start)
        yield from self._timeline

    def _open(self, at: int) -> Iterator[Event]:
        yield from (self._customer(at, person) for person in self._people.items)
        yield from (self._product(at, good) for good in self._goods.items)
        if self._fulfilment:
            yield from self._fulfilment.open(at)
        self._timeline.plan(self._next_order_at(at), self._order)
        self._timeline.plan(at + about(DAY, self._draw), self._review_customer)
        self._timeline.plan(at + about(DAY, self._draw), self._change_price)

    def _order(self, at: int, _: object) -> tuple[Event, ...]:
        self._timeline.plan(self._next_order_at(at), self._order)
        draw = self._draw
        person = self._people(draw())
        good = self._goods(draw())
        quantity = QUANTITIES(draw())
        order_id = f"o{next(self._order_numbers):07d}"
        price = self._prices[good.product_id]
        order = Order(
            f"{self._name}-{order_id}-order",
            moment(at),
            person.customer_id,
            order_id,
            good.product_id,
            quantity,
            price,
            price * quantity,
            person.country,
        )
        if self._fulfilment is None:
            return (order,)
        return (order, *self._fulfilment.take(at, order))

    def _next_order_at(self, at: int) -> int:
        # Orders come as a Poisson process whose rate changes at every full hour.
        expected = exponential(self._draw)
        while True:
            hour = at // HOUR
            rate = self._orders_per_microsecond[(hour + _FROM_MONDAY_TO_THURSDAY) % 168]
            rest_of_hour = (hour + 1) * HOUR - at
            if expected < rate * rest_of_hour:
                return at + round(expected / rate)
            expected -= rate * rest_of_hour
            at += rest_of_hour

    def _review_customer(self, at: int, _: object) -> tuple[Event, ...]:
        """Move one customer a level away from their home level, or back to it."""
        self._timeline.plan(at + about(2 * HOUR, self._draw), self._review_customer)
        person = self._people.items[int(self._draw() * len(self._people.items))]
        neighbour = _neighbour(person.home_level, self._draw)
        is_home = self._levels[person.customer_id] == person.home_level
        self._levels[person.customer_id] = neighbour if is_home else person.home_level
        return (self._customer(at, person),)

    def _change_price(self, at: int, _: object) -> tuple[Event, ...]:
        """Give one product another price, from a third below its list price to a sixth above."""
        self._timeline.plan(at + about(HOUR, self._draw), self._change_price)
        good = self._goods.items[int(self._draw() * len(self._goods.items))]
        price = price_cents(good.list_price_cents * (2 / 3 + self._draw() / 2))
        self._prices[good.product_id] = price
        return (self._product(at, good),)

    def _customer(self, at: int, person: Person) -> Customer:
        return Customer(
            f"{self._name}-{person.customer_id}-{next(self._numbers)}",
            moment(at),
            person.customer_id,
            person.name,
            person.email,
            self._levels[person.customer_id],
            person.country,
        )

    def _product(self, at: int, good: Good) -> Product:
        return Product(
            f"{self._name}-{good.product_id}-{next(self._numbers)}",
            moment(at),
            good.product_id,
            good.name,
            good.category,
            self._prices[good.product_id],
        )


def _neighbour(level: Level, draw: Draw) -> Level:
    """Return the level above or below, by chance where there are both."""
    place = LEVELS.index(level)
    is_first = place == 0
    is_last = place == len(LEVELS) - 1
    goes_up = is_first or (not is_last and draw() < 0.5)
    return LEVELS[place + 1] if goes_up else LEVELS[place - 1]


def _rates(orders_per_hour: float) -> list[float]:
    """Return the orders in a microsecond for each hour of the week, from Monday on."""
    weights = [day * hour for day in _BY_WEEKDAY for hour in _BY_HOUR]
    mean = sum(weights) / len(weights)
    return [orders_per_hour / HOUR * weight / mean for weight in weights]
