import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

PARTITIONS = 4


def lanes(partition_of) -> pandas.DataFrame:
    """Return 1,200 orders of 299 customers, half of them in one country, laid out in lanes."""
    orders = pandas.DataFrame({"order": range(1200)})
    orders["customer_id"] = orders["order"] % 299
    orders["country"] = orders["customer_id"] % 8 // 4 * (orders["customer_id"] % 4 + 1)
    orders["partition"] = orders.apply(partition_of, axis=1) % PARTITIONS
    return orders


def judged(orders):
    """Judge a key that lays the orders out like this."""
    return check("01.1", "my_key", laid_out=lambda _key: orders, partitions=PARTITIONS)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert check("01.1", ..., laid_out=lanes, partitions=PARTITIONS).state == "not yet"


def test_the_customer_as_the_key_is_right():
    """It keeps each customer's order, and many customers fill the lanes evenly."""
    verdict = judged(lanes(lambda order: order["customer_id"]))
    assert verdict.state == "right"
    assert "the fullest partition holds 1.00 times the average" in verdict.message


def test_a_key_that_differs_with_each_order_is_wrong():
    """Even lanes are not enough: nothing holds a customer's orders together."""
    verdict = judged(lanes(lambda order: order["order"]))
    assert verdict.state == "wrong"
    assert "299 customers have orders in more than one partition" in verdict.message


@pytest.mark.parametrize(
    ("key", "skew"), [(lambda order: order["country"], "2.5"), (lambda order: 0, "4.0")]
)
def test_a_key_with_few_values_is_wrong(key, skew):
    """A country, or one constant for all, keeps the order and leaves lanes empty."""
    verdict = judged(lanes(key))
    assert verdict.state == "wrong"
    assert f"the fullest partition holds {skew} times the average" in verdict.message


def test_what_is_no_field_says_so():
    """In the words of the log, and without its traceback."""

    def refused(key):
        raise UsageError("No such field", expected="a field", found=key, remedy="Take another.")

    verdict = check("01.1", "customer", laid_out=refused, partitions=PARTITIONS)
    assert verdict.state == "wrong"
    assert "No such field" in verdict.message


class TestChapter01(ChapterTests):
    """Spread keys, one shared group, no batches and look-ups one by one: each flips its claim."""

    number = "01"
    claims = ("01.order", "01.replay", "01.batching", "01.old")
    answers = (
        Answer("01.1", "solved", solution("01", 1), "right"),
        Answer("01.1", "skewed", 'my_key = "country"', "wrong"),
        Answer("01.1", "scattered", 'my_key = "order_id"', "wrong"),
    )
