import threading

import altair as alt
import pytest

from eventlab.live import Card
from eventlab.log import Record, produce
from eventlab.pictures import EventCards, EventChart
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker

BARS = alt.Chart(alt.NamedData("live")).mark_bar().encode(x="arrived:T", y="count()")


def test_a_chart_follows_a_topic_from_its_first_event_on(new_topic):
    """With the events' own fields, and the time at which they came here."""
    topic = new_topic()
    produce(topic, [Record("k", b'{"country": "FR"}', NOON)])
    with EventChart(topic, BARS, alt="Orders", time="arrived", window=40) as chart:
        until(lambda: chart.chart.rows.get("country") == ["FR"])
        assert chart.chart.rows["arrived"][0] > NOON


def test_a_chart_may_have_columns_of_its_own(new_topic):
    """Made of each batch."""
    topic = new_topic()
    produce(topic, [Record("k", b'{"n": 2}', NOON)])
    made = {"per_batch": lambda batch: {"twice": [2 * row["n"] for row in batch.rows]}}
    with EventChart(topic, BARS, alt="Orders", **made) as chart:
        until(lambda: chart.chart.rows.get("twice") == [4])


def test_what_a_batch_cannot_become_is_shown_over_the_chart(new_topic):
    """A learner's slip does not end in a chart that stands still."""
    topic = new_topic()
    produce(topic, [Record("k", b"{}", NOON)])
    with EventChart(topic, BARS, alt="Orders", per_batch=lambda batch: batch.nonsense) as chart:
        until(lambda: "nonsense" in chart.chart.trouble)


def test_the_newest_records_are_cards(new_topic):
    """With type, key, time and place."""
    topic = new_topic()
    with EventCards(topic, newest=2) as cards:
        produce(topic, [Record(f"k{n}", b'{"type": "order"}', NOON) for n in range(3)])
        until(lambda: len(cards.chart._held) == 2 and cards.chart._held[-1].lines[0] == "key k2")
        (_, last) = cards.chart._held
    assert last == Card("order", ["key k2", "12:00:00", "partition 0, offset 2"])


STRANGE = b'{"n": %s}'


@pytest.mark.parametrize(
    ("strange", "column", "found"),
    [
        (Record("k", b'{"self": 1}', NOON), "self", 1),
        (Record(b"\xff\x00", b'{"n": 1}', NOON), "key", "b'\\xff\\x00'"),
        (Record("k", STRANGE % b"18446744073709551617", NOON), "n", "18446744073709551617"),
        (Record("k", STRANGE % b"true", NOON), "n", True),
    ],
    ids=["self", "binary key", "beyond 64 bits", "truth"],
)
def test_strange_records_are_drawn_as_they_are(new_topic, strange, column, found):
    """And so is what comes after them, without a word."""
    topic = new_topic()
    produce(topic, [strange])
    produce(topic, [Record("last", b'{"last": 1}', NOON)])
    with EventChart(topic, BARS, alt="Orders") as chart:
        until(lambda: 1 in chart.chart.rows.get("last", []))
        assert chart.chart.rows[column][0] == found
        assert chart.chart.trouble == ""


@pytest.mark.parametrize(
    ("strange", "reason"),
    [
        (Record("k", b"no json", NOON), "malformed"),
        (Record("k", b"[" * 1000 + b"]" * 1000, NOON), "recursion"),
        (Record("k", b'{"n": 1%s}' % (b"0" * 5000), NOON), "out of range"),
        (Record("k", b"{}", 1_790_000_000_000_000_000), "is not in milliseconds"),
    ],
    ids=["no JSON", "nested", "five thousand digits", "nanoseconds"],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_drawn(new_topic, strange, reason):
    """In one line over the chart; nobody has to wonder where it is."""
    topic = new_topic()
    produce(topic, [strange])
    produce(topic, [Record("last", b'{"last": 1}', NOON)])
    with EventChart(topic, BARS, alt="Orders") as chart:
        until(lambda: chart.chart.rows.get("last") == [1])
        assert reason in chart.chart.trouble
        assert "\n" not in chart.chart.trouble
    with EventCards(topic) as cards:
        produce(topic, [strange, Record("last", b'{"type": "order"}', NOON)])
        until(lambda: any(card.title == "order" for card in cards.chart._held))


def test_deep_nesting_is_drawn_without_its_depths(new_topic):
    """Where the JSON can still be read."""
    topic = new_topic()
    produce(topic, [Record("k", STRANGE % (b"[" * 500 + b"]" * 500), NOON)])
    with EventChart(topic, BARS, alt="Orders") as chart:
        until(lambda: len(chart.chart.rows.get("n", [])) == 1)
        assert chart.chart.trouble == ""


def test_a_slip_in_one_batch_is_told_and_the_next_is_drawn(new_topic):
    """The chart goes on where its function does."""
    topic = new_topic()
    produce(topic, [Record("k", b'{"wrong": 1}', NOON)])
    made = {"per_batch": lambda batch: {"n": [row["n"] for row in batch.rows]}}
    with EventChart(topic, BARS, alt="Orders", **made) as chart:
        until(lambda: chart.chart.trouble == "KeyError: 'n'")
        produce(topic, [Record("k", b'{"n": 2}', NOON)])
        until(lambda: chart.chart.rows.get("n") == [2])


def test_times_as_text_survive_that_the_cell_is_run_again(new_topic, notebook):
    """The window is that of the moments, and to stop leaves a still and no trouble."""
    page = notebook(page=True)
    topic = new_topic()
    produce(topic, [Record("k", b'{"at": "2025-03-03T12:00:00Z"}', NOON)])
    chart = EventChart(topic, BARS, alt="Orders", time="at", window=40).show()
    until(lambda: chart.chart.rows.get("at") == [NOON])
    chart.stop()
    assert chart.chart.trouble == ""
    assert "image/png" in page.renewals[-1]


def test_nothing_goes_on_after_a_picture_that_failed(new_topic):
    """No thread is left."""
    topic = new_topic()
    produce(topic, [Record("k", b"{}", NOON)])
    before = set(threading.enumerate())
    with EventChart(topic, BARS, alt="Orders", per_batch=lambda batch: batch.nonsense) as chart:
        until(lambda: "nonsense" in chart.chart.trouble)
    until(lambda: set(threading.enumerate()) <= before)
