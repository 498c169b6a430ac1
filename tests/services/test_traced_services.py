"""The way of one order through services that are traced: over HTTP, and through topics."""

import time

import pytest

from eventlab.log import Topic
from eventlab.services import CallPolicy, Mesh, calls, read_spans, story
from tests.services import apps
from tests.services.ways import BOTH
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def shop(meshed, cluster, new_topic) -> Mesh:
    """A front end, a topic, billing that asks the stock, a topic, and shipping; all traced."""
    prefix = f"{new_topic().name}."
    orders = Topic(cluster, f"{prefix}orders").reset(1)
    bills = Topic(cluster, f"{prefix}bills").reset(1)
    mesh = meshed(cluster, prefix)
    traced = {"traced": True}
    mesh.serve("stock", apps.hello, **traced)
    mesh.serve("front", apps.front_end, **traced)
    mesh.subscribe(
        *("billing", apps.ship_from_stock),
        **{"to": orders, "into": bills, "key": "id", "calls": {"stock": CallPolicy()}, **traced},
    )
    mesh.subscribe("shipping", apps.nothing, to=bills, **traced)
    yield mesh
    mesh.close()
    for topic in (orders, bills, mesh.spans):
        topic.delete()


def spans_of(mesh: Mesh, number: int):
    """Return the spans when there are so many."""
    until(lambda: len(read_spans(mesh.spans)) >= number)
    return read_spans(mesh.spans)


@BOTH
def test_one_order_is_one_trace_across_all_services(shop):
    """Each span has its kind and its parent, and the key is the order's."""
    assert shop.services["front"].ask(json={"id": "o-7"}, timeout_seconds=30) == {"accepted": "o-7"}
    spans = spans_of(shop, 7)
    assert len(spans) == 7
    assert spans["trace_id"].nunique() == 1
    assert set(spans["status"]) == {"ok"}
    named = {row["span_id"]: (row["service"], row["kind"]) for _, row in spans.iterrows()}
    parents = {named[row["span_id"]]: named.get(row["parent_id"]) for _, row in spans.iterrows()}
    assert parents == {
        ("front", "server"): None,
        ("front", "producer"): ("front", "server"),
        ("billing", "consumer"): ("front", "producer"),
        ("billing", "client"): ("billing", "consumer"),
        ("stock", "server"): ("billing", "client"),
        ("billing", "producer"): ("billing", "consumer"),
        ("shipping", "consumer"): ("billing", "producer"),
    }
    with_key = spans[spans["kind"].isin(["producer", "consumer"])]
    assert set(with_key["key"]) == {"o-7"}


def test_who_calls_whom_is_exactly_what_was_done(shop):
    """A call is an edge, and so is a topic between two; the counts are those of the orders."""
    for number in range(20):
        shop.services["front"].ask(json={"id": f"o-{number}"}, timeout_seconds=30)
    edges = calls(spans_of(shop, 140))
    found = {
        (row["caller"], row["callee"], row["kind"], row["topic"].rpartition(".")[2]): (
            row["count"],
            row["errors"],
        )
        for _, row in edges.iterrows()
    }
    assert found == {
        ("front", "billing", "topic", "orders"): (20, 0),
        ("billing", "stock", "call", ""): (20, 0),
        ("billing", "shipping", "topic", "bills"): (20, 0),
    }


def test_a_story_has_the_gap_while_a_consumer_was_dead(shop):
    """The order waits in the topic, and goes on in the same trace."""
    shop.services["shipping"].kill()
    shop.services["front"].ask(json={"id": "o-1"}, timeout_seconds=30)
    spans = spans_of(shop, 6)
    begin_us = int(spans["start_us"].min())
    before_us = time.time_ns() // 1000
    shop.services["shipping"].start()
    rows = story(spans_of(shop, 7), "o-1")
    assert len({row["trace_id"] for row in rows}) == 1
    gap = next(row for row in rows if row["name"] == "waits for shipping")
    assert gap["lane"].endswith(".bills")
    assert gap["begin_ms"] < (before_us - begin_us) / 1000 < gap["end_ms"]
    processed = next(row for row in rows if row["lane"] == "shipping")
    assert processed["begin_ms"] == gap["end_ms"]


def test_a_chain_of_calls_is_found_by_what_it_says_to_be_about(meshed, cluster, new_topic):
    """Though no event has a key; one that is dead is an error of who called it."""
    mesh = meshed(cluster, f"{new_topic().name}.")
    stock = mesh.serve("stock", apps.hello, traced=True)
    front = mesh.serve("front", apps.chain, calls={"stock": CallPolicy(retries=1)}, traced=True)
    front.ask("/o-1")
    stock.stop()
    with pytest.raises(Exception, match="status 503"):
        front.ask("/o-2")
    spans = spans_of(mesh, 6)
    assert [row["kind"] for row in story(spans, "o-1")] == ["server", "client", "server"]
    failed = story(spans, "o-2")
    assert [(row["kind"], row["status"]) for row in failed] == [
        ("server", "error"),
        ("client", "error"),
        ("client", "error"),
    ]
    edge = calls(spans).iloc[0]
    assert (edge["count"], edge["errors"], edge["unanswered"]) == (3, 2, 2)
    mesh.spans.delete()


def test_what_ends_in_peace_leaves_no_span_behind(meshed, cluster, new_topic):
    """However soon after its work; and a service that is not traced has none."""
    mesh = meshed(cluster, f"{new_topic().name}.")
    front = mesh.serve("front", apps.hello, traced=True)
    other = mesh.serve("other", apps.hello)
    for number in range(50):
        front.ask(f"/{number}")
        other.ask(f"/{number}")
    front.stop()
    spans = read_spans(mesh.spans)
    assert set(spans["name"]) == {f"GET /{number}" for number in range(50)}
    assert set(spans["service"]) == {"front"}
    mesh.spans.delete()
