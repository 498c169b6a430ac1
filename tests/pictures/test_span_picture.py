"""What is drawn from the spans of services."""

import msgspec
import pytest

from eventlab.log import Topic, produce
from eventlab.pictures import OrderTimeline, ServiceGraph
from tests.pictures.charts import rows
from tests.services.made_spans import Made
from tests.waiting import until


def visit(service: str, key: str = "o-7") -> bytes:
    """Return the record of one request to one service, about an order."""
    made = Made()
    made.add("front", "client", 1_000, 100, peer=service, key=key)
    return msgspec.json.encode(made.spans)


@pytest.mark.broker
@pytest.mark.parametrize("kind", [ServiceGraph, lambda topic: OrderTimeline(topic, "o-7")])
def test_it_is_drawn_again_only_when_spans_have_come(new_topic, kind):
    """A page that stands still costs nothing."""
    topic = new_topic()
    with kind(topic) as picture:
        produce(topic, [("spans", visit("stock"))])
        until(lambda: rows(picture))
        version = picture.chart._version
        picture.settle()
        assert picture.chart._version == version
        produce(topic, [("spans", visit("bank"))])
        until(lambda: picture.chart._version > version)


@pytest.mark.broker
@pytest.mark.parametrize("kind", [ServiceGraph, lambda topic: OrderTimeline(topic, "o-7")])
def test_what_the_lab_s_topics_begin_with_is_known_by_the_spans_own(cluster, kind):
    """So that a topic is called as the learner calls it."""
    assert kind(Topic(cluster, "p.spans"))._prefix == "p."
