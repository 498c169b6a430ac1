import pytest

from eventlab.log import Record, produce
from eventlab.pictures import LatenessPicture
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_each_event_is_counted_by_how_far_it_is_behind_its_partition(new_topic):
    """What is behind another partition is not late."""
    topic = new_topic(2)
    times = [(0, 0), (5_000, 0), (4_500, 0), (0, 0), (0, 1), (100, 1)]
    produce(topic, [Record("k", b"{}", NOON + at, None, number) for at, number in times])
    picture = LatenessPicture(topic)
    try:
        until(lambda: picture.counts.total() == len(times))
        drawn = picture.chart.rows
    finally:
        picture.stop()
    assert picture.counts == {"in order": 4, "1 s": 1, "10 s": 1}
    by_bin = dict(zip(drawn["late"], drawn["events"], strict=True))
    assert by_bin == {late: picture.counts[late] for late in by_bin}
