import pytest

from eventlab.course.ch19 import share_counted
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

# Of 1,000 flights 900 come in time, 95 within the hour after, five much later.
NEEDED = [-10.0] * 900 + [float(minute % 60) for minute in range(95)] + [300.0] * 5


def test_what_needs_exactly_the_grace_is_too_late():
    """A window is closed when stream time has reached its end and the grace."""
    assert share_counted(0, [-1, 0, 1]) == pytest.approx(1 / 3)
    assert share_counted(1, [-1, 0, 1]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [
        (..., "not yet", ""),
        (60, "right", "99.50%"),
        (30, "wrong", "wants 99.5%"),
        (65, "wrong", "60 would be too"),
        (400, "wrong", "later than it could"),
        (-5, "wrong", "0 or more"),
        ("an hour", "wrong", "'an hour'"),
        (True, "wrong", "True"),
    ],
)
def test_a_grace_is_long_enough_and_no_longer(minutes, state, words):
    """What is wrong is said in the terms of the question."""
    verdict = check("19.1", minutes, needed=NEEDED)
    assert verdict.state == state
    assert words in verdict.message


@pytest.mark.parametrize(
    ("too_late", "state", "words"),
    [
        (..., "not yet", ""),
        (["12"], "right", "Flight 12"),
        ([], "wrong", "0 flights"),
        (["1", "2", "3"], "wrong", "3 flights"),
    ],
)
def test_exactly_one_event_is_too_late(too_late, state, words):
    """Neither none nor several."""
    before = 0 if too_late is ... else len(too_late)
    verdict = check("19.2", too_late, before=before)
    assert verdict.state == state
    assert words in verdict.message


LAY_OUT = ("laid_out = ",)
NOBODY_LATE = "def my_change(bench):\n    bench.set(grace=timedelta(hours=9))"
ALL_LATE = "def my_change(bench):\n    bench.set(grace=timedelta(0), length=timedelta(minutes=1))"


class TestChapter19(ChapterTests):
    """Nobody waits, and what was dropped is not kept."""

    number = "19"
    claims = ("19.arrival", "19.grace", "19.dropped", "19.kinds")
    answers = (
        Answer("19.1", "solved", solution("19", 1), "right"),
        Answer("19.1", "too little", "my_grace = 60", "wrong"),
        Answer("19.1", "too much", "my_grace = 480", "wrong"),
        Answer("19.2", "solved", solution("19", 2), "right", again=LAY_OUT),
        Answer("19.2", "none too late", NOBODY_LATE, "wrong", again=LAY_OUT),
        Answer("19.2", "all too late", ALL_LATE, "wrong", again=LAY_OUT),
    )
