"""The shop: a business in virtual time, as events, the same for the same seed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeVar

from eventlab.arguments import (
    refused,
    required_moment,
    required_positive_number,
    required_seed,
    required_whole_number,
)
from eventlab.checked import checked
from eventlab.events.contracts import (
    CONTRACTS,
    Customer,
    Event,
    Flight,
    Order,
    OrderCancelled,
    Payment,
    Product,
    Shipment,
    Stock,
)
from eventlab.events.simulation import Simulation
from eventlab.moments import EPOCH

Kind = TypeVar("Kind", bound=Event)

MONDAY_MORNING = datetime(2025, 3, 3, 8, tzinfo=UTC)
_KINDS = set(CONTRACTS) - {Flight}
_BEFORE_FULFILMENT = {Customer, Order, Product}


class Shop:
    """Tell the story of a shop: an endless stream of events, in order of time.

    Each iteration begins the same story anew: first every customer, product and opening stock, at
    `start`; then orders, payments some minutes later, shipments and arrivals days later,
    cancellations, and what changes about customers, prices and stock. The same seed and arguments
    give the same bytes on every machine. It is lazy, and remembers only the orders that are on
    their way, some days of them. May be iterated by several threads, each with its own story.

    `orders_per_hour` is the mean over a week; evenings have more, nights hardly any. `start` is
    taken to the full second. Raises UsageError for arguments that make no shop.
    """

    @checked
    def __init__(
        self,
        *,
        seed: int,
        orders_per_hour: float = 240,
        customers: int = 500,
        products: int = 60,
        start: datetime = MONDAY_MORNING,
    ) -> None:
        self.seed = required_seed(seed)
        self.orders_per_hour = required_positive_number(
            "orders_per_hour", orders_per_hour, at_most=1_000_000
        )
        self.number_of_customers = required_whole_number("customers", customers, at_least=1)
        self.number_of_products = required_whole_number("products", products, at_least=1)
        self.start = required_moment("start", start, at_least=EPOCH)

    def __iter__(self) -> Iterator[Event]:
        return self._story()

    @checked
    def only(self, *contracts: type[Kind]) -> Iterator[Kind]:
        """Yield the events of these contracts, in order of time: `shop.only(Order, Payment)`."""
        # Leaving out what follows from the orders makes them several times faster, and no other.
        for contract in contracts:
            if not any(issubclass(one, contract) for one in _KINDS):
                raise refused(
                    "contracts", contract, "a kind of event that a shop has", "shop.only(Order)"
                )
        story = self._story(is_fulfilled=not _BEFORE_FULFILMENT.issuperset(contracts))
        return (event for event in story if isinstance(event, contracts))

    def customers(self) -> Iterator[Customer]:
        """Yield every customer at the opening, then each one whose level changes."""
        return self.only(Customer)

    def products(self) -> Iterator[Product]:
        """Yield every product at the opening, then each one whose price changes."""
        return self.only(Product)

    def stock(self) -> Iterator[Stock]:
        """Yield what is on hand of every product at the opening, then each change of it."""
        return self.only(Stock)

    def orders(self) -> Iterator[Order]:
        """Yield the orders."""
        return self.only(Order)

    def cancellations(self) -> Iterator[OrderCancelled]:
        """Yield the orders that were cancelled, with the reason."""
        return self.only(OrderCancelled)

    def payments(self) -> Iterator[Payment]:
        """Yield the payments, each some minutes after its order."""
        return self.only(Payment)

    def shipments(self) -> Iterator[Shipment]:
        """Yield the parcels that leave the warehouse, each hours or days after its payment."""
        return self.only(Shipment)

    def _story(self, *, is_fulfilled: bool = True) -> Iterator[Event]:
        return iter(
            Simulation(
                seed=self.seed,
                start=self.start,
                orders_per_hour=self.orders_per_hour,
                customers=self.number_of_customers,
                products=self.number_of_products,
                is_fulfilled=is_fulfilled,
            )
        )
