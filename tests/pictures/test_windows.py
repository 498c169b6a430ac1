from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from eventlab.errors import UsageError
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.log.window_keys import WindowKey
from eventlab.pictures.windows import KEEP, WindowPicture
from eventlab.pictures.windows_chart import (
    CLOSED,
    LATE,
    ON_TIME,
    OPEN,
    STREAM_TIME,
    TOO_LATE,
    WATERMARK,
)
from eventlab.streams import Arrival, Late, TopicSink, Window
from tests.pictures.charts import rows
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker

MINUTE = 60_000
LENGTH = timedelta(minutes=5)
NOBODY = Cluster({"bootstrap.servers": "127.0.0.1:1"})


class Running(SimpleNamespace):
    """A flow that runs, as far as a picture asks."""


@pytest.fixture
def topics(new_topic):
    """Three events, of which the last is late, and the windows of two keys."""
    events, windows, late = new_topic(), new_topic(), new_topic()
    arrived = [NOON + 1000, NOON + 7 * MINUTE, NOON + 8 * MINUTE]
    times = [NOON, NOON + 6 * MINUTE, NOON + MINUTE]
    written = [{"came": datetime.fromtimestamp(one / 1000, UTC).isoformat()} for one in arrived]
    produce(
        events,
        [Record("k", _json(row), at) for row, at in zip(written, times, strict=True)],
    )
    part = TopicSink(windows).build("out", 0, 1)
    first, end = NOON, NOON + 5 * MINUTE
    part.write_batch([("k", Window(first, end, 1, first)), ("l", Window(first, end, 3, first))])
    part.write_batch([("k", Window(end, end + 5 * MINUTE, 1, end))])
    part.write_batch([("l", Window(first, end, None, first)), ("l", Window(first, end, 2, first))])
    part.close()
    part = TopicSink(late).build("out", 0, 1)
    missed = Arrival(written[2], "k", events.name, 0, 2, times[2], times[1])
    part.write_batch([("k", Late(missed, first, end, end, times[2]))])
    part.close()
    return events, windows, late


def _json(row: dict) -> bytes:
    return f'{{"came": "{row["came"]}"}}'.encode()


def flow(minutes, *, is_alive=True):
    """Return what a picture asks of a flow whose watermark stands so many minutes past noon."""
    watermark = datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(minutes=minutes)
    return Running(watermark=watermark, is_alive=is_alive, error=None)


FIRST = f"window {NOON} {NOON + 5 * MINUTE}"
SECOND = f"window {NOON + 5 * MINUTE} {NOON + 10 * MINUTE}"
GONE = f"missing {NOON} {NOON + 5 * MINUTE}"


def is_all_drawn(picture):
    """Tell whether the windows are as the flow made them in the end, and all events are there."""
    found = rows(picture)
    return (
        found.get(FIRST, {}).get("value") == 3
        and SECOND in found
        and found.get("0-2", {}).get("words", "").endswith("too late")
    )


def test_events_watermark_windows_and_the_missing_are_drawn(topics):
    """The one that is too late keeps its place, says why, and is stacked on its window."""
    with WindowPicture(*topics, length=LENGTH, flow=flow(6), arrived="came") as picture:
        until(lambda: is_all_drawn(picture))
        until(lambda: rows(picture)[FIRST]["what"] == CLOSED)
        found = rows(picture)
    assert found[SECOND]["what"] == OPEN
    assert [found[f"0-{n}"]["what"] for n in range(3)] == [ON_TIME, ON_TIME, TOO_LATE]
    assert found["0-2"]["arrived"] == NOON + 8 * MINUTE
    assert found[WATERMARK]["at"] == NOON + 6 * MINUTE
    assert (found[GONE]["low"], found[GONE]["value"]) == (3, 4)
    assert sum(row["what"] == STREAM_TIME for row in found.values()) == 2


def test_another_grace_is_followed_by_bars_dots_and_scores(topics):
    """At once; back at the flow's own they show what the flow gave."""
    with WindowPicture(*topics, length=LENGTH, flow=flow(6), arrived="came") as picture:
        until(lambda: is_all_drawn(picture))
        assert picture.scores() | {"result": ""} == {
            "grace": "0\N{NO-BREAK SPACE}s",
            "counted": 2,
            "missing": 1,
            "result": "",
        }
        picture.grace = timedelta(minutes=5)
        found = rows(picture)
        assert (found[FIRST]["value"], found[FIRST]["what"]) == (2, OPEN)
        assert found["0-2"]["what"] == LATE
        assert found[GONE]["low"] == found[GONE]["value"]
        assert picture.scores()["missing"] == 0
        picture.grace = timedelta(0)
        assert rows(picture)[FIRST]["value"] == 3
        assert rows(picture)["0-2"]["what"] == TOO_LATE


