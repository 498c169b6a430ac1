import pytest

from eventlab.live import LiveChart
from eventlab.live.lateness import BINS, bin_of, lateness_chart


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
