from hypothesis import given
from hypothesis import strategies as st

from eventlab.pictures.bench.axis import axis_for, proposed_length, round_length, sliders_for
from eventlab.pictures.bench.scenario import EPOCH, MILLISECOND, Event, Scenario
from tests.pictures.bench.cases import ONE_LATE, SECOND, ms, scenario


@given(st.lists(st.integers(0, 2 * 10**12), min_size=1, max_size=20))
def test_every_event_lies_on_the_axis_and_the_axis_on_round_steps(times):
    """With room on both sides, and never before 1970."""
    events = tuple(Event(str(n), EPOCH + time * MILLISECOND) for n, time in enumerate(times))
    first, last, step = axis_for(Scenario(events))
    assert 0 <= first <= min(times)
    assert max(times) < last
    assert (first % step, last % step) == (0, 0)


def test_steps_are_lengths_that_one_can_say():
    """Half an hour of events moves by five seconds; many days by days."""
    assert axis_for(scenario(0, 1800)).step == 5_000
    assert [round_length(ms) for ms in (0.2, 3, 61_000, 86_400_001)] == [1, 5, 120_000, 172_800_000]
    assert proposed_length([0, 1_800_000]) == 300_000


def test_sliders_reach_what_is_set():
    """Half of the span, or more where the scenario has more; only grace and bound may be 0."""
    sliders = sliders_for(scenario(0, 1200, grace=3000 * SECOND))
    assert sliders["length"] == (10_000, 600_000, 10_000)
    assert sliders["grace"] == (0, 3_000_000, 10_000)


def test_events_at_one_moment_have_an_axis_too():
    """It is as long as if they lasted a minute."""
    first, last, _ = axis_for(scenario(5, 5))
    assert first < ms(5) < last
    assert sliders_for(ONE_LATE)["length"][0] > 0
