from datetime import UTC, datetime, timedelta

import pytest

from eventlab.streams import Joined, Late, Row, Window
from eventlab.streams.results import Output
from tests.streams.histories import NOON, arrivals


def test_a_window_s_interval_is_aware():
    """Milliseconds since 1970 are moments in UTC."""
    noon = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert Window(NOON, NOON + 1000, 1, NOON).interval == (noon, noon + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("seconds", "patience", "words"),
    [
        (90, 0, "its window ended at 2025-03-03 12:00:00; 1 min 30 s too late"),
        (0, 0, "its window ended at 2025-03-03 12:00:00; just too late"),
        (100, 60, "ended at 2025-03-03 12:00:00 and stayed open for 1 min more; 40 s too late"),
    ],
)
def test_why_it_was_not_counted_is_one_sentence(seconds, patience, words):
    """Where the watermark stood, when its window ended and how long that waited."""
    _, arrival = arrivals([("a", seconds, 0), ("a", -1, 0)])
    late = Late(arrival, NOON - 1000, NOON, NOON + 1000 * patience, arrival.time)
    assert late.missed_by == timedelta(seconds=seconds - patience)
    assert late.reason.startswith("arrived when the watermark stood at 2025-03-03 12:0")
    assert late.reason.endswith(words)


@pytest.mark.parametrize(
    "result",
    [Window(0, 1, None, 5), Joined(None, None, None, None, 5), Row(None, 5)],
    ids=lambda result: type(result).__name__,
)
def test_what_is_no_more_says_nothing_and_has_its_time(result):
    """It is written as a tombstone of its own time, and other operators take it for one."""
    assert (result.event, result.time) == (None, 5)


def test_what_leaves_a_step_is_numbered_and_stamped():
    """Stream time is the greatest that has left for a partition, also after a crash."""
    output = Output("flow.step")
    for time, lane in [(5, 0), (3, 0), (1, 1)]:
        output.put("k", Row, "v", time=time, lane=lane)
    first = output.take()
    again = Output("flow.step", output.lanes)
    again.put("k", Row, "v", time=7, lane=0)
    found = [(row.time, row.stream_time, row.partition, row.offset) for _, row in first]
    assert found == [(5, 5, 0, 0), (3, 5, 0, 1), (1, 1, 1, 0)]
    ((_, row),) = again.take()
    assert (row.stream_time, row.topic, row.partition, row.offset) == (7, "flow.step", 0, 2)
    assert output.take() == []