def test_the_last_windows_close_when_the_flow_has_ended(topics):
    """Settled, all that was written is drawn."""
    ended = flow(6, is_alive=False)
    with WindowPicture(*topics, length=LENGTH, flow=ended, arrived="came") as picture:
        picture.settle()
        assert rows(picture)[SECOND]["what"] == CLOSED
        assert len([name for name in rows(picture) if name.startswith("0-")]) == 3


def test_late_but_counted_is_what_is_behind_the_watermark_of_its_own_partition(new_topic):
    """Another partition may be far ahead; a tie is not late."""
    events = new_topic(2)
    times = [(0, 5), (1, 9), (0, 7), (0, 6), (1, 9), (0, 7)]
    produce(events, [Record("k", b"{}", NOON + at, partition=number) for number, at in times])
    with WindowPicture(events, new_topic(), length=LENGTH) as picture:
        until(lambda: len([row for row in rows(picture) if "-" in row]) == len(times))
        found = rows(picture)
    late = [place for place, row in found.items() if row["what"] == LATE]
    assert late == ["0-2"]
    lines = [row["partition"] for row in found.values() if row["what"] == STREAM_TIME]
    assert sorted(lines) == [0, 0, 1]


def test_without_a_field_events_stand_in_the_order_of_arrival(topics):
    """The late one too, and nobody asks how long a result takes."""
    with WindowPicture(*topics, length=LENGTH) as picture:
        until(lambda: is_all_drawn(picture))
        found = rows(picture)
        assert "result" not in picture.scores()
    assert [found[f"0-{n}"]["arrived"] for n in range(3)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"length": timedelta(milliseconds=1)}, "length"),
        ({"length": LENGTH, "grace": timedelta(-1)}, "grace"),
        ({"length": LENGTH, "clock": "New York"}, "clock"),
        ({"length": LENGTH, "arrived": "came", "expected": [3]}, "only events"),
    ],
)
def test_what_cannot_be_drawn_is_refused(options, message):
    """In one sentence."""
    topic = Topic(NOBODY, "none")
    with pytest.raises(UsageError, match=message):
        WindowPicture(topic, topic, **options)


def test_a_grace_that_is_no_step_of_the_slider_is_refused():
    """With how far it goes."""
    topic = Topic(NOBODY, "none")
    picture = WindowPicture(topic, topic, length=LENGTH)
    with pytest.raises(UsageError, match="grace") as refusal:
        picture.grace = timedelta(days=3)
    assert "40 min" in refusal.value.expected
    picture.stop()


def batch(*rows):
    """Return a batch of a follower, as far as the picture looks at it."""
    return SimpleNamespace(rows=list(rows))


@pytest.mark.long
def test_far_more_than_it_holds_leaves_it_as_small_as_it_was():
    """Events, what was dropped of them, and windows: the newest are held."""
    topic = Topic(NOBODY, "none")
    picture = WindowPicture(topic, topic, topic, length=LENGTH)
    for number in range(0, 3 * KEEP, 1000):
        numbers = range(number, number + 1000)
        picture._draw_events(batch(*(event_row(n) for n in numbers)))
        picture._draw_late(batch(*(late_row(n) for n in numbers)))
        picture._draw_windows(batch(*(window_row(n) for n in numbers)))
    assert len(picture._state) <= KEEP
    assert len(picture._state.places()) <= 2 * KEEP
    assert len(picture.chart.rows["id"]) <= 3 * KEEP
    picture.stop()


def event_row(number):
    return {"key": "k", "partition": 0, "offset": number, "timestamp": NOON + number}


def late_row(number):
    arrival = {"partition": 0, "offset": number, "time": NOON + number, "key": "k"}
    return {"arrival": arrival, "reason": "too late"}


def window_row(number):
    named = WindowKey("k", NOON + number, NOON + number + 1)
    return {"key": str(named), "value": 1}


def test_a_field_that_nobody_has_is_told_and_the_windows_are_drawn(topics):
    """A slip in the name of the arrival is one line."""
    events, windows, _ = topics
    with WindowPicture(events, windows, length=LENGTH, arrived="nosuch") as picture:
        until(lambda: "'nosuch' does not say when it came" in picture.chart.trouble)
        until(lambda: FIRST in rows(picture))


@pytest.mark.parametrize(
    "value",
    [b'{"n": 1}', b'{"start": 0, "end": 1, "value": {}}', b'{"start": 0, "end": 9e30, "value": 1}'],
)
def test_a_topic_without_windows_is_told(topics, new_topic, value):
    """The events are drawn all the same, and so are windows among the other records."""
    other = new_topic()
    produce(other, [Record("k", value, NOON)])
    start, end = 0, 60_000
    good = b'{"start": 0, "end": 60000, "value": 2}'
    produce(other, [Record("k", good, NOON)])
    with WindowPicture(topics[0], other, other, length=LENGTH) as picture:
        until(lambda: f"window {start} {end}" in rows(picture))
        until(lambda: "0-2" in rows(picture))
        until(lambda: f"Not every record of {other} can be drawn" in picture.chart.trouble)
