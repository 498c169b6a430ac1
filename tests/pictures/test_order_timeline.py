"""The time line of one order."""

import msgspec
import pytest

from eventlab.live import LiveChart
from eventlab.log import produce
from eventlab.pictures import OrderTimeline
from eventlab.pictures.order_timeline import timeline_chart, timeline_rows
from eventlab.services import Span, spans_frame, story
from tests.services.made_spans import Made
from tests.waiting import until


def order(key: str, wait: int = 5_000) -> list[Span]:
    """Return the spans of one order; its event waits for billing, whose call of the stock fails."""
    made = Made()
    front = made.add("front", "server", 1_000, 2_000, trace=key)
    event = made.add("front", "producer", 1_500, 1_000, parent=front, peer="p.orders", key=key)
    begin = 2_500 + wait
    billing = made.add("billing", "consumer", begin, 3_000, parent=event, peer="p.orders", key=key)
    call = made.add(
        *("billing", "client", begin + 500, 1_000),
        **{"parent": billing, "peer": "stock", "status": "error", "words": "503", "name": "GET /"},
    )
    made.add("stock", "server", begin + 700, 500, parent=call)
    return made.spans


def rows(key: str = "o-7") -> dict[str, dict]:
    """Return what is drawn, by its id."""
    found = timeline_rows(story(spans_frame(order(key)), key), "p.")
    assert len({row["id"] for row in found}) == len(found)
    return {row["id"]: row for row in found}


def test_each_service_and_topic_has_a_lane_in_the_order_of_time():
    """A topic's lies between who publishes and who processes, without the lab's prefix."""
    lanes = [row["lane"] for row in rows().values() if row["what"] == "lane"]
    assert lanes == ["front", "orders", "billing", "stock"]


def test_a_gap_is_as_long_as_nobody_worked_on_it():
    """From the end of publishing to the beginning of processing."""
    (gap,) = [row for row in rows().values() if row["what"] == "gap"]
    assert (gap["begin"], gap["end"], gap["lane"], gap["kind"]) == (1.5, 6.5, "orders", "waits")


def test_what_serves_is_drawn_high_and_what_goes_out_within():
    """And what has failed has a colour of its own, and says why."""
    bars = [(r["lane"], r["what"], r["kind"]) for r in rows().values() if "kind" in r]
    assert bars == [
        ("front", "bar", "answers a request"),
        ("front", "inner", "publishes"),
        ("orders", "gap", "waits"),
        ("billing", "bar", "processes an event"),
        ("billing", "inner", "failed"),
        ("stock", "bar", "answers a request"),
    ]
    assert "GET / 503" in {row.get("words") for row in rows().values()}


def test_an_arrow_leads_from_lane_to_lane():
    """An event leaves when it is published, a call when it begins; each has a head."""
    arrows = [row for row in rows().values() if row["what"] == "arrow"]
    assert [(row["lane"], row["lane2"], row["begin"], row["end"]) for row in arrows] == [
        ("front", "billing", 1.5, 6.5),
        ("billing", "stock", 7.0, 7.2),
    ]
    heads = [row for row in rows().values() if row["what"] == "head"]
    assert [(row["lane"], row["begin"]) for row in heads] == [("billing", 6.5), ("stock", 7.2)]


@pytest.mark.broker
def test_it_grows_as_spans_come(new_topic):
    """Those of other orders are not drawn."""
    topic = new_topic()
    with OrderTimeline(topic, "o-7") as picture:
        spans = order("o-7")
        produce(topic, [("spans", msgspec.json.encode([*spans[:2], *order("o-8")]))])
        until(lambda: "front" in picture.chart.rows.get("lane", []))
        assert "billing" not in picture.chart.rows["lane"]
        produce(topic, [("spans", msgspec.json.encode(spans[2:]))])
        until(lambda: "stock" in picture.chart.rows["lane"])
        picture.settle()
        assert picture.scores() == {"services and topics on its way": 4}


def test_a_live_chart_takes_it():
    """Empty too; and its picture can be made."""
    with LiveChart(timeline_chart("o-7"), alt="o-7", key="id") as live:
        assert live._still()
        names = ("id", "what", "begin", "end", "lane", "lane2", "kind", "words")
        live.replace(**{name: [row.get(name) for row in rows().values()] for name in names})
        assert live._still()
