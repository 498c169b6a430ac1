import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink
from confluent_kafka import Consumer

from eventlab.errors import LogError, UsageError
from eventlab.flows import run
from eventlab.live import LiveChart
from eventlab.log import produce
from eventlab.pictures import LagPicture
from eventlab.pictures.lag import lag_chart
from eventlab.streams import TopicSource
from tests.waiting import until

pytestmark = pytest.mark.broker


def last_lags(picture) -> dict[str, float]:
    """Return the newest lag of each partition."""
    columns = picture.chart.rows
    return dict(zip(columns.get("partition", []), columns.get("lag", []), strict=True))


def test_the_lag_of_a_flow_swells_and_drains(new_topic):
    """As its step lets it: it is held, and then let go."""
    topic, held = new_topic(2), [True]
    flow = Dataflow("slow")
    arrivals = op.input("in", flow, TopicSource(topic, at_most=10))
    waiting = op.map("hold", arrivals, lambda one: until(lambda: not held[0]) or one)
    op.output("out", waiting, TestingSink([]))
    produce(topic, [(f"k{n}", {"n": n}) for n in range(100)])
    running = run(flow)
    picture = LagPicture(running).start()
    try:
        until(lambda: sum(last_lags(picture).values()) >= 20)
        held[0] = False
        until(lambda: last_lags(picture) == {"0": 0, "1": 0})
    finally:
        held[0] = False
        picture.stop()
        running.stop()


def test_the_lag_of_a_group_is_that_of_what_it_has_not_committed(new_topic):
    """By partition."""
    topic = new_topic(1)
    produce(topic, [("k", {"n": n}) for n in range(10)])
    group = {"group.id": f"{topic}.audit", "auto.offset.reset": "earliest"}
    consumer = Consumer(topic.cluster.settings | group)
    consumer.subscribe([topic.name])
    messages = consumer.consume(10, 20)
    consumer.commit(messages[3], asynchronous=False)
    picture = LagPicture(f"{topic}.audit", cluster=topic.cluster).start()
    try:
        until(lambda: last_lags(picture) == {"0": 6})
    finally:
        picture.stop()
        consumer.close()


def test_what_has_no_lag_is_refused(cluster):
    """Before anything is shown."""
    with pytest.raises(LogError):
        LagPicture("nobody", cluster=cluster).show()
    with pytest.raises(UsageError, match="expected a running flow, or a group and its cluster"):
        LagPicture("nobody")


def test_partitions_are_stacked_so_that_the_whole_is_seen():
    """With the reader's name, and what is counted."""
    spec = lag_chart("audit").to_dict()
    assert spec["title"] == "Lag of audit"
    y = spec["layer"][0]["encoding"]["y"]
    assert (y["stack"], y["title"]) == ("zero", "records not read yet")


def test_a_live_chart_takes_it():
    """Its title is words enough."""
    with LiveChart(lag_chart("audit")) as live:
        assert live.alt == "Lag of audit"
