"""The contracts of every event: what travels on the wire, and what each reader may rely on.

    Event                   event_id, at
    ├── CustomerEvent       keyed by customer_id: what one customer did stays in order
    │   ├── Customer
    │   ├── Order, OrderCancelled, OrderValidation, OrderValidated, OrderFailed
    │   └── Payment, Shipment, ShipmentArrived
    ├── ProductEvent        keyed by product_id
    │   └── Product, Stock
    └── Flight              keyed by its airport of origin

The wire is JSON with the event's name in the field `type` and timestamps in UTC. Money is in whole
cents of the shop's one currency, so that sums are exact in every store. Customer, Product and
Stock carry the whole state, not a difference: the newest one for a key is the row of its table.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec

from eventlab.arguments import is_moment
from eventlab.errors import EventError, shown

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Quantity = Annotated[int, msgspec.Meta(ge=1)]
Level = Literal["bronze", "silver", "gold", "platinum"]
Method = Literal["card", "transfer", "wallet"]
CancelReason = Literal["changed_mind", "not_paid", "out_of_stock"]
StockReason = Literal["opening", "sold", "returned", "refilled"]


def _wire_name(class_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", class_name).lower()


class Event(msgspec.Struct, frozen=True, tag_field="type", tag=_wire_name):
    """Hold what happened: a fact with its own id and its own time, never changed afterwards.

    `event_id` is unique and the same for the same seed; `at` is an aware datetime in UTC, anything
    else raises EventError. A contract of your own is a subclass with its fields, and with `key`
    where order matters; it is immutable too (type checkers want `frozen=True` to be said
    again).
    """

    event_id: str
    at: Moment

    def __post_init__(self) -> None:
        if getattr(self.at, "tzinfo", None) is not UTC:
            _require_utc(self, "at")

    @property
    def key(self) -> str | None:
        """Return the key that chooses the partition; None spreads events over all of them."""
        return None


class CustomerEvent(Event, frozen=True):
    """Hold something that one customer did, or that was done for them."""

    customer_id: str

    @property
    def key(self) -> str:
        """Return the customer, so that all of one customer's events stay in order."""
        return self.customer_id


class ProductEvent(Event, frozen=True):
    """Hold something that is true of one product from now on."""

    product_id: str

    @property
    def key(self) -> str:
        """Return the product, so that a table keeps the newest event for each."""
        return self.product_id


class Customer(CustomerEvent, frozen=True):
    """Say who a customer is; sent again, whole, whenever something about them changes."""

    name: str
    email: str
    level: Level
    country: str


class Order(CustomerEvent, frozen=True):
    """Say that a customer ordered some of one product; `country` is where it shall go."""

    order_id: str
    product_id: str
    quantity: Quantity
    price_cents: Count
    amount_cents: Count
    country: str


class OrderCancelled(CustomerEvent, frozen=True):
    """Say that an order will not be fulfilled, and why."""

    order_id: str
    reason: CancelReason


class OrderValidation(CustomerEvent, frozen=True):
    """Say what one service's `check` of an order (inventory, fraud, details) found."""

    order_id: str
    check: str
    passed: bool
    reason: str = ""


class OrderValidated(CustomerEvent, frozen=True):
    """Say that an order passed every check that it had to pass."""

    order_id: str


class OrderFailed(CustomerEvent, frozen=True):
    """Say that an order did not pass, and which checks it failed."""

    order_id: str
    failed_checks: tuple[str, ...]


class Payment(CustomerEvent, frozen=True):
    """Say that an order was paid in full."""

    order_id: str
    amount_cents: Count
    method: Method


class Shipment(CustomerEvent, frozen=True):
    """Say that the parcel of an order left the warehouse."""

    order_id: str
    product_id: str
    quantity: Quantity
    carrier: str


class ShipmentArrived(CustomerEvent, frozen=True):
    """Say that the parcel of an order has reached its customer."""

    order_id: str


class Product(ProductEvent, frozen=True):
    """Say what a product is and costs; sent again, whole, whenever its price changes."""

    name: str
    category: str
    price_cents: Count


class Stock(ProductEvent, frozen=True):
    """Say how many of a product are `on_hand` from now on, by what `change`, and why."""

    on_hand: Count
    change: int
    reason: StockReason


class Flight(Event, frozen=True):
    """Say that a plane was due to leave at `at`, and when it did: never, if it was cancelled.

    `delay_minutes` is negative for a plane that left early; with `departed_at` it is None for a
    cancelled one.
    """

    carrier: str
    flight_number: int
    origin: str
    destination: str
    departed_at: Moment | None
    delay_minutes: int | None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.departed_at is not None:
            _require_utc(self, "departed_at")

    @property
    def key(self) -> str:
        """Return the airport of origin."""
        return self.origin


CONTRACTS = (
    Customer,
    Order,
    OrderCancelled,
    OrderValidation,
    OrderValidated,
    OrderFailed,
    Payment,
    Shipment,
    ShipmentArrived,
    Product,
    Stock,
    Flight,
)


def _require_utc(event: Event, field: str) -> None:
    moment = getattr(event, field)
    if is_moment(moment) and moment.utcoffset() == timedelta(0):
        return
    raise EventError(
        f"{type(event).__name__} breaks its contract in the field '{field}'",
        expected="an aware datetime in UTC",
        found=moment.isoformat() if isinstance(moment, datetime) else shown(moment),
        remedy="Give it a time zone (tzinfo=UTC), or turn it into UTC with astimezone(UTC).",
    )
