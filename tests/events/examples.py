"""One example of each contract, and of the streams that the tests of this room are run on."""

import hashlib
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice

from eventlab.events import (
    Customer,
    Event,
    Flight,
    Order,
    OrderCancelled,
    OrderFailed,
    OrderValidated,
    OrderValidation,
    Payment,
    Product,
    Shipment,
    ShipmentArrived,
    Shop,
    Stock,
    encode,
)

NOON = datetime(2025, 3, 3, 12, 0, tzinfo=UTC)
IDENTITY = ("e1", NOON)
BY_CUSTOMER = (*IDENTITY, "c001", "o000001")

EXAMPLES = (
    Customer(*IDENTITY, "c001", "Zoë Müller", "c001@example.com", "gold", "DE"),
    Order(*BY_CUSTOMER, "p01", 2, 1990, 3980, "DE"),
    OrderCancelled(*BY_CUSTOMER, "not_paid"),
    OrderValidation(*BY_CUSTOMER, "fraud", False, "over the limit"),
    OrderValidated(*BY_CUSTOMER),
    OrderFailed(*BY_CUSTOMER, ("fraud", "inventory")),
    Payment(*BY_CUSTOMER, 3980, "card"),
    Shipment(*BY_CUSTOMER, "p01", 2, "Post"),
    ShipmentArrived(*BY_CUSTOMER),
    Product(*IDENTITY, "p01", "Oak table", "home", 1990),
    Stock(*IDENTITY, "p01", 8, -2, "sold"),
    Flight(*IDENTITY, "UA", 1545, "EWR", "IAH", NOON + timedelta(minutes=2), 2),
)
EXAMPLE_ORDER = EXAMPLES[1]


def orders(count: int, *, seconds_apart: float = 60) -> list[Order]:
    """Return orders of ten customers, in order of time, with ids of their own."""
    return [
        Order(
            f"e{number}",
            NOON + timedelta(seconds=number * seconds_apart),
            f"c{number % 10:03d}",
            f"o{number}",
            "p01",
            1,
            1990,
            1990,
            "DE",
        )
        for number in range(count)
    ]


def digest(seed: int) -> str:
    """Return the checksum of the bytes of a shop's first 20,000 events."""
    story = islice(Shop(seed=seed), 20_000)
    return hashlib.sha256(b"\n".join(encode(event) for event in story)).hexdigest()


@cache
def story() -> list[Event]:
    """Return the first 120,000 events of seed 7, about four days."""
    return list(islice(Shop(seed=7), 120_000))


def events_of(*contracts: type[Event]) -> list[Event]:
    """Return the story's events of these contracts."""
    return [event for event in story() if isinstance(event, contracts)]
