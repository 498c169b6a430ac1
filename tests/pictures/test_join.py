from types import SimpleNamespace

import pytest

from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.pictures import JoinPicture
from eventlab.pictures.join import ALONE, KEEP, MATCHED, PAIR, WAITING, join_chart
from eventlab.streams import Joined, TopicSink
from tests.pictures.charts import rows
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker

NOBODY = Cluster({"bootstrap.servers": "127.0.0.1:1"})


@pytest.mark.parametrize("results_first", [True, False])
def test_events_wait_match_or_stay_alone(new_topic, results_first):
    """Whichever topic is read first."""
    left, right, joined = new_topic(), new_topic(), new_topic()

    def write_events():
        produce(left, [Record(key, b"{}", NOON + at) for key, at in (("a", 0), ("b", 1), ("c", 2))])
        produce(right, [Record("a", b"{}", NOON + 5)])

    def write_results():
        part = TopicSink(joined).build("out", 0, 1)
        part.write_batch([("a", Joined({}, {}, NOON, NOON + 5, NOON + 5))])
        part.write_batch([("b", Joined({}, None, NOON + 1, None, NOON + 1))])
        part.close()

    steps = [write_results, write_events] if results_first else [write_events, write_results]
    picture = JoinPicture(left, right, joined).start()
    try:
        for step in steps:
            step()
        until(lambda: len(rows(picture)) == 5)
        until(lambda: rows(picture)[f"left b {NOON + 1}"]["what"] == ALONE)
        found = rows(picture)
    finally:
        picture.stop()
    assert found[f"left a {NOON}"]["what"] == found[f"right a {NOON + 5}"]["what"] == MATCHED
    assert found[f"left c {NOON + 2}"]["what"] == WAITING
    pair = found[f"pair a {NOON} {NOON + 5}"]
    assert (pair["what"], pair["at"], pair["until"]) == (PAIR, NOON, NOON + 5)
    assert pair["lane"] == found[f"left a {NOON}"]["lane"]
    assert pair["other_lane"] == found[f"right a {NOON + 5}"]["lane"]


def test_what_waits_is_hollow_and_what_found_its_partner_is_filled():
    """With the colours that joins and late events have everywhere."""
    spec = join_chart("orders", "payments").to_dict()
    pairs, hollow, filled = spec["layer"]
    assert [one["transform"][0]["filter"]["oneOf"] for one in (pairs, hollow, filled)] == [
        [PAIR],
        [WAITING],
        [MATCHED, ALONE],
    ]
    assert not hollow["mark"].get("filled")
    assert filled["mark"]["filled"]
    colours = hollow["encoding"]["color"]["scale"]
    hue = dict(zip(colours["domain"], colours["range"], strict=True))
    assert (hue[MATCHED], hue[ALONE]) == (COLOURS["join"], COLOURS["late"])


def test_the_lanes_bear_the_names_of_their_sides():
    """Left above, right below."""
    spec = join_chart("orders", "payments").to_dict()
    assert spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"] == (
        "datum.value == 1.0 ? 'orders' : 'payments'"
    )


def test_a_live_chart_takes_it():
    """With room kept free for it."""
    with LiveChart(join_chart("a", "b"), key="id", alt="A join") as live:
        assert live.settings["height"] > 100


def test_far_more_than_it_holds_leaves_it_as_small_as_it_was():
    """Events and results: the newest are held."""
    picture = JoinPicture(*(Topic(NOBODY, name) for name in ("left", "right", "joined")))
    for number in range(0, 3 * KEEP, 1000):
        times = [NOON + n for n in range(number, number + 1000)]
        picture._draw_left(SimpleNamespace(place={"key": ["k"] * 1000, "timestamp": times}))
        rows = [{"key": "k", "left_time": at, "right_time": at} for at in times]
        picture._draw_results(SimpleNamespace(rows=rows))
    assert len(picture._drawn) == len(picture._outcomes) == KEEP
    assert len(picture.chart.rows["id"]) == KEEP
    picture.stop()


def test_a_topic_without_joins_is_told(new_topic):
    """The events are drawn all the same."""
    left, right = new_topic(), new_topic()
    produce(left, [Record("a", b"{}", NOON)])
    with JoinPicture(left, right, left) as picture:
        until(lambda: f"left a {NOON}" in rows(picture))
        until(lambda: f"Not every record of {left} can be drawn" in picture.chart.trouble)
