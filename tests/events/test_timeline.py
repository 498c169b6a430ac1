from datetime import UTC, datetime
from itertools import islice
from random import Random

import pytest

from eventlab.events.timeline import HOUR, MINUTE, Timeline, about, exponential, moment


def test_steps_are_taken_in_order_of_time():
    """The earliest is taken first, of two at one time the one planned first, and all of them."""
    timeline = Timeline()
    for at, name in [(2, "b1"), (3, "c"), (1, "a"), (2, "b2")]:
        timeline.plan(at, lambda at, name: (name,), name)
    assert timeline.pending == 4
    assert list(timeline) == ["a", "b1", "b2", "c"]
    assert timeline.pending == 0


def test_a_step_may_plan_the_next():
    """A step that plans itself goes on without end, one pending at a time."""
    timeline = Timeline()

    def tick(at, _):
        timeline.plan(at + MINUTE, tick)
        return (at,)

    timeline.plan(0, tick)
    assert list(islice(timeline, 4)) == [0, MINUTE, 2 * MINUTE, 3 * MINUTE]
    assert timeline.pending == 1


def test_a_moment_is_a_whole_millisecond_in_utc():
    """Microseconds are cut off, not rounded, so that time never runs ahead of its order."""
    assert moment(1_999) == datetime(1970, 1, 1, 0, 0, 0, 1_000, tzinfo=UTC)


def test_durations_have_the_mean_that_is_asked_for():
    """Exponential durations: their mean is the mean, and seven in ten are below 1.2 means."""
    draw = Random(1).random
    durations = [about(HOUR, draw) for _ in range(20_000)]
    assert sum(durations) / len(durations) == pytest.approx(HOUR, rel=0.03)
    assert sum(d < 1.204 * HOUR for d in durations) / len(durations) == pytest.approx(0.7, abs=0.02)


@pytest.mark.parametrize("number", [0.0, 1 - 2**-53])
def test_no_duration_is_endless(number):
    """The smallest and the largest number that can be drawn give a duration of 0 to 37 means."""
    assert 0 <= exponential(lambda: number) < 37
