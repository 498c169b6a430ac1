from datetime import timedelta

import pytest

from eventlab.live import LiveChart
from eventlab.log import Record, produce
from eventlab.pictures import LatenessPicture
from eventlab.pictures.lateness import BINS, bin_of, grace_bins, lateness_chart
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_each_event_is_counted_by_how_far_it_is_behind_its_partition(new_topic):
    """What is behind another partition is not late."""
    topic = new_topic(2)
    times = [(0, 0), (5_000, 0), (4_500, 0), (0, 0), (0, 1), (100, 1)]
    produce(topic, [Record("k", b"{}", NOON + at, None, number) for at, number in times])
    picture = LatenessPicture(topic).start()
    try:
        until(lambda: picture.counts.total() == len(times))
        drawn = picture.chart.rows
    finally:
        picture.stop()
    assert picture.counts == {"in order": 4, "1 s": 1, "10 s": 1}
    by_bin = dict(zip(drawn["late"], drawn["events"], strict=True))
    assert by_bin == {late: picture.counts[late] for late in by_bin}


@pytest.mark.parametrize(
    ("late", "name"),
    [
        (0, "in order"),
        (1, "1 s"),
        (1_000, "1 s"),
        (1_001, "10 s"),
        (60_000, "1 min"),
        (3_600_000, "1 h"),
        (86_400_000, "1 day"),
        (86_400_001, "more"),
    ],
)
def test_a_bin_holds_what_is_no_later_than_it_says(late, name):
    """Its end belongs to it."""
    assert bin_of(late) == name


def test_with_a_window_it_shows_how_much_grace_each_event_needs(new_topic):
    """What needs exactly a grace is not counted with it, and stands in the next bin."""
    topic = new_topic()
    minute = 60_000
    minutes = [10, 70, 50, 75, 50, 90, 20]  # in windows of an hour
    produce(topic, [Record("k", b"{}", at * minute) for at in minutes])
    with LatenessPicture(topic, window=timedelta(hours=1)) as picture:
        until(lambda: picture.counts.total() == len(minutes))
    assert picture.counts == {"none": 4, "15 min": 1, "30 min": 1, "1 h": 1}


def test_the_bins_of_a_grace_are_those_that_one_may_choose():
    """In words, for windows of a length."""
    names = ["none", "15 min", "30 min", "1 h", "2 h", "4 h", "6 h", "8 h", "more"]
    assert grace_bins(3_600_000) == names


def test_the_bins_stand_in_their_order():
    """And not in that of the alphabet."""
    with LiveChart(lateness_chart(BINS, "Late", "by"), key="late", alt="How late") as live:
        x = live.spec["layer"][0]["encoding"]["x"]
    assert x["scale"]["domain"] == BINS
