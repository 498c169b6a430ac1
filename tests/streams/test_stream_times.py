from hypothesis import given
from hypothesis import strategies as st

from eventlab.streams.arrivals import NEVER
from eventlab.streams.stream_times import StreamTimes
from tests.streams.flowing import SECOND

A, B = ("t", 0), ("t", 1)


def test_the_time_that_all_have_passed_is_that_of_the_slowest():
    """As long as one is silent there is none; it never goes back."""
    times = StreamTimes([A, B], {})
    assert not times.update(A, 100)
    assert times.passed == NEVER
    assert times.update(B, 105)
    assert not times.update(B, 101)
    assert (times.passed, times.newest) == (100, {A: 100, B: 105})


@given(st.lists(st.tuples(st.sampled_from([A, B, ("u", 0)]), st.integers(0, 9))))
def test_it_is_the_least_of_the_greatest(seen):
    """Whatever comes in whatever order, also of those that nobody named."""
    times = StreamTimes([A, B], {})
    moved = [times.passed]
    for place, time in seen:
        has_moved = times.update(place, time)
        moved.append(times.passed)
        assert has_moved == (moved[-1] > moved[-2])
    greatest = {A: NEVER, B: NEVER}
    for place, time in seen:
        greatest[place] = max(greatest.get(place, NEVER), time)
    assert moved == sorted(moved)
    assert times.shown() == min((time for _, time in times.newest.items()), default=NEVER)
    if ("u", 0) not in greatest:
        assert times.passed == min(greatest.values())


@given(st.dictionaries(st.sampled_from([A, B]), st.integers(0, 9)))
def test_times_that_were_kept_are_gone_on_with(newest):
    """After a crash the same time is passed."""
    fresh = StreamTimes([A, B], {})
    for place, time in newest.items():
        fresh.update(place, time)
    assert StreamTimes([A, B], newest).passed == fresh.passed


def test_the_silent_can_be_left_out():
    """Once they were silent for as long as was said; who speaks again counts again."""
    now = [0.0]
    times = StreamTimes([A, B], {}, idle=5 * SECOND, clock=lambda: now[0])
    times.update(A, 100)
    assert times.passed_without_silent() == NEVER
    assert times.seconds_until_silent(below=50) == 5.0
    now[0] = 6.0
    assert times.passed_without_silent() is None
    times.update(A, 200)
    assert (times.passed, times.passed_without_silent()) == (NEVER, 200)
    assert times.seconds_until_silent(below=50) == -1.0
    assert times.seconds_until_silent(below=500) == 5.0
    times.update(B, 10)
    assert times.passed_without_silent() == 10
    assert StreamTimes([A], {A: 3}).seconds_until_silent(below=5) is None
