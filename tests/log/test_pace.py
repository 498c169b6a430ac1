"""Virtual time against a clock that the tests turn."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.log.pace import ALWAYS, NEVER, Pace

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
SPEEDS = st.floats(0.01, 10_000)
SECONDS = st.floats(0, 1_000)
STEPS = st.lists(st.tuples(SECONDS, SPEEDS, st.booleans()), max_size=12)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


@given(SPEEDS, STEPS, SECONDS)
def test_virtual_time_is_the_sum_of_what_was_played(speed, steps, rest):
    """However often it changes speed or pauses: seconds times speed, and nothing in a pause."""
    pace, now, paused, expected = Pace(speed), 100.0, False, 0.0
    pace.start(NOON, now)
    for seconds, next_speed, next_paused in steps:
        now, expected = now + seconds, expected + (0 if paused else seconds * speed)
        pace.change(now, speed=next_speed, paused=next_paused)
        speed, paused = next_speed, next_paused
    now, expected = now + rest, expected + (0 if paused else rest * speed)
    found = (pace.virtual_time(now) - NOON).total_seconds()
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-4)


@given(SPEEDS, st.floats(0.001, 1e6))
def test_what_is_left_is_exactly_the_wait(speed, ahead):
    """After the seconds that it names, and not before, the moment is due."""
    pace = Pace(speed)
    pace.start(NOON, 0.0)
    moment = after(ahead)
    left = pace.seconds_until(moment, 0.0)
    assert left == pytest.approx(ahead / speed, rel=1e-3, abs=1e-6 / speed)
    assert pace.due_until(left * 1.001 + 1e-6 / speed) >= moment
    assert pace.due_until(left * 0.99 - 1e-6 / speed) < moment


def test_nothing_is_due_before_it_begins_or_in_a_pause():
    """Only a pace that has begun and is not paused lets anything through."""
    pace = Pace(0.0)
    assert (pace.started, pace.due_until(5.0)) == (False, NEVER)
    pace.start(NOON, 5.0)
    assert (pace.started, pace.due_until(5.0)) == (True, ALWAYS)
    pace.change(6.0, paused=True)
    assert pace.due_until(1e6) == NEVER
    assert pace.seconds_until(NOON, 1e6) == float("inf")


def test_speed_zero_goes_on_from_what_was_played():
    """From 0 to a speed, time goes on from the last event played, not from the first."""
    pace = Pace(0.0)
    pace.start(NOON, 0.0)
    assert pace.seconds_until(after(1e9), 3.0) == 0.0
    pace.reached(after(500), 3.0)
    assert pace.virtual_time(60.0) == after(500)
    pace.change(60.0, speed=10)
    assert pace.virtual_time(61.0) == after(510)


def test_speed_zero_begins_where_the_clock_stands():
    """From a speed to 0, virtual time does not fall back."""
    pace = Pace(2.0)
    pace.start(NOON, 0.0)
    pace.change(10.0, speed=0)
    assert pace.virtual_time(11.0) == after(20)


@given(st.floats(0, 100), st.floats(-500, 500))
def test_what_was_played_only_moves_time_forward(now, seconds):
    """Time is never before what was played, and what came late does not turn it back."""
    pace = Pace(1.0)
    pace.start(NOON, 0.0)
    pace.reached(after(seconds), now)
    assert (pace.virtual_time(now) - NOON).total_seconds() == pytest.approx(
        max(now, seconds), abs=1e-5
    )


@given(st.floats(0, 100), st.floats(-500, 500), st.floats(0, 100))
def test_what_is_still_to_play_holds_a_change_back(now, seconds, later):
    """After a change, time goes on from where the story was, and loses nothing since."""
    pace = Pace(1.0)
    pace.start(NOON, 0.0)
    pace.change(now, speed=2.0)
    pace.hold_back(after(seconds))
    found = (pace.virtual_time(now + later) - NOON).total_seconds()
    assert found == pytest.approx(min(now, seconds) + 2 * later, abs=1e-5)


def test_virtual_time_ends_with_the_calendar():
    """A speed that leads beyond the year 9999 makes everything due, and is no error."""
    pace = Pace(1e300)
    pace.start(NOON, 0.0)
    assert pace.due_until(1e10) == ALWAYS


@pytest.mark.parametrize("speed", [-1, float("nan"), float("inf"), True, "2", None])
def test_a_speed_that_cannot_be_played_is_refused(speed):
    """At the beginning and in a change, which leaves the pace as it was."""
    with pytest.raises(UsageError, match="argument speed"):
        Pace(speed)
    if speed is not None:
        pace = Pace(3.0)
        with pytest.raises(UsageError, match="argument speed"):
            pace.change(0.0, speed=speed)
        assert pace.speed == 3.0
