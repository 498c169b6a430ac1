import numpy
import pandas
import pytest

from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

ORDERS = pandas.DataFrame({"country": ["DE"] * 5 + ["FR"] * 3 + ["NL"] * 2})


def judged(count, country="FR"):
    return check("00.1", count, country=country, orders=ORDERS)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(...).state == "not yet"


@pytest.mark.parametrize("count", [3, numpy.int64(3)])
def test_the_number_of_orders_to_the_country_is_right(count):
    """Whoever counted one country from the first offset to the last is right."""
    assert judged(count).state == "right"
    assert "3 of 10 orders go to FR" in judged(count).message


@pytest.mark.parametrize(
    ("count", "hint"),
    [
        (10, "These are all the orders"),
        (0, "Compare order['country'] with 'FR'"),
        (5, "the number of orders to DE"),
        (1, "Begin at its first offset"),
        (7, "count each message once"),
        ("3", "expected a whole number, found str"),
        (True, "expected a whole number, found bool"),
        ({"FR": 3}, "expected a whole number, found dict"),
    ],
)
def test_a_plausible_wrong_count_is_helped_on(count, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(count)
    assert verdict.state == "wrong"
    assert hint in verdict.message


def test_a_country_without_orders_can_be_counted():
    """Nothing is the right answer where there is nothing."""
    assert judged(0, country="IS").state == "right"


class TestChapter00(ChapterTests):
    """Without a bookmark neither claim holds."""

    number = "00"
    claims = ("00.real", "00.resume")
    answers = (
        Answer("00.1", "solved", solution("00", 1), "right"),
        Answer("00.1", "those of one visit", "france = 40", "wrong"),
    )
