"""A flow whose answer is wrong as soon as an event is lost or counted twice."""

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.events import Order
from eventlab.log import Topic
from eventlab.streams import Arrival, TopicSink, TopicSource


def counting(source: Topic, target: Topic, **options) -> Dataflow:
    """Return a flow that writes, for each order, how many its customer has placed."""
    flow = Dataflow("counting")
    arrivals = op.input("in", flow, TopicSource(source, at_most=10, **options))

    def count(number: int | None, arrival: Arrival) -> tuple[int, dict]:
        number = (number or 0) + 1
        return number, {"id": arrival.event["event_id"], "number": number}

    orders = op.key_on("by customer", arrivals, lambda arrival: arrival.key)
    op.output("out", op.stateful_map("count", orders, count), TopicSink(target))
    return flow


def numbered(orders: list[Order]) -> dict[str, int]:
    """Return for each order how many its customer had placed by then."""
    numbers, expected = {}, {}
    for order in orders:
        numbers[order.key] = numbers.get(order.key, 0) + 1
        expected[order.event_id] = numbers[order.key]
    return expected
