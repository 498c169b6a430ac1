from collections import Counter

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow

from eventlab.errors import UsageError
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = pytest.mark.broker


def countries(lab, **options):
    """Return a flow that writes how many orders each country has had."""
    flow = Dataflow("countries")
    arrivals = op.input("orders", flow, lab.source("orders", **options))
    keyed = op.key_on("by country", arrivals, lambda arrival: arrival.event["country"])
    counted = op.stateful_map("count", keyed, lambda count, _: ((count or 0) + 1,) * 2)
    op.output("counts", counted, lab.sink("counts"))
    return flow


def test_a_flow_goes_from_topic_to_topic(lab):
    """It is bytewax's own; the lab gives it a source and a sink, and runs it in the background."""
    written = orders(200)
    lab.produce(written, into=lab.topic("orders", partitions=2))
    assert lab.run(countries(lab, bounded=True)).wait(30)
    last = lab.read("counts").groupby("key")["value"].max().to_dict()
    assert last == Counter(order.country for order in written)


def test_running_a_flow_again_ends_the_one_before(lab):
    """So its cell may be run at any time; closing the lab ends all of them."""
    lab.topic("orders")
    first = lab.run(countries(lab))
    second = lab.run(countries(lab))
    assert (first.is_alive, second.is_alive) == (False, True)
    lab.close()
    assert not second.is_alive


def test_a_flow_keeps_what_it_knows_until_it_is_told_to_forget(lab):
    """With recovery the counts go on; forgotten, they begin at one."""
    lab.topic("orders")
    counts = []
    for number in range(3):
        if number == 2:
            lab.forget("countries")
        lab.produce(orders(10), into="orders")
        lab.topic("counts")
        assert lab.run(countries(lab, bounded=True), recovery=True).wait(30)
        counts.append(lab.read("counts").groupby("key")["value"].max().sum())
    assert counts == [10, 20, 30]
    assert len(lab.read("counts")) == 30  # the last run has read all of it from the start


@pytest.mark.parametrize("processes", [1, 2])
def test_a_flow_runs_in_processes_of_its_own_too(lab, processes):
    """The same cell with one more word; it keeps what it knows across both."""
    written = orders(200)
    lab.produce(written[:100], into=lab.topic("orders", partitions=2))
    options = {"where": "process", "processes": processes, "recovery": True}
    lab.forget("countries")
    assert lab.run(countries(lab, bounded=True), **options).wait(60)
    lab.produce(written[100:], into="orders")
    assert lab.run(countries(lab, bounded=True), recovery=True).wait(30)
    last = lab.read("counts").groupby("key")["value"].max().to_dict()
    assert last == Counter(order.country for order in written)
    lab.forget("countries")


def test_a_table_is_up_to_date_and_follows(lab):
    """The same call again stops the one before; the past stays a question of its own."""
    topic = lab.topic("stock", cleanup_policy="compact")
    lab.produce([("tea", {"left": 3}), ("jam", {"left": 1})], into=topic)
    table = lab.table("stock")
    assert table.rows() == {"tea": {"left": 3}, "jam": {"left": 1}}
    lab.produce([("jam", None), ("tea", {"left": 2})], into=topic)
    until(lambda: table.rows() == {"tea": {"left": 2}})
    assert lab.table_at(topic, end=2)["left"].to_dict() == {"tea": 3, "jam": 1}
    again = lab.table("stock")
    lab.produce([("tea", None)], into=topic)
    until(lambda: len(again) == 0)
    assert len(table) == 1


def test_what_is_no_flow_is_refused(lab):
    """A learner may pass the stream in place of the flow."""
    with pytest.raises(UsageError, match="expected a Dataflow"):
        lab.run("countries")
