import itertools
from datetime import timedelta

import numpy
import pytest

from eventlab.course import ch04
from eventlab.course.ch04_receivers import (
    ACCEPTED,
    DENIED,
    HELD_UP,
    IN_BURST,
    MOST,
    USUAL,
    burst_of,
)
from eventlab.events import Shop
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

GIVEN = {"waiting": 9_000, "arriving": 40, "each": 50}
COUNTS = {ACCEPTED: 160, DENIED: 0, HELD_UP: 0}
COUNTS |= {USUAL: 5, IN_BURST: 6, MOST: 90}


def judged(consumers, partitions=4):
    return check("04.1", consumers, partitions, **GIVEN)


def gaps(story):
    return [later.at - earlier.at for earlier, later in itertools.pairwise(story)]


def test_in_the_burst_the_gaps_are_a_tenth_and_all_else_stays():
    """The orders are the shop's own, and only their times are moved."""
    own = list(itertools.islice(Shop(seed=7).orders(), 80))
    story = ch04.with_a_burst(Shop(seed=7).orders(), 80)
    burst = burst_of(80)
    assert [order.order_id for order in story] == [order.order_id for order in own]
    for number, (gap, before) in enumerate(zip(gaps(story), gaps(own), strict=True), start=1):
        wanted = before / 10 if number in burst else before
        assert abs(gap - wanted) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ({}, ch04.SAME),
        ({HELD_UP: 160}, ch04.SLOWER),
        ({ACCEPTED: 60, DENIED: 100, HELD_UP: 60}, ch04.BOTH),
        ({ACCEPTED: 60, DENIED: 100, HELD_UP: 2}, ch04.REFUSES),
    ],
)
def test_the_outcome_is_read_from_the_scoreboard(counts, outcome):
    """So that reveal and scoreboard agree."""
    assert ch04.outcome(COUNTS | counts) == outcome
    assert outcome in ch04.GUESSES


def test_the_reason_has_the_figures():
    """Those of the sender, and what waited."""
    assert "a yes took 6 ms (before it: 5 ms)" in ch04.why(COUNTS)
    assert "At most 90 waited in the log" in ch04.why(COUNTS)
    slow = ch04.why(COUNTS | {USUAL: "–", IN_BURST: 1674})
    assert "a yes took 1,674 ms (before it: – ms)" in slow


def test_a_run_without_a_log_says_nothing_of_one():
    """Nothing can wait there."""
    assert ch04.why(COUNTS | {MOST: 0}).endswith("0 orders were refused.")


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(..., ...).state == "not yet"
    assert judged(4, ...).state == "not yet"


@pytest.mark.parametrize("consumers", [4, numpy.int64(4)])
def test_four_consumers_on_four_partitions_are_right(consumers):
    """And the message says how long they take."""
    assert judged(consumers).state == "right"
    assert "gain 160 orders a second on the lag: 56 s" in judged(consumers).message


@pytest.mark.parametrize(
    ("consumers", "partitions", "hint"),
    [
        (3, 3, "New orders go on coming"),
        (180, 180, "how many seconds one consumer needs"),
        (2, 2, "it takes 150 s"),
        (0, 1, "the lag never drains"),
        (5, 5, "with 4 it does too"),
        (3.8, 4, "two whole numbers: how many consumers, and how many partitions. Found 3.8"),
        ("4", 4, "Found '4' (str) for consumers"),
        (True, 4, "Found True (bool) for consumers"),
        (4, 1, "only 1 of them"),
        (4, 3, "only 3 of them"),
        (4, 6, "Fewer partitions are enough"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(consumers, partitions, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(consumers, partitions)
    assert verdict.state == "wrong"
    assert hint in verdict.message


class TestChapter04(ChapterTests):
    """Without a broker, and without a group, a share group and retention, no claim holds."""

    number = "04"
    claims = ("04.burst", "04.pace", "04.added", "04.share", "04.queue", "04.retention")
    answers = (
        Answer("04.1", "solved", solution("04", 1), "right"),
        Answer("04.1", "nothing new comes", "consumers = partitions = 3", "wrong"),
        Answer("04.1", "one partition", "consumers = 4\npartitions = 1", "wrong"),
    )
