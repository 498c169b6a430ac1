"""A flow of a lab's: how many orders each country has had."""

import bytewax.operators as op
from bytewax.dataflow import Dataflow


def countries(lab, name="countries", step="count", **options) -> Dataflow:
    """Return a flow that writes how many orders each country has had."""
    flow = Dataflow(name)
    arrivals = op.input("orders", flow, lab.source("orders", **options))
    keyed = op.key_on("by country", arrivals, lambda arrival: arrival.event["country"])
    counted = op.stateful_map(step, keyed, lambda count, _: ((count or 0) + 1,) * 2)
    op.output("counts", counted, lab.sink("counts"))
    return flow
