import pytest

from eventlab.live import LiveChart
from eventlab.log import Record, produce
from eventlab.pictures import LatenessPicture
from eventlab.pictures.lateness import BINS, bin_of, lateness_chart
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


def test_the_bins_stand_in_their_order():
    """And not in that of the alphabet."""
    with LiveChart(lateness_chart("flights"), key="late", alt="How late they come") as live:
        x = live.spec["layer"][0]["encoding"]["x"]
    assert x["sort"] == BINS
