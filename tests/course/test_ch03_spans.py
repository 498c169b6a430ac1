"""What one order did, from spans that are made by hand."""

from itertools import islice

import pytest

from eventlab.course import ch03_spans
from eventlab.events import Shop
from eventlab.log import Cluster, Topic
from eventlab.services import Answer
from tests.services.made_spans import Made

STORY = list(islice(Shop(seed=7).orders(), 2))
TOPICS = ["orders", "paid", "packed", "shipped"]


def in_the_chain(made: Made, order: str, services=ch03_spans.CHAIN, parent=None) -> None:
    """Add the spans of one order in the chain: each but the last waits for 60 of its 100 ms."""
    first, *others = services
    key = order if parent is None else None
    server = made.add(first, "server", 1_000, 100_000, parent=parent, key=key)
    if others:
        call = made.add(first, "client", 2_000, 60_000, parent=server, peer=others[0])
        in_the_chain(made, order, others, call)


def beside_the_log(made: Made, order: str, *, asks: bool = False) -> None:
    """Add the spans of one order beside the log, whose packing may ask the stock."""
    front, *others = ch03_spans.LOG
    parent = made.add(front, "server", 1_000, 5_000)
    for begin, service, topic in zip((10_000, 20_000, 30_000), others, TOPICS, strict=False):
        event = made.add(
            parent.service, "producer", begin, 100, parent=parent, peer=topic, key=order
        )
        parent = made.add(service, "consumer", begin + 500, 100, parent=event, key=order)
        if asks and service == "packing":
            made.add(service, "client", begin + 600, 50, parent=parent, peer="stock")


@pytest.fixture
def followed():
    """Return the picture of two orders, over a topic that is nowhere."""
    cluster = Cluster({"bootstrap.servers": "127.0.0.1:1"})
    return ch03_spans.Followed(Topic(cluster, "p.spans"), STORY)


def take(followed, made: Made) -> None:
    """Let these spans come to the picture."""
    followed._store._spans += made.spans
    followed._store.version += 1


def test_an_order_is_followed_when_each_service_has_worked_on_it(followed):
    """One that did not come through the last of them is not."""
    made = Made()
    for order in STORY:
        in_the_chain(made, order.order_id)
    beside_the_log(made, STORY[0].order_id)
    take(followed, made)
    assert (followed.figures()["orders"], followed.figures()["followed"]) == (2, 1)


def test_the_first_of_the_chain_waits_and_nobody_beside_the_log(followed):
    """By the length of its calls, beside what a customer measured."""
    made = Made()
    for order in STORY:
        in_the_chain(made, order.order_id)
        beside_the_log(made, order.order_id)
    take(followed, made)
    followed.answered(Answer(0, "shop", "200", 0.102))
    followed.answered(Answer(0, "front end", "200", 0.005))
    assert followed.figures() == {
        "orders": 2,
        "followed": 2,
        "calls_in_chain": 6,
        "calls_beside_log": 0,
        "steps_by_topics": 3,
        "waiting": 0.6,
        "shop_ms": 100.0,
        "customer_ms": 102.0,
    }
    assert ch03_spans.why_waiting(followed).startswith(
        "The shop spends 100 ms on an order, and for 60%"
    )


def test_a_call_inside_of_what_only_shares_topics_is_counted(followed):
    """It is one more on the scoreboard, too."""
    made = Made()
    beside_the_log(made, STORY[0].order_id, asks=True)
    take(followed, made)
    followed._draw()
    assert followed.figures()["calls_beside_log"] == 1
    assert followed.scores() == {"calls": 1, "events from topics": 3}


def test_a_step_that_no_event_takes_is_missed(followed):
    """Whoever reads another topic than it should has no step from the one before it."""
    made = Made()
    event = made.add("front end", "producer", 0, 100, peer="orders", key=STORY[0].order_id)
    made.add("packing", "consumer", 500, 100, parent=event, key=STORY[0].order_id)
    take(followed, made)
    assert followed.figures()["steps_by_topics"] == 0


def test_without_a_span_there_is_nothing_to_divide(followed):
    """A run that has not begun has figures, and they bear nothing out."""
    assert followed.figures()["waiting"] == 0
    assert followed.scores() == {"calls": 0, "events from topics": 0}
