from datetime import UTC, datetime, timedelta

import pytest

from eventlab.streams import Late, Window
from eventlab.streams.results import joined
from tests.streams.histories import NOON, arrivals


def test_a_window_s_interval_is_aware():
    """Milliseconds since 1970 are moments in UTC."""
    noon = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert Window(NOON, NOON + 1000, 1, NOON).interval == (noon, noon + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("seconds", "words"), [(30, "30 s"), (90, "90 s"), (300, "5 min"), (9000, "2.5 h")]
)
def test_by_how_much_it_missed_is_said_in_the_unit_that_fits(seconds, words):
    """Seconds, minutes or hours."""
    _, arrival = arrivals([("a", seconds, 0), ("a", 0, 0)])
    late = Late(arrival, NOON - 1000, NOON, NOON)
    assert late.missed_by == timedelta(seconds=seconds)
    assert late.reason.endswith(f"; {words} too late")


@pytest.mark.parametrize(("sides", "time"), [((0, 5), 5), ((5, None), 5), ((None, 0), 0)])
def test_a_joined_event_has_the_later_time(sides, time):
    """Or that of the one side that is there."""
    both = [None if at is None else arrivals([("a", at, 0)])[0] for at in sides]
    assert joined(*both).time == NOON + 1000 * time
