"""The events: their contracts, where they come from, and what may happen to them on their way."""

from eventlab.events.catalogue import COUNTRIES, LEVELS
from eventlab.events.codec import decode, encode
from eventlab.events.contracts import (
    CONTRACTS,
    Customer,
    CustomerEvent,
    Event,
    Flight,
    Order,
    OrderCancelled,
    OrderFailed,
    OrderValidated,
    OrderValidation,
    Payment,
    Product,
    ProductEvent,
    Shipment,
    ShipmentArrived,
    Stock,
)
from eventlab.events.delivery import Delivery, deliveries
from eventlab.events.faults import Fault, duplicated, late, lost, malformed, out_of_order
from eventlab.events.flights import delayed, two_days_of_flights
from eventlab.events.shop import Shop

__all__ = [
    "CONTRACTS",
    "COUNTRIES",
    "LEVELS",
    "Customer",
    "CustomerEvent",
    "Delivery",
    "Event",
    "Fault",
    "Flight",
    "Order",
    "OrderCancelled",
    "OrderFailed",
    "OrderValidated",
    "OrderValidation",
    "Payment",
    "Product",
    "ProductEvent",
    "Shipment",
    "ShipmentArrived",
    "Shop",
    "Stock",
    "decode",
    "delayed",
    "deliveries",
    "duplicated",
    "encode",
    "late",
    "lost",
    "malformed",
    "out_of_order",
    "two_days_of_flights",
]
