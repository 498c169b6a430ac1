"""Chapter 00: what a reader who comes and goes has read, and a consumer of one's own."""

import json
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import Any

import pandas

from eventlab.events import Order, Shop
from eventlab.log.messages import PlacedMessage
from eventlab.teach.exercises import Wrong, takes

NEXT = "the first one not yet read"
GONE = "none: they are gone"
GUESSES = ["the first one again", NEXT, "the newest one", GONE]

Visits = Sequence[Sequence[int]]


def words(shop: Shop) -> Callable[[dict[str, Any]], str]:
    """Return what says of an order, read from the log, what was bought and for how much."""
    opening = islice(shop.products(), shop.number_of_products)
    names = {product.product_id: product.name for product in opening}

    def said(row: dict[str, Any]) -> str:
        return f"{names[row['product_id']]}, {row['amount_cents'] / 100:.2f} €"

    return said


def compare(messages: Sequence[PlacedMessage], story: Sequence[Order]) -> dict[str, int]:
    """Return how the orders that a consumer has read compare with those that the shop sent."""
    read = [json.loads(message.value() or b"{}").get("order_id") for message in messages]
    sent = {order.order_id for order in story}
    return {
        "sent": len(story),
        "read": len(read),
        "missing": len(sent - set(read)),
        "twice": len(read) - len(set(read)),
    }


def places(visits: Visits) -> dict[str, int]:
    """Return how many orders each part of the visits read, and at how many places one was passed.

    A visit is the offsets in the order in which they were read. The last one is the return.
    """
    *earlier, last = visits
    before = [offset for visit in earlier for offset in visit]
    read = [*before, *last]
    passed = sum(new != old + 1 for old, new in pairwise(read))
    return {"read_before": len(before), "read_after": len(last), "gaps": passed}


def outcome(visits: Visits) -> str:
    """Return which of the guesses came true."""
    found = places(visits)
    return NEXT if found["read_after"] and not found["gaps"] else GONE


def why(visits: Visits) -> str:
    """Return in one sentence where the reader stopped, and where it went on."""
    *earlier, last = visits
    before = [offset for visit in earlier for offset in visit]
    left = f"the order at offset {before[-1]}" if before else "no order"
    if not last:
        return f"The last you had read was {left}; after you came back, nothing came."
    return f"The last you had read was {left}; the first after you came back is at {last[0]}."


def why_lost(kept: int, lost: int) -> str:
    """Return in two sentences how many orders each of two logs has lost to its reader, and why.

    The second reader has no bookmark. Where the first one has lost any, it had none either.
    """
    if kept:
        return (
            f"{kept} orders were lost to you in the first log, and {lost} in the second. All of "
            "them are in both logs: your place was kept in neither."
        )
    return (
        f"With the bookmark no order was lost to you, without it {lost}. All of them are in both "
        "logs: only your place was not kept."
    )


@takes("a whole number, the country's code, and the topic's orders as a DataFrame")
def check_1(count: int, *, country: str, orders: pandas.DataFrame) -> str:
    """Judge how many orders from one `country` the learner's consumer counted in the topic."""
    counts = orders["country"].value_counts()
    wanted = counts.get(country, 0)
    if count != wanted:
        raise Wrong(_why_not(count, wanted, country, counts))
    return f"{count:,} of {len(orders):,} orders came from {country}; all of them are still there."


def _why_not(count: int, wanted: int, country: str, counts: pandas.Series) -> str:
    others = counts.index[counts == count]
    if count == counts.sum():
        return "These are all the orders. Count one only if its country is the one asked for."
    if count == 0:
        return f"Nothing was counted. Compare order['country'] with {country!r}, letter for letter."
    if len(others):
        return f"This is the number of orders from {others[0]}; asked for is {country}."
    if count < wanted:
        return (
            "There are more in the topic. Begin at its first offset ('auto.offset.reset': "
            "'earliest', and a group.id that has read nothing yet), and go on to its end."
        )
    return "There are fewer in the topic. Begin the count at 0, and count each message once."
