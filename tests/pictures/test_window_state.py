"""What a picture of windows knows, with the flow's grace and with another one."""

import pytest

from eventlab.pictures.window_state import WindowState
from eventlab.pictures.windows_chart import CLOSED, LATE, MISSING, ON_TIME, OPEN, TOO_LATE

LENGTH = 60
FIRST = (0, 60)


@pytest.fixture
def state():
    """Three events of which the last is too late without grace, as a flow counted them."""
    state = WindowState(LENGTH, 0, [0, 30, 60], has_times=True, keep=100)
    for number, (at, arrived) in enumerate([(10, 11), (70, 71), (20, 80)]):
        state.add(str(number), 0, at, arrived, "an event")
    state.add_window(FIRST, "k", 1)
    state.add_window((60, 120), "k", 1)
    return state


def kinds(rows):
    return {row.id: row.what for row in rows}


def bars(state):
    """Return what is counted and missing by window."""
    found = {row.id: row for row in state.all_rows()}
    return {
        place: (
            found["window {} {}".format(*place)].value,
            found["missing {} {}".format(*place)].value - found["missing {} {}".format(*place)].low,
        )
        for place in state.places()
    }


def test_with_the_flows_grace_the_bars_show_what_the_flow_gave(state):
    """And what is missing is what came too late."""
    assert bars(state) == {FIRST: (1, 1), (60, 120): (1, 0)}
    assert kinds(state.all_rows())["2"] == TOO_LATE
    state.add_window(FIRST, "l", 5)
    assert bars(state)[FIRST] == (6, 1)


def test_with_another_grace_all_of_it_follows(state):
    """Counted of the same events."""
    state.shown = 30
    assert bars(state) == {FIRST: (2, 0), (60, 120): (1, 0)}
    assert kinds(state.all_rows())["2"] == LATE
    assert (state.offer.counted, state.offer.missing) == (3, 0)


def test_counted_and_missing_are_all_that_came(state):
    """Whatever the grace."""
    for grace in (0, 1, 10, 11, 60):
        state.shown = grace
        assert state.offer.counted + state.offer.missing == len(state) == 3


def test_the_reason_of_the_flow_is_that_of_its_own_grace(state):
    """With another one the flow has said nothing."""
    (row,) = state.add_reason("2", "it rained")
    assert row.words.endswith("it rained")
    assert state.add_reason("9", "not come yet") == []
    state.shown = 5
    words = {row.id: row.words for row in state.all_rows()}
    assert "it rained" not in words["2"]


def test_a_window_is_closed_when_the_flow_and_the_picture_have_passed_it(state):
    """The picture does not run ahead of what it has read."""
    assert kinds(state.window_rows(FIRST))["window 0 60"] == OPEN
    state.pass_by(59, is_over=False)
    assert kinds(state.window_rows(FIRST))["window 0 60"] == OPEN
    rows = state.pass_by(500, is_over=False)
    assert kinds(rows)["window 0 60"] == CLOSED
    assert state.watermark == 70
    assert "window 60 120" not in kinds(rows)


def test_the_last_windows_close_when_the_flow_has_ended(state):
    """Whatever the watermark."""
    assert kinds(state.pass_by(None, is_over=True))["window 60 120"] == CLOSED


def test_an_event_brings_its_dot_its_step_and_its_window():
    """A step only if it moves time."""
    state = WindowState(LENGTH, 0, [0], has_times=False, keep=100)
    first = state.add("a", 0, 10, 1, "an event")
    assert first[0].what == ON_TIME
    assert len(first) == 5
    assert MISSING in kinds(first).values()
    assert len(state.add("b", 0, 10, 2, "an event")) == 4
