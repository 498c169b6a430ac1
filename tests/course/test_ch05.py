"""The words of the claims, and the exercise."""

from itertools import islice

import pytest

from eventlab.course import ch05
from eventlab.events import Shop
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution


def test_medians_and_their_factor_are_the_figures_of_the_look_ups():
    """One slow answer moves none of them."""
    found = ch05.lookup_figures([0.001, 0.001, 9.0], [0.004, 0.005, 0.005], wrong=0)
    assert (found["shop_ms"], found["topics_ms"], found["factor"]) == (1, 5, 5)
    assert "5.0 times as long" in ch05.why(found)


@pytest.mark.parametrize(
    ("factor", "words"),
    [(0.9, ch05.SAME), (2, ch05.SLOWER), (25, ch05.SLOWER), (90, ch05.FAR)],
)
def test_a_guess_of_the_look_ups_comes_true_by_the_factor(factor, words):
    """Each of the guesses can."""
    assert ch05.outcome(factor) == words
    assert words in ch05.GUESSES


def test_the_right_stock_is_the_newest_of_each_product():
    """By the shop's own list; a copy without a product has it wrong."""
    changes = list(islice(Shop(seed=7, products=12).stock(), 40))
    right = ch05.amounts_after(changes)
    assert len(right) == 12
    assert ch05.wrong_products(right, right) == []
    last = changes[-1].product_id
    assert ch05.wrong_products(right | {last: -1}, right) == [last]
    assert len(ch05.wrong_products({}, right)) == 12


def test_the_reason_has_the_wrong_products_of_both_runs():
    """Whichever run stands beside the one with calls."""
    said = ch05.why_copies({"wrong in support": 0}, {"wrong in support": 5})
    assert "5 of 12 are wrong, in the run beside it 0" in said


def judged(requests, events):
    return check("05.1", requests, events)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(..., ...).state == "not yet"
    assert judged("adeg", ...).state == "not yet"


@pytest.mark.parametrize(
    ("requests", "events"),
    [
        ("adeg", "bcfh"),
        ("GEDA", "h f c b"),
        ("a, d, e, g", "b, c, f, h"),
        (["a", "d", "e", "g"], ("b", "c", "f", "h")),
        ({"a", "d", "e", "g"}, {"b", "c", "f", "h"}),
    ],
)
def test_sorted_right_each_gets_its_why(requests, events):
    """However the letters are written."""
    verdict = judged(requests, events)
    assert verdict.state == "right"
    assert verdict.message.count("(") == 8


@pytest.mark.parametrize(
    ("requests", "events", "hint"),
    [
        ("abcdefgh", "", "Not everything is a request"),
        ("", "abcdefgh", "Not everything is an event"),
        ("adg", "bcefh", "(e)"),
        ("adegh", "bcf", "(h)"),
        ("abdeg", "cfh", "(b)"),
        ("acdeg", "bfh", "(c)"),
        ("adef", "bcgh", "(f)"),
        ("ade", "bcfh", "(g)"),
        ("adeg", "bcfhg", "(g)"),
        ("bcfh", "adeg", "(a)"),
        ("adegx", "bcfh", "letters from a to h"),
        (["request"], ["event"], "letters from a to h"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(requests, events, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(requests, events)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.mark.parametrize("odd", [3, [1, 2], {"a": 1}, object(), [["a"]]])
def test_an_odd_answer_is_judged_too(odd):
    """No exception gets through."""
    assert judged(odd, odd).state == "wrong"


class TestChapter05(ChapterTests):
    """With look-ups through topics, changes by calls and reads that do not wait none holds."""

    number = "05"
    claims = ("05.lookup", "05.copies", "05.own_write")
    answers = (
        Answer("05.1", "solved", solution("05", 1), "right"),
        Answer("05.1", "all as events", 'requests = ""\nevents = "abcdefgh"', "wrong"),
    )
