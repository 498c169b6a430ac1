import itertools
from datetime import timedelta
from types import SimpleNamespace

import numpy
import pytest

from eventlab.course import ch04, ch04_groups
from eventlab.course.ch04_receivers import (
    ACCEPTED,
    DENIED,
    HELD_UP,
    IN_BURST,
    MOST,
    USUAL,
    Receivers,
    burst_of,
)
from eventlab.events import Shop
from eventlab.services import Answer as Answered
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


def receivers(answers, done):
    """Return a picture that has these answers, (second, accepted), and when what was done."""
    services = [SimpleNamespace(name=name, pid=1) for name in ("stock", "report")]
    story = ch04.with_a_burst(Shop(seed=7).orders(), len(answers))
    picture = Receivers(story, services[0], services, done=None, later=lambda: None, ceiling=100)
    for number, (at, accepted) in enumerate(answers):
        outcome = "200" if accepted else "503"
        picture._answers[number] = (at, Answered(number, "sender", outcome, 0.01))
    for name, moments in done.items():
        picture._done[name] = dict(moments)
    return picture


def test_an_order_waits_from_the_yes_until_it_is_done():
    """One that was refused does not wait, and one that was done before the yes never did."""
    picture = receivers(
        [(1.0, True), (2.0, True), (3.0, False), (4.0, True)],
        {"report": {0: 3.5, 1: 3.6, 2: 9.0, 3: 3.9}},
    )
    assert [picture.waiting("report", at) for at in (0.5, 1.0, 2.0, 3.5, 5.0)] == [0, 1, 2, 1, 0]
    assert picture.most_waiting("report") == 2
    assert picture.held_up() == 1


def test_the_figures_tell_the_sender_from_its_receivers():
    """Counts of orders, and the ratio of two medians."""
    picture = receivers(
        [(float(at), True) for at in range(8)],
        {
            "stock": {number: number + 0.1 for number in range(8)},
            "report": {number: 7.0 + number for number in range(8)},
        },
    )
    found = picture.burst_figures()
    assert (found["accepted"], found["in_burst"], found["held_up"]) == (8, 5, 0)
    assert (found["most_waiting"], found["left"], found["slower"]) == (7, 0, 1.0)
    assert picture.pace_figures()["waiting_then"] == 7
    assert picture.added_figures() == {"orders": 8, "got": 0, "first": -1, "sender_changes": 0}


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ({}, ch04.SAME),
        ({HELD_UP: 160}, ch04.SLOWER),
        ({ACCEPTED: 60, DENIED: 100, HELD_UP: 60}, ch04.REFUSES),
    ],
)
def test_the_outcome_is_read_from_the_scoreboard(counts, outcome):
    """So that reveal and scoreboard agree."""
    assert ch04.outcome(COUNTS | counts) == outcome
    assert outcome in ch04.GUESSES


def test_the_reason_has_the_figures():
    """Those of the sender, and what waited."""
    assert "in 5 ms, and in the burst in 6 ms" in ch04.why(COUNTS)
    assert "At most 90 orders waited in the log" in ch04.why(COUNTS)


def message(offset):
    return SimpleNamespace(offset=lambda: offset)


def test_what_a_reader_missed_is_counted_by_offsets():
    """Those that it got neither before nor after."""
    before = [message(0), message(1)]
    after = [message(5), message(6)]
    found = ch04_groups.fallen_off(before, after, 7)
    assert found == {
        "sent": 7,
        "read_before": 2,
        "read_after": 2,
        "never_read": 3,
        "goes_on_at": 5,
    }
    assert ch04_groups.fallen_off(before, [], 7)["goes_on_at"] == -1


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
        (3.8, 4, "between two numbers"),
        ("4", 4, "found str"),
        (True, 4, "found bool"),
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
