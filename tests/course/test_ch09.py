"""The story of the business, the words of the claims, and the exercise."""

from itertools import pairwise

import pytest

from eventlab.course import ch09
from eventlab.course.ch09 import CALL, FILE, Change, Hour, Night
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

MEASURED = {"first copy": 1800.0, "second copy": 900.5, "third copy": 0.0}


@pytest.mark.parametrize("systems", [2, 3, 12])
def test_a_business_grows_by_a_system_a_day_and_every_night_has_its_files(systems):
    """In order of time, and in the end everybody is there."""
    steps = ch09.growing(7, ch09.SYSTEMS[:systems])
    nights = [step for step in steps if isinstance(step, Night)]
    assert [len(night.there) for night in nights] == list(range(2, systems + 1))
    assert all(one.at <= other.at for one, other in pairwise(steps))
    assert isinstance(steps[-1], Hour)
    assert len({step.event_id for step in steps}) == len(steps)


def test_the_first_steps_may_come_in_any_order():
    """Whoever plays them looks at so many before the first has come: each is of another row."""
    for steps in (ch09.growing(7, ch09.SYSTEMS), ch09.four_days(7, 24)):
        first = steps[: ch09.AHEAD]
        assert all(isinstance(step, Change) for step in first)
        assert len({(step.owner, step.row) for step in first}) == ch09.AHEAD


def test_each_day_a_row_of_every_system_that_is_there_changes():
    """Of nobody else."""
    steps = ch09.growing(7, ch09.SYSTEMS[:4])
    last_day = [step for step in steps if isinstance(step, Change)][-4:]
    assert {step.owner for step in last_day} == set(ch09.SYSTEMS[:4])


@pytest.mark.parametrize(("interval", "files"), [(24, 3), (12, 7), (6, 14), (1, 83)])
def test_the_files_come_at_their_interval_and_at_three_at_night(interval, files):
    """And the system that keeps the copies is down for a whole night, whatever the interval."""
    steps = ch09.four_days(7, interval)
    nights = [step.at for step in steps if isinstance(step, Night)]
    assert len(nights) == files
    assert {one.hour for one in nights} >= {3}
    down, up = ch09.outage_of(steps)
    assert [one for one in nights if down <= one < up and one.hour == 3]
    (outage,) = ch09.outages(steps).outages
    assert outage.target == ch09.TARGET
    assert outage.end_seconds - outage.begin_seconds == (up - down).total_seconds()


def test_an_hour_looks_for_files_after_the_night_has_written_them():
    """At the same moment too."""
    steps = ch09.four_days(7, 24)
    places = [place for place, step in enumerate(steps) if isinstance(step, Night)]
    assert all(isinstance(steps[place + 1], Hour) for place in places)
    assert all(steps[place + 1].at == steps[place].at for place in places)


def test_each_pair_of_systems_has_one_way_and_both_ways_are_used():
    """The same in both directions."""
    ways = {ch09.agreed(one, other) for one in ch09.SYSTEMS for other in ch09.SYSTEMS}
    assert ways == {CALL, FILE}
    assert ch09.agreed("stock", "shop") == ch09.agreed("shop", "stock")
    assert ch09.both("stock", "shop") == [CALL, FILE]


@pytest.mark.parametrize(
    ("direct", "by_log", "words"),
    [(2, 4, ch09.FEWER), (6, 6, ch09.SAME), (30, 12, ch09.TWICE), (132, 24, ch09.MORE)],
)
def test_a_guess_of_the_connections_comes_true_by_the_counts(direct, by_log, words):
    """Each of the guesses can."""
    assert ch09.outcome({"direct": direct, "by_log": by_log}) == words
    counts = {"connections point to point": direct, "connections through the log": by_log}
    assert ch09.outcome_of_counts(counts) == words
    assert words in ch09.GUESSES


@pytest.mark.parametrize(
    ("lanes", "words"),
    [
        (["first copy", "second copy", "third copy"], ch09.ALL),
        (["second copy", "third copy"], ch09.ALL_BUT_CALLS),
        (["third copy"], ch09.THIRD),
        ([], ch09.NONE),
    ],
)
def test_a_guess_of_the_copies_comes_true_by_which_are_right(lanes, words):
    """Each of the guesses can."""
    assert ch09.right_again(lanes) == words
    assert words in ch09.RIGHT


def test_the_reasons_have_the_figures_of_the_run():
    """Of both runs, where two stand side by side."""
    direct = "connections point to point"
    by_log = "connections through the log"
    said = ch09.why_two({direct: 30, by_log: 12}, {direct: 2, by_log: 4})
    assert "Two systems have 2 connections point to point and 4 through" in said
    assert "30 and 12" in said
    old = "third copy: hours old"
    assert "old in 50 hours, in the run beside it in 0" in ch09.why_file({old: 0}, {old: 50})
    found = {"hours": 64, "calls_old": 22, "file_old": 56, "third_old": 0}
    assert "22 of them, the second in 56, the third in 0" in ch09.why_right(found)


def judged(stale, because, measured=MEASURED):
    return check("09.1", stale, because, measured)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(..., ...).state == "not yet"
    assert judged(["first copy"], ...).state == "not yet"


@pytest.mark.parametrize(
    ("stale", "because"),
    [
        (["first copy", "second copy"], "ba"),
        (["second copy", "first copy"], "AB"),
        (("First copy", " second copy"), ["b", "a"]),
        (["first copy", "second copy"], "b, a"),
    ],
)
def test_the_old_copies_and_their_reasons_are_right(stale, because):
    """In any order, however they are written."""
    verdict = judged(stale, because)
    assert verdict.state == "right", verdict.message
    assert "nobody repeats" in verdict.message


@pytest.mark.parametrize(
    ("stale", "because", "hint"),
    [
        (["first copy"], "b", "second copy again"),
        ("first copy", "b", "second copy again"),
        (["second copy"], "a", "first copy again"),
        ([], "", "first copy again"),
        (["first copy", "second copy", "third copy"], "bac", "third copy is 0 minutes old"),
        (["first copy", "second copy"], "ab", "For the first copy it is not (a)"),
        (["first copy", "second copy"], "bb", "For the second copy it is not (b)"),
        (["first copy", "second copy"], "bc", "does not come through the log"),
        (["first copy", "second copy"], "da", "the shop is there again"),
        (["first copy", "second copy"], "bx", "no reason 'x'"),
        (["first copy", "second copy"], "b", "2 copies, 1 letters"),
        (["by a call"], "b", "no copy 'by a call'"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(stale, because, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(stale, because)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.mark.parametrize("odd", [3, [1, 2], {"a": 1}, object(), [["a"]]])
def test_an_odd_answer_is_judged_too(odd):
    """No exception gets through."""
    assert judged(odd, odd).state == "wrong"
    assert judged(["first copy"], "b", odd).state == "wrong"


class TestChapter09(ChapterTests):
    """With two systems, a copy by files, careless files and no copy of one's own none holds."""

    number = "09"
    claims = ("09.connections", "09.ages", "09.files", "09.free")
    answers = (
        Answer("09.1", "solved", solution("09", 1), "right"),
        Answer("09.1", "the file alone", 'stale = ["second copy"]\nbecause = "a"', "wrong"),
        Answer(
            "09.1",
            "reasons exchanged",
            'stale = ["first copy", "second copy"]\nbecause = "ab"',
            "wrong",
        ),
    )
