"""Chapter 02: a fold that keeps the value of each customer's open orders."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from eventlab.events import Order, OrderCancelled, Payment
from eventlab.teach.exercises import Wrong, takes

Event = Order | OrderCancelled | Payment


@takes("the rows that the fold made, by customer, and the events that it was given")
def check_1(rows: Mapping[str, Any], *, events: Sequence[Event]) -> str:
    """Judge the table: who is in it, and with what sum."""
    expected = open_cents(events)
    extra = set(rows) - set(expected)
    missing = set(expected) - set(rows)
    if extra and not missing:
        raise Wrong(
            f"{len(extra)} customers are in the table who have no open order, such as {min(extra)}."
            " When the last one is paid or cancelled the row has to go: return None, None."
        )
    if missing:
        raise Wrong(
            f"{len(missing)} customers with open orders are not in the table, such as"
            f" {min(missing)}. What is kept of an order until it is paid or cancelled?"
        )
    shapeless = [
        key for key, row in rows.items() if not isinstance(row, Mapping) or "cents" not in row
    ]
    if shapeless:
        raise Wrong(
            f"The row of {min(shapeless)} is {rows[min(shapeless)]!r}."
            ' A row is a dict with the sum: {"cents": ...}.'
        )
    wrong = {key: row["cents"] for key, row in rows.items() if row["cents"] != expected[key]}
    if wrong:
        customer = min(wrong)
        raise Wrong(
            f"The sums of {len(wrong)} customers are not right: {customer} has {wrong[customer]}"
            f" in place of {expected[customer]}. What an order was worth has to be taken off"
            " again when it is paid or cancelled, and no more."
        )
    return f"{len(expected)} customers have {sum(expected.values()) / 100:,.2f} open between them."


def open_cents(events: Sequence[Event]) -> dict[str, int]:
    """Return the value of the orders that were neither paid nor cancelled, by customer."""
    orders = {one.order_id: one for one in events if isinstance(one, Order)}
    for one in events:
        if not isinstance(one, Order):
            orders.pop(one.order_id, None)
    cents: dict[str, int] = defaultdict(int)
    for order in orders.values():
        cents[order.customer_id] += order.amount_cents
    return dict(cents)
