"""Chapter 01: order and replay, compared with the shop's own list; a key that serves both."""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import islice, pairwise
from typing import Any, NamedTuple
from zlib import crc32

import pandas

from eventlab.events import Customer, Order, Shop
from eventlab.lab.verbs import Verbs
from eventlab.log.messages import PlacedMessage
from eventlab.pictures.readers import PacedReader
from eventlab.teach.exercises import Wrong, takes

NOTHING = "nothing"
BACK = "they go back too"
TWICE = "they get orders twice"
MISS = "they miss orders"
GUESSES = [NOTHING, BACK, TWICE, MISS]

# The fullest partition over the average one. Hundreds of customers spread over a few partitions
# stay below it; countries, one of which has a large part of the orders, go beyond it.
MOST_SKEW = 1.5
PARTITIONS = 4
_MANY_ORDERS = 2_000
_SLOWER = 200  # of the shop's seconds in a second, for one record of the slowest reader

Figures = dict[str, Any]
Messages = Sequence[PlacedMessage]


def look(shop: Shop, story: Sequence[Order], speed: float) -> dict[str, Any]:
    """Return how the lanes look: customers by their first names, room for the fullest in each lane.

    Reader 1 is slower than the shop by far, reader 10 keeps up; at full speed all of them do.
    """
    customers = list(islice(shop.customers(), shop.number_of_customers))
    first = story[0].customer_id
    customers.sort(key=lambda customer: customer.customer_id != first)
    return {
        "by": "customer_id",
        "highlight": _short_names(customers),
        "joined": first,
        "extent": _longest_lane(story),
        "pace": speed / _SLOWER,
    }


def _short_names(customers: Sequence[Customer]) -> dict[str, str]:
    """Return the customers' first names by their ids, so that two fit side by side in a legend.

    Where two customers have the same one, whole names.
    """
    names = {customer.customer_id: customer.name for customer in customers}
    first = {customer_id: name.split()[0] for customer_id, name in names.items()}
    return first if len(set(first.values())) == len(first) else names


def _longest_lane(story: Sequence[Order]) -> int:
    """Return how many orders the fullest partition gets by the customer's key, in full tens."""
    # As librdkafka's own partitioner does it: the checksum of the key.
    lanes = Counter(crc32(order.customer_id.encode()) % PARTITIONS for order in story)
    return math.ceil(max(lanes.values()) / 10) * 10


# -- order ----------------------------------------------------------------------------------------


class _Placed(NamedTuple):
    """An order's place in the log."""

    partition: int
    offset: int


def crossings(lab: Verbs) -> Figures:
    """Count in the topic "orders" how often a customer's line crosses into another lane."""
    orders = lab.read("orders")
    if orders.empty:
        return {"crossings": 0}
    rows = orders.sort_values("order_id")
    places = zip(rows["customer_id"], rows["partition"], rows["offset"], strict=True)
    return {"crossings": _crossings([(one, _Placed(p, offset)) for one, p, offset in places])}


def compare(messages: Messages, story: Sequence[Order]) -> Figures:
    """Return how what a consumer read compares with the shop's own list, order by order.

    A crossing is a pair of orders, one after the other in the list, that lie in different
    partitions (or the wrong way round in one): of one customer, and of the shop as a whole.
    `out_of_order` counts the orders that came after a later order of the same customer.
    """
    places: dict[str, _Placed] = {}
    came: list[str] = []
    for message in messages:
        order_id = json.loads(message.value() or b"{}")["order_id"]
        places[order_id] = _Placed(message.partition(), message.offset())
        came.append(order_id)
    read = [order for order in story if order.order_id in places]
    return {
        "sent": len(story),
        "read": len(came),
        "crossings": _crossings([(order.customer_id, places[order.order_id]) for order in read]),
        "out_of_order": _out_of_order(came, story),
        "crossings_in_topic": _crossings([("all", places[order.order_id]) for order in read]),
    }


def _crossings(places: Sequence[tuple[str, _Placed]]) -> int:
    of_each: dict[str, list[_Placed]] = {}
    for customer, place in places:
        of_each.setdefault(customer, []).append(place)
    return sum(_leaves(a, b) for line in of_each.values() for a, b in pairwise(line))


def _leaves(earlier: _Placed, later: _Placed) -> bool:
    return earlier.partition != later.partition or earlier.offset > later.offset


def _out_of_order(came: Sequence[str], story: Sequence[Order]) -> int:
    numbers = {order.order_id: number for number, order in enumerate(story)}
    customers = {order.order_id: order.customer_id for order in story}
    newest: dict[str, int] = {}
    late = 0
    for order_id in came:
        customer = customers[order_id]
        number = numbers[order_id]
        late += number < newest.get(customer, -1)
        newest[customer] = max(number, newest.get(customer, -1))
    return late


def why_crossings(counts: Figures, broken: Figures) -> str:
    """Return in a few sentences what the key did to the order of each customer.

    Where the first topic has crossings too, it was broken from the start.
    """
    both = "Neither topic kept a customer in one lane. " if counts["crossings"] else ""
    return (
        f"{both}In the first topic {counts['crossings']} steps led into another lane, in the "
        f"second {broken['crossings']}. Only orders of the same key are sure to meet in one lane, "
        "and between two lanes the log keeps no order."
    )


