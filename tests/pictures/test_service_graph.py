"""The graph of services that is drawn from their spans."""

import re

import msgspec
import pytest
import vl_convert

from eventlab.errors import TopicError
from eventlab.live import LiveChart
from eventlab.log import Topic, produce
from eventlab.pictures import ServiceGraph
from eventlab.pictures.service_graph import graph_chart, graph_rows
from eventlab.services import Span, calls, spans_frame
from eventlab.services.spans import rows_of
from tests.services.made_spans import Made
from tests.waiting import until


def shop(number: int, topic: str = "p.orders", *, fails: bool = False) -> list[Span]:
    """Return the spans of orders: a front end, a topic, billing, and a call to the stock."""
    made = Made()
    for start in range(0, number * 1000, 1000):
        front = made.add("front", "server", start, 200)
        event = made.add("front", "producer", start + 10, 100, parent=front, peer=topic)
        billing = made.add("billing", "consumer", start + 300, 500, parent=event, peer=topic)
        status = "error" if fails else "ok"
        call = made.add(
            *("billing", "client", start + 310, 400),
            **{"parent": billing, "peer": "stock", "status": status},
        )
        made.add("stock", "server", start + 350, 100, parent=call)
    return made.spans


def edges_of(spans) -> dict:
    """Return the edges of spans, as a graph takes them."""
    rows = rows_of(calls(spans_frame(spans)))
    return {(row["caller"], row["callee"], row["kind"], row["topic"]): row for row in rows}


def of_kind(rows, what: str) -> list[dict]:
    """Return the rows that are nodes, or edges."""
    return [row for row in rows if row["what"] == what]


def test_a_call_is_one_edge_and_a_topic_stands_between_two():
    """Each service and each topic is a node, called without the lab's prefix."""
    rows = graph_rows(edges_of(shop(10)), "p.")
    nodes = {(row["words"], row["kind"]) for row in of_kind(rows, "node")}
    services = {("front", "service"), ("billing", "service"), ("stock", "service")}
    assert nodes == {*services, ("orders", "topic")}
    assert [(row["id"], row["kind"]) for row in of_kind(rows, "edge")] == [
        ("call billing stock", "call"),
        ("topic front topic p.orders", "topic"),
        ("topic topic p.orders billing", "topic"),
    ]


def test_its_figures_stand_beside_an_edge():
    """Rate and 95th percentile, or failures, which colour it; a topic has them on its way out."""
    good = {row["id"]: row for row in graph_rows(edges_of(shop(10)))}
    assert good["call billing stock"]["words"].split(", ")[1:] == ["0.4 ms"]
    assert good["topic front topic p.orders"]["words"] == ""
    assert good["topic topic p.orders billing"]["words"].split(", ")[1:] == ["0.19 ms"]
    failing = {row["id"]: row for row in graph_rows(edges_of(shop(10, fails=True)))}
    assert failing["call billing stock"]["words"] == "10 of 10 failed"
    assert (failing["call billing stock"]["status"], good["call billing stock"]["status"]) == (
        "error",
        "ok",
    )


def test_the_words_of_an_edge_stand_between_two_rows():
    """However far it goes, no node is in their way; and those of a way there and back are apart."""
    pairs = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "b")]
    rows = graph_rows(dict.fromkeys((begin, end, "call", "") for begin, end in pairs))
    edges = {row["id"]: row for row in of_kind(rows, "edge")}
    nodes = of_kind(rows, "node")
    for edge in edges.values():
        assert not any(node["y"] <= edge["words_y"] <= node["y2"] for node in nodes)
    assert edges["call b c"]["y2"] > edges["call b c"]["y"]
    assert edges["call c b"]["y2"] < edges["call c b"]["y"]


@pytest.mark.parametrize(
    ("rate", "p95_ms", "words"),
    [
        (4.444, 94.06, "4.4/s, 94 ms"),
        (0.0512, 3.21, "0.051/s, 3.2 ms"),
        (1234.5, 0, "1,234/s, 0 ms"),
    ],
)
def test_its_figures_are_as_exact_as_one_reads_them(rate, p95_ms, words):
    """No digit that nobody looks at."""
    row = {"rate_per_second": rate, "p95_ms": p95_ms, "errors": 0, "count": 12}
    (edge,) = of_kind(graph_rows({("a", "b", "call", ""): row}), "edge")
    assert edge["words"] == words


def test_an_edge_without_calls_stays_where_it_was():
    """With a rate of nothing."""
    edges = edges_of(shop(10))
    before = {row["id"]: row for row in graph_rows(edges)}
    after = {row["id"]: row for row in graph_rows(dict.fromkeys(edges))}
    assert {name: row["x"] for name, row in before.items()} == {
        name: row["x"] for name, row in after.items()
    }
    assert after["call billing stock"]["words"] == "0/s"


def test_who_calls_back_and_who_calls_itself_are_drawn_without_an_end():
    """An edge from a node to itself is none."""
    edges = dict.fromkeys([("a", "b", "call", ""), ("b", "a", "call", ""), ("a", "a", "call", "")])
    assert len(of_kind(graph_rows(edges), "edge")) == 2


@pytest.mark.broker
def test_it_is_drawn_as_spans_come(new_topic):
    """What fails is told under the picture, and the next spans are drawn all the same."""
    topic = new_topic()
    produce(topic, [{"value": 7}])
    with ServiceGraph(topic) as picture:
        until(lambda: picture.chart.trouble)
        produce(topic, [("spans", msgspec.json.encode(shop(5, fails=True)))])
        until(lambda: "node stock" in picture.chart.rows.get("id", []))
        assert picture.scores() == {"edges with errors": "1 of 2"}
        picture.settle()


@pytest.mark.broker
def test_a_topic_that_is_not_there_is_said(cluster):
    """When it is to be shown."""
    with pytest.raises(TopicError):
        ServiceGraph(Topic(cluster, "no.spans")).start()


def test_it_asks_for_the_whole_width():
    """Side by side with another its words would lie on each other."""
    assert graph_chart().to_dict()["usermeta"] == {"wide": True}


@pytest.mark.parametrize("page", ["#ffffff", "#1e1e1e"])
def test_the_words_of_an_edge_have_the_colour_of_the_page_around_them(page):
    """A line that slants goes through them; drawn by Vega itself."""
    edges = [("a", "b", "call", ""), ("a", "c", "call", "")]
    spec = graph_chart().to_dict()
    spec["config"] = {"background": page}
    spec["datasets"] = {"live": graph_rows(dict.fromkeys(edges))}
    words = re.findall("<text[^>]*>(?:0/s|a)</text>", vl_convert.vegalite_to_svg(spec))
    # The ground is drawn before the node, which it might cover, and the words are drawn after it.
    assert [f'stroke="{page}"' in one for one in words] == [True, True, False, False, False]
    assert words[2].endswith(">a</text>")


def test_a_live_chart_takes_it():
    """Empty too; and its picture can be made."""
    with LiveChart(graph_chart(), alt="a graph", key="id") as live:
        assert live._still()
        rows = graph_rows(edges_of(shop(3)))
        names = dict.fromkeys(name for row in rows for name in row)
        live.replace(**{name: [row.get(name) for row in rows] for name in names})
        assert live._still()
