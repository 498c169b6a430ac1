"""Faults and schedules are plain data: what may not be is refused, and what is may be drawn."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.services import Faults, FaultSchedule, Outage

SLOW = Faults(latency_seconds=0.05)
HANG = Faults(mode="hang")


def test_nothing_happens_unless_it_is_said():
    """Whatever the seed is."""
    assert Faults().is_none
    assert Faults(seed=7).is_none
    assert not SLOW.is_none


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"latency_seconds": -0.1}, "a number, 0 or more"),
        ({"latency_seconds": float("nan")}, "a number"),
        ({"latency_seconds": 1e9}, "3,600 at most"),
        ({"jitter_seconds": -1}, "a number, 0 or more"),
        ({"mode": "slow"}, "'pass' or 'refuse' or 'reset' or 'hang'"),
        ({"bytes_per_second": 0}, "a number, 1 or more"),
        ({"error_share": 1.5}, "a number, 0 or more, 1 at most"),
        ({"reset_share": -0.5}, "a number, 0 or more, 1 at most"),
        ({"error_share": 0.6, "reset_share": 0.6}, "1 at most together"),
        ({"seed": -1}, "a whole number, 0 or more"),
    ],
)
def test_what_cannot_happen_is_refused(given, expected):
    """One error that says what was expected, what was found, and what to do."""
    with pytest.raises(UsageError) as caught:
        Faults(**given)
    assert expected in caught.value.expected
    assert caught.value.found
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        (Faults(), ""),
        (SLOW, "50 ms later each way"),
        (Faults(latency_seconds=1.5, jitter_seconds=0.2), "1.5 s ± 200 ms later each way"),
        (replace(SLOW, mode="refuse"), "refuses"),
        (Faults(mode="reset"), "resets"),
        (HANG, "hangs"),
        (Faults(bytes_per_second=2000), "2,000 bytes a second"),
        (Faults(error_share=0.1, reset_share=0.05), "10 % answered 503, 5 % reset"),
    ],
)
def test_faults_have_words(faults, words):
    """As a band in a picture says them."""
    assert faults.words == words


@pytest.mark.parametrize(
    ("begin", "end", "link", "expected"),
    [
        (-1, 2, "a", "a number, 0 or more"),
        (float("nan"), 2, "a", "a number"),
        (2, 2, "a", "a number above 2"),
        (3, 2, "a", "a number above 3"),
        (0, float("inf"), "a", "a number"),
        (0, 1, " ", "letters that can be read"),
    ],
)
def test_an_outage_that_cannot_be_is_refused(begin, end, link, expected):
    """It begins at or after the start, and ends later than it begins."""
    with pytest.raises(UsageError, match=expected):
        Outage(begin, end, link, HANG)


def test_outages_of_one_link_that_overlap_are_refused():
    """The error names both."""
    outages = [Outage(2, 4, "a", HANG), Outage(0, 3, "a", SLOW)]
    with pytest.raises(UsageError, match=r"found a from 0 to 3 s, and a from 2 to 4 s"):
        FaultSchedule(outages)


def test_outages_may_touch_and_links_may_fail_together():
    """An end is no part of its outage."""
    schedule = FaultSchedule(
        [Outage(2, 4, "a", HANG), Outage(0, 2, "a", SLOW), Outage(1, 3, "b", HANG)]
    )
    found = [(schedule.at("a", at), schedule.at("b", at)) for at in (0, 1, 2, 3, 4)]
    none = None
    assert found == [(SLOW, none), (SLOW, HANG), (HANG, HANG), (HANG, none), (none, none)]
    assert schedule.at("unheard of", 1) is None
    assert (schedule.targets, schedule.end_seconds) == (["a", "b"], 4)
    assert schedule.moments == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("trouble", ["dead", None, 1, ""])
def test_a_trouble_that_nobody_knows_is_refused(trouble):
    """Faults, killed or frozen."""
    with pytest.raises(UsageError, match="trouble"):
        Outage(0, 1, "a", trouble)


def test_a_schedule_is_drawn_as_bands():
    """In order of time, each with its words."""
    outages = [Outage(2, 4, "a", HANG), Outage(0, 1, "b", SLOW), Outage(5, 6, "c", "killed")]
    assert FaultSchedule(outages).bands() == [
        {"target": "b", "begin": 0, "end": 1, "words": "50 ms later each way"},
        {"target": "a", "begin": 2, "end": 4, "words": "hangs"},
        {"target": "c", "begin": 5, "end": 6, "words": "killed"},
    ]


def test_a_schedule_may_be_empty():
    """Then nothing ever happens."""
    schedule = FaultSchedule([])
    assert (schedule.bands(), schedule.targets, schedule.end_seconds) == ([], [], 0)


@given(st.integers(0, 2**40), st.integers(1, 5), st.integers(0, 20), st.floats(0.1, 3))
def test_random_outages_have_room_and_are_shared_out(seed, links, outages, length):
    """None overlaps another one of its link, all lie in time, and the same seed gives the same."""
    names = [f"link {number}" for number in range(links)]
    seconds = 20 * length
    made = FaultSchedule.random(seed, names, seconds, outages, length, HANG)
    again = FaultSchedule.random(seed, names, seconds, outages, length, HANG)
    assert made.outages == again.outages
    assert (made.seed, len(made.outages)) == (seed, outages)
    numbers = []
    for name in names:
        own = [one for one in made.outages if one.target == name]
        numbers.append(len(own))
        assert all(one.end_seconds <= other.begin_seconds for one, other in pairwise(own))
        assert all(one.end_seconds <= seconds + 1e-6 for one in own)
    assert max(numbers) - min(numbers) <= 1


def test_another_seed_gives_other_moments():
    """Else there would be nothing random in it."""
    one, other = (FaultSchedule.random(seed, ["a"], 60, 3, 5, HANG) for seed in (1, 2))
    assert one.outages != other.outages


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"outages": 13}, "60 s together at most, found 13 of 5 s"),
        ({"targets": []}, "one name or more"),
        ({"targets": ["a", "a"]}, "each of them once"),
        ({"targets": "abc"}, "a list of text"),
        ({"seconds": 0}, "a number above 0"),
        ({"length_seconds": float("nan")}, "a number"),
        ({"outages": -1}, "a whole number, 0 or more"),
        ({"seed": -1}, "a whole number, 0 or more"),
    ],
)
def test_a_random_schedule_that_cannot_be_is_refused(change, expected):
    """One error that says what was expected."""
    valid = {"seed": 1, "targets": ["a"], "seconds": 60, "outages": 3, "length_seconds": 5}
    with pytest.raises(UsageError, match=expected):
        FaultSchedule.random(**(valid | {"trouble": HANG} | change))
