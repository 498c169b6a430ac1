from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from eventlab.errors import UsageError
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.log.window_keys import WindowKey
from eventlab.pictures.windows import KEEP, WindowPicture, _milliseconds
from eventlab.pictures.windows_chart import (
    CLOSED,
    DROPPED,
    LATE,
    ON_TIME,
    OPEN,
    STREAM_TIME,
    WATERMARK,
)
from eventlab.streams import Arrival, Late, TopicSink, Window
from tests.pictures.charts import rows
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker

MINUTE = 60_000
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


def test_events_stream_time_windows_and_the_late_are_drawn(topics):
    """The late one keeps its place, and says why."""
    flow = Running(watermark=datetime.fromtimestamp((NOON + 6 * MINUTE) / 1000, UTC))
    grace = timedelta(minutes=1)
    picture = WindowPicture(*topics, flow=flow, grace=grace, arrived="came").start()
    try:
        first = f"window {NOON} {NOON + 5 * MINUTE}"
        until(lambda: rows(picture).get(first, {}).get("what") == CLOSED)
        until(lambda: rows(picture).get("0-2", {}).get("what") == DROPPED)
        until(lambda: len(rows(picture)) == 8)
        found = rows(picture)
    finally:
        picture.stop()
    assert found[first]["value"] == 3
    assert found[f"window {NOON + 5 * MINUTE} {NOON + 10 * MINUTE}"]["what"] == OPEN
    assert [found[f"0-{n}"]["what"] for n in range(3)] == [ON_TIME, ON_TIME, DROPPED]
    assert "too late" in found["0-2"]["words"]
    assert found["0-2"]["arrived"] == NOON + 8 * MINUTE
    assert found[WATERMARK]["at"] == NOON + 6 * MINUTE
    assert sum(row["what"] == STREAM_TIME for row in found.values()) == 2


def test_late_but_counted_is_what_is_behind_the_stream_time_of_its_own_partition(new_topic):
    """Another partition may be far ahead; a tie is not late."""
    events = new_topic(2)
    times = [(0, 5), (1, 9), (0, 7), (0, 6), (1, 9), (0, 7)]
    produce(events, [Record("k", b"{}", NOON + at, partition=number) for number, at in times])
    picture = WindowPicture(events, new_topic()).start()
    try:
        until(lambda: len([row for row in rows(picture) if "-" in row]) == len(times))
        found = rows(picture)
    finally:
        picture.stop()
    late = [place for place, row in found.items() if row["what"] == LATE]
    assert late == ["0-2"]
    lines = [row["partition"] for row in found.values() if row["what"] == STREAM_TIME]
    assert sorted(lines) == [0, 0, 1]


def test_without_a_field_events_stand_in_the_order_of_arrival(topics):
    """The late one too."""
    picture = WindowPicture(*topics).start()
    try:
        until(lambda: rows(picture).get("0-2", {}).get("what") == DROPPED)
        found = rows(picture)
    finally:
        picture.stop()
    assert [found[f"0-{n}"]["arrived"] for n in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("fields", [{}, {"came": 5}, {"came": "soon"}])
def test_a_field_that_says_no_moment_is_an_error(fields):
    """One clear one."""
    with pytest.raises(UsageError, match="does not say when it came"):
        _milliseconds("came", fields)


def batch(*rows):
    """Return a batch of a follower, as far as the picture looks at it."""
    return SimpleNamespace(rows=list(rows))


def test_far_more_than_it_holds_leaves_it_as_small_as_it_was():
    """Events, what was dropped of them, and windows: the newest are held."""
    topic = Topic(NOBODY, "none")
    picture = WindowPicture(topic, topic, topic)
    for number in range(0, 3 * KEEP, 1000):
        numbers = range(number, number + 1000)
        picture._draw_events(batch(*(event_row(n) for n in numbers)))
        picture._draw_late(batch(*(late_row(n) for n in numbers)))
        picture._draw_windows(batch(*(window_row(n) for n in numbers)))
    assert len(picture._dropped) == len(picture._places) == KEEP
    assert len(picture._values) <= KEEP
    assert len(picture._values.places) <= KEEP
    assert len(picture.chart.rows["id"]) <= KEEP
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
    with WindowPicture(events, windows, arrived="nosuch") as picture:
        until(lambda: "'nosuch' does not say when it came" in picture.chart.trouble)
        until(lambda: f"window {NOON} {NOON + 5 * MINUTE}" in rows(picture))


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
    with WindowPicture(topics[0], other, other) as picture:
        until(lambda: f"window {start} {end}" in rows(picture))
        until(lambda: "0-2" in rows(picture))
        until(lambda: f"Not every record of {other} can be drawn" in picture.chart.trouble)
