import json
from itertools import islice
from types import SimpleNamespace

import numpy
import pandas
import pytest

from eventlab.course import ch00
from eventlab.events import Shop
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

ORDERS = pandas.DataFrame({"country": ["DE"] * 5 + ["FR"] * 3 + ["NL"] * 2})


def judged(count, country="FR"):
    return check("00.1", count, country=country, orders=ORDERS)


STORY = list(islice(Shop(seed=7, customers=6).orders(), 5))


def messages(*numbers):
    """Return what a consumer gave for these orders of the story."""
    values = [json.dumps({"order_id": STORY[number].order_id}).encode() for number in numbers]
    return [SimpleNamespace(value=lambda value=value: value) for value in values]


@pytest.mark.parametrize(
    ("read", "missing", "twice"), [([0, 1, 2, 3, 4], 0, 0), ([0, 1, 1, 4], 2, 1), ([], 5, 0)]
)
def test_what_was_read_is_compared_with_what_was_sent(read, missing, twice):
    """Order by order, by its own id."""
    found = ch00.compare(messages(*read), STORY)
    assert found == {"sent": 5, "read": len(read), "missing": missing, "twice": twice}


@pytest.mark.parametrize(
    ("visits", "places", "outcome"),
    [
        ([[0, 1], [2, 3]], {"read_before": 2, "read_after": 2, "gaps": 0}, ch00.NEXT),
        ([[0, 1], [3]], {"read_before": 2, "read_after": 1, "gaps": 1}, ch00.GONE),
        ([[0, 1], []], {"read_before": 2, "read_after": 0, "gaps": 0}, ch00.GONE),
        ([[0], [1], [2]], {"read_before": 2, "read_after": 1, "gaps": 0}, ch00.NEXT),
    ],
)
def test_places_say_whether_one_went_on_where_one_was(visits, places, outcome):
    """Visit by visit, in the order of reading."""
    assert ch00.places(visits) == places
    assert ch00.outcome(visits) == outcome


def test_the_reason_names_both_places():
    """The last one before, and the first one after."""
    assert ch00.why([[0, 1], [2]]).endswith("offset 1; the first after you came back is at 2.")
    assert ch00.why([[0, 1], []]).endswith("after you came back, nothing came.")
    assert "no order" in ch00.why([[], []])


def test_what_was_lost_is_said_of_the_reader_who_lost_it():
    """In a run that is broken from the start no reader has a bookmark."""
    assert ch00.why_lost(0, 110).startswith("With the bookmark no order was lost to you, without")
    broken = ch00.why_lost(112, 110)
    assert broken.startswith("112 orders were lost to you in the first log, and 110 in the second.")
    assert "bookmark" not in broken


def test_an_order_is_said_by_its_product_and_price():
    """Not by codes."""
    shop = Shop(seed=7, customers=6)
    names = {product.product_id: product.name for product in islice(shop.products(), 60)}
    row = {"product_id": STORY[0].product_id, "amount_cents": 5989}
    assert ch00.words(shop)(row) == f"{names[STORY[0].product_id]}, 59.89 €"


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(...).state == "not yet"


@pytest.mark.parametrize("count", [3, numpy.int64(3)])
def test_the_number_of_orders_to_the_country_is_right(count):
    """Whoever counted one country from the first offset to the last is right."""
    assert judged(count).state == "right"
    assert "3 of 10 orders came from FR" in judged(count).message


@pytest.mark.parametrize(
    ("count", "hint"),
    [
        (10, "These are all the orders"),
        (0, "Compare order['country'] with 'FR'"),
        (5, "the number of orders from DE"),
        (1, "Begin at its first offset"),
        (7, "count each message once"),
        ("3", "(str) for count"),
        (True, "(bool) for count"),
        ({"FR": 3}, "(dict) for count"),
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
    whole_when_broken = True

    def test_broken_from_the_start_no_bookmark_is_said_to_have_helped(self, broken):
        """Neither reader has one."""
        cells = [cell for cell in broken.own.cells if "lab.reveal(" in cell.source]
        said = [str(cell.outputs) for cell in cells]
        assert len(said) == 2
        assert "lost to you in the first log" in said[1]
        assert "ith the bookmark" not in said[1]
