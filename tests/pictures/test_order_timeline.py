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


def lanes_of(found) -> list[str]:
    """Return the lanes as they stand, without their numbers."""
    return [row["lane"][4:] for row in sorted(found, key=lambda row: row["lane"])]


def test_each_service_and_topic_has_a_lane_in_the_order_of_time():
    """A topic's lies between who publishes and who processes, without the lab's prefix."""
    lanes = [row for row in rows().values() if row["what"] == "lane"]
    assert lanes_of(lanes) == ["front", "topic orders", "billing", "stock"]


def test_what_came_in_twice_has_its_lanes_one_below_the_other():
    """An order that two shops took at the same time is two stories, not one of both."""
    made = Made()
    for name, begin in (("shop", 1_000), ("front", 1_100)):
        asked = made.add(name, "server", begin, 900, trace=name, key="o-7")
        call = made.add(name, "client", begin + 200, 600, parent=asked, peer=f"{name} stock")
        made.add(f"{name} stock", "server", begin + 300, 400, parent=call)
    found = timeline_rows(story(spans_frame(made.spans), "o-7"))
    lanes = [row for row in found if row["what"] == "lane"]
    assert lanes_of(lanes) == ["shop", "shop stock", "front", "front stock"]


def test_a_gap_is_as_long_as_nobody_worked_on_it():
    """From the end of publishing to the beginning of processing."""
    (gap,) = [row for row in rows().values() if row["what"] == "gap"]
    assert (gap["begin"], gap["end"], gap["kind"]) == (1.5, 6.5, "lies in a topic")
    assert gap["lane"].endswith("topic orders")


def test_what_serves_is_drawn_high_and_what_goes_out_within():
    """And what has failed has a colour of its own, and says why."""
    bars = [(r["lane"][4:], r["what"], r["kind"]) for r in rows().values() if "kind" in r]
    assert bars == [
        ("front", "bar", "answers a request"),
        ("front", "inner", "publishes"),
        ("topic orders", "gap", "lies in a topic"),
        ("billing", "bar", "processes an event"),
        ("billing", "inner", "failed"),
        ("stock", "bar", "answers a request"),
    ]
    assert "GET / 503" in {row.get("words") for row in rows().values()}


def test_an_arrow_leads_from_lane_to_lane():
    """An event goes into its topic and out of it when it is processed; a call leaves at once."""
    arrows = [row for row in rows().values() if row["what"] == "arrow"]
    ways = [(row["lane"][4:], row["lane2"][4:], row["begin"], row["end"]) for row in arrows]
    assert ways == [
        ("front", "topic orders", 1.5, 1.5),
        ("topic orders", "billing", 6.5, 6.5),
        ("billing", "stock", 7.0, 7.2),
    ]
    heads = [row for row in rows().values() if row["what"].startswith("head")]
    assert [(row["lane"][4:], row["begin"]) for row in heads] == [("billing", 6.5), ("stock", 7.2)]


def test_an_event_that_is_processed_before_its_publisher_knows_has_no_gap():
    """Its arrow leads straight to who processes it, and never back in time."""
    found = timeline_rows(story(spans_frame(order("o-7", wait=-200)), "o-7"), "p.")
    arrows = [row for row in found if row["what"] == "arrow"]
    assert next((row["lane"][4:], row["lane2"][4:]) for row in arrows) == ("front", "billing")
    assert all(row["begin"] <= row["end"] for row in arrows)
    assert not any(row["what"] == "gap" for row in found)


def test_an_arrow_to_a_lane_above_has_its_head_below_it():
    """Who is called back."""
    made = Made()
    one = made.add("one", "server", 1_000, 900, key="o-7")
    call = made.add("one", "client", 1_100, 700, parent=one, peer="two")
    two = made.add("two", "server", 1_200, 500, parent=call)
    back = made.add("two", "client", 1_300, 300, parent=two, peer="one")
    made.add("one", "server", 1_400, 100, parent=back)
    found = timeline_rows(story(spans_frame(made.spans), "o-7"))
    assert [row["what"] for row in found if row["what"].startswith("head")] == [
        "head down",
        "head up",
    ]


@pytest.mark.broker
def test_it_grows_as_spans_come(new_topic):
    """Those of other orders are not drawn."""
    topic = new_topic()
    with OrderTimeline(topic, "o-7") as picture:
        spans = order("o-7")
        produce(topic, [("spans", msgspec.json.encode([*spans[:2], *order("o-8")]))])
        until(lambda: "lane front" in picture.chart.rows.get("id", []))
        assert "lane billing" not in picture.chart.rows["id"]
        produce(topic, [("spans", msgspec.json.encode(spans[2:]))])
        until(lambda: "lane stock" in picture.chart.rows["id"])
        picture.settle()
        assert picture.scores() == {"services and topics on its way": 4}


def test_a_live_chart_takes_it():
    """Empty too; and its picture can be made."""
    with LiveChart(timeline_chart("o-7"), alt="o-7", key="id") as live:
        assert live._still()
        names = ("id", "what", "begin", "end", "lane", "lane2", "kind", "words", "reason")
        live.replace(**{name: [row.get(name) for row in rows().values()] for name in names})
        assert live._still()
