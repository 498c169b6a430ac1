import pandas
import pytest

from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

ORDERS = pandas.DataFrame({"customer_id": ["ann", "bob", "ann", "eve"]})


def judged(customer):
    return check("03.1", customer, orders=ORDERS)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(...).state == "not yet"


def test_the_customer_with_the_most_orders_is_right():
    """And the message says how many they are."""
    assert judged("ann").state == "right"
    assert "2 of 4 orders" in judged("ann").message


@pytest.mark.parametrize(
    ("customer", "hint"),
    [
        ("bob", "Another customer has placed more"),
        ("Ann", "letter for letter"),
        (2, "expected a text, found int"),
    ],
)
def test_a_plausible_wrong_answer_is_helped_on(customer, hint):
    """Each slip gets the sentence that mends it."""
    assert judged(customer).state == "wrong"
    assert hint in judged(customer).message


class TestChapter03(ChapterTests):
    """With every other order lost on its way, the claim does not hold."""

    number = "03"
    claims = ("03.all",)
    answers = (
        Answer("03.1", "solved", solution("03", 1), "right"),
        Answer("03.1", "whoever came first", 'busiest = found["customer_id"][0]', "wrong"),
    )
