from hypothesis import given
from hypothesis import strategies as st

from eventlab.pictures.bench.outcomes import filled_of
from eventlab.pictures.bench.result import LATE, ON_TIME, PARTLY, TOO_LATE
from eventlab.pictures.bench.run import run
from eventlab.streams import Window
from tests.pictures.bench.cases import SECOND, ms, scenario, scenarios


@given(st.sampled_from(["tumbling", "hopping", "session"]).flatmap(scenarios))
def test_a_window_is_closed_by_the_arrival_that_brings_the_watermark_there(made):
    """No event that arrived later is in it, and before that arrival it was open."""
    result = run(made)
    marks = [outcome.watermark for outcome in result.outcomes]
    place = {outcome.id: n for n, outcome in enumerate(result.outcomes)}
    is_past = made.kind == "session"
    for window in result.filled:
        closed_by = len(marks) if window.closed_by is None else window.closed_by
        assert all(mark < window.closes + is_past for mark in marks[:closed_by])
        assert closed_by == len(marks) or marks[closed_by] >= window.closes + is_past
        assert all(place[one] < closed_by for one in window.events) or is_past


def test_an_event_has_one_of_four_outcomes():
    """On time, behind the watermark and counted, missed in some windows, in all of them."""
    made = scenario(0, 70, 65, 30, 5, kind="hopping", length=60 * SECOND, hop=20 * SECOND)
    assert [outcome.status for outcome in run(made).outcomes] == [
        ON_TIME,
        ON_TIME,
        LATE,
        PARTLY,
        TOO_LATE,
    ]


def test_a_session_closes_when_more_than_its_gap_is_past():
    """Two events may be exactly a gap apart."""
    made = scenario(0, kind="session", gap=10 * SECOND, grace=5 * SECOND)
    window = [("a", (Window(ms(0), ms(0), (), ms(0)), 1))]
    (at,) = filled_of(made, window, [ms(15)])
    (after,) = filled_of(made, window, [ms(15), ms(15) + 1])
    assert (at.closes, at.closed_by, after.closed_by) == (ms(15), None, 1)