# -- replay ---------------------------------------------------------------------------------------


class Standing(NamedTuple):
    """Where a reader stands, and how many records it has read until then."""

    position: dict[int, int]
    records: int


def standings(readers: Sequence[PacedReader], without: int) -> list[Standing]:
    """Return how all readers stand, but for the one with this number."""
    return [
        Standing(reader.position, sum(map(len, reader.readings)))
        for number, reader in enumerate(readers, start=1)
        if number != without
    ]


def replays(
    readers: Sequence[PacedReader], messages: Messages, before: Sequence[Standing], again: int
) -> Figures:
    """Return how what all readers have read compares with `messages`, record by record.

    A reader is `alike` if each of its readings is a stretch of every partition as it lies in the
    log, and together they are all of it. `again` is the number of the reader that went back, and
    `before` how the others stood until then.
    """
    whole = _by_partition(messages)
    pairs = list(zip(before, standings(readers, again), strict=True))
    return {
        "readers": len(readers),
        "alike": sum(_is_alike(reader.readings, whole) for reader in readers),
        "orders": len(messages),
        "read_again": _in_order(readers[again - 1].readings[-1], whole),
        "others_moved": sum(old.position != new.position for old, new in pairs),
        "others_got": sum(new.records - old.records for old, new in pairs),
    }


_Lanes = dict[int, dict[int, bytes | None]]


def _by_partition(messages: Messages) -> _Lanes:
    lanes: _Lanes = {}
    for message in messages:
        lanes.setdefault(message.partition(), {})[message.offset()] = message.value()
    return lanes


def _is_alike(readings: Sequence[Messages], whole: _Lanes) -> bool:
    is_in_order = all(_in_order(reading, whole) == len(reading) for reading in readings)
    return is_in_order and _by_partition([one for each in readings for one in each]) == whole


def _in_order(reading: Messages, whole: _Lanes) -> int:
    """Return how many records came as they lie in the log: the value, and after the one before."""
    newest: dict[int, int] = {}
    good = 0
    for message in reading:
        lane = message.partition()
        follows = newest.get(lane, message.offset() - 1) + 1 == message.offset()
        good += follows and whole.get(lane, {}).get(message.offset()) == message.value()
        newest[lane] = message.offset()
    return good


def outcome(figures: Figures) -> str:
    """Return which of the guesses about the other readers came true."""
    if figures["alike"] < figures["readers"]:
        return MISS
    if figures["others_moved"]:
        return BACK
    return TWICE if figures["others_got"] else NOTHING


def why(figures: Figures) -> str:
    """Return in one sentence what the readers have read."""
    if outcome(figures) == MISS:
        return (
            f"Of {figures['readers']} readers {figures['alike']} have read all "
            f"{figures['orders']} orders: in one group they share the partitions."
        )
    return (
        f"Reader 4 read {figures['read_again']} orders again, and of the other readers "
        f"{figures['others_moved']} moved: each has a place of its own."
    )


# -- the exercise ---------------------------------------------------------------------------------


def lay_out(lab: Verbs, seed: int) -> Callable[[str], pandas.DataFrame]:
    """Return what plays the orders of many customers into four partitions by a field of an order.

    It reads them back.
    """

    def laid_out(key: str) -> pandas.DataFrame:
        mine = lab.new_topic("mine", partitions=4)
        lab.produce(islice(Shop(seed=seed).orders(), _MANY_ORDERS), into=mine, key=key)
        return lab.read(mine)

    return laid_out


@takes("the name of a field of an order, in quotation marks")
def check_1(key: str, *, laid_out: Callable[[str], pandas.DataFrame], partitions: int) -> str:
    """Judge the key by what it does: where a customer's orders lie, how full the lanes are."""
    fields = Order.__struct_fields__
    if key not in fields:
        raise Wrong(f"{key!r:.80} is no field of an order. Its fields are {', '.join(fields)}.")
    orders = laid_out(key)
    scattered = scattered_customers(orders)
    skew = fullest_over_average(orders, partitions)
    if scattered:
        raise Wrong(
            f"{scattered:,} customers have orders in more than one partition, where no order holds "
            "between them. What must two orders have in common to stay in order?"
        )
    if skew > MOST_SKEW:
        raise Wrong(
            f"Each customer's order is kept, but the fullest partition holds {skew:.1f} times the "
            "average. A key with few values, or one large value, cannot be spread."
        )
    return (
        f"No customer is scattered, and the fullest partition holds {skew:.2f} times the average."
    )


def scattered_customers(orders: pandas.DataFrame) -> int:
    """Count the customers whose orders lie in more than one partition."""
    return int((orders.groupby("customer_id")["partition"].nunique() > 1).sum())


def fullest_over_average(orders: pandas.DataFrame, partitions: int) -> float:
    """Return the skew: the size of the fullest partition over the average, empty ones too."""
    return orders["partition"].value_counts().max() * partitions / len(orders)
