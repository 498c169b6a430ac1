"""How much grace each event needs, in stream time, and what a grace gives."""

import random
from math import inf

import pytest

from eventlab.pictures.window_tally import WindowTally, extent_of, graces_of

HOUR = 60
MINUTE = 60_000


def tally_of(*events, keep=1000, length=HOUR):
    """Return a tally of (partition, at, arrived)."""
    tally = WindowTally(length, keep)
    for event in events:
        tally.add(*event)
    return tally


def test_an_event_needs_as_much_grace_as_stream_time_is_past_the_end_of_its_window():
    """Its own partition's; one that is in time needs less than none."""
    tally = tally_of((0, 10, 1), (1, 500, 2))
    assert tally.add(0, 130, 3) == ((120, 180), -50, 0, True)
    assert tally.add(0, 55, 4) == ((0, 60), 70, 75, False)
    assert tally.add(0, 130, 5).moves_time is False


def test_who_needs_exactly_the_grace_is_too_late():
    """As in `windowed`, which closes a window when stream time has reached its end and grace."""
    tally = tally_of((0, 10, 1), (0, 130, 2), (0, 55, 3))
    assert tally.missing((0, 60), 70) == 1
    assert tally.missing((0, 60), 71) == 0
    assert tally.counted((0, 60), 71) == 2
    assert tally.counted((600, 660), 0) == 0


def test_a_window_is_closed_by_the_first_report_that_moves_the_watermark_past_it():
    """That of the slowest partition."""
    tally = tally_of((0, 10, 1), (0, 60, 2), (0, 90, 3))
    assert tally.closed_when((0, 60), 0) == 2
    assert tally.closed_when((0, 60), 30) == 3
    assert tally.closed_when((0, 60), 31) is None
    assert tally.watermark == 90
    assert tally_of((0, 90, 1), (1, 10, 2)).closed_when((0, 60), 0) == 1
    assert WindowTally(HOUR, 10).watermark is None


def test_a_grace_gives_a_share_and_costs_time():
    """The delay is the median over the windows, and none while too few are closed."""
    hour = 60 * MINUTE
    times = [(0, 5), (hour, 65), (0, 70), (2 * hour, 130), (3 * hour, 180)]
    tally = tally_of(*((0, at, minutes * MINUTE) for at, minutes in times), length=hour)
    offer = tally.offer(0)
    assert (offer.counted, offer.missing, offer.share) == (4, 1, 0.8)
    assert offer.delay == 7.5
    assert tally.offer(10 * hour).delay is None
    assert WindowTally(hour, 10).offer(0).share == 1


def test_it_judges_as_a_plain_count_does():
    """Whatever comes in whatever order."""
    for seed in range(5):
        chance = random.Random(seed)
        times = [max(0, at * 7 - chance.randrange(200)) for at in range(300)]
        tally = tally_of(*((0, at, n) for n, at in enumerate(times)))
        newest = 0
        needs = []
        for at in times:
            newest = max(newest, at)
            needs.append(newest - (at - at % HOUR + HOUR))
        for grace in (0, 1, 30, 60, 200):
            assert tally.offer(grace).counted == sum(need < grace for need in needs)
            by_window = sum(tally.missing(place, grace) for place in tally.places)
            assert by_window == tally.offer(grace).missing


def test_it_holds_no_more_than_it_may():
    """The earliest windows leave."""
    tally = tally_of(*((0, at, at) for at in range(0, 100_000, 10)), keep=500)
    assert sum(tally.counted(place, inf) for place in tally.places) <= 500
    assert max(tally.places) == (99_960, 100_020)
    alone = tally_of(*((0, 5, at) for at in range(2000)), keep=500)
    assert alone.counted((0, 60), inf) == 500


@pytest.mark.parametrize("grace", [0, 5, 7])
def test_one_can_choose_from_twelve_graces_to_a_window_and_the_flows_own(grace):
    """Up to eight windows."""
    graces = graces_of(60, grace)
    assert graces[0] == 0
    assert graces[-1] == 480
    assert grace in graces
    assert len(graces) == 97 + (grace % 5 != 0)


def test_an_extent_reaches_around_all_that_will_come():
    """Whole windows of time, and what the graces give at worst and at best."""
    assert extent_of([], HOUR, [0]) is None
    extent = extent_of([(10, 12), (70, 75), (20, 100), (130, 131)], HOUR, [0, 600])
    assert (extent.first, extent.last, extent.tallest) == (0, 180, 2)
    assert extent.least_share == 0.75
