"""The story, the words, and the exercise."""

import pytest

from eventlab.course import ch08, ch08_service
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

STORY = ch08.story(7, orders=120)
THESE = "in (select value from json_each(:ids))"
ENDPOINTS = {
    "/orders": "select * from orders",
    "/customers/{ids}": f"select * from customers where customer_id {THESE}",
    "/products/{ids}": f"select * from products where product_id {THESE}",
}


def test_sales_are_added_up_from_the_shops_own_lists():
    """By one field, and by two; every cent is in them."""
    everything = sum(order.amount_cents for order in STORY.orders)
    assert set(ch08.sales(STORY, "level")) == {"bronze", "silver", "gold", "platinum"}
    assert sum(ch08.sales(STORY, "level").values()) == everything
    both = ch08.sales(STORY, "level", "category")
    assert sum(both.values()) == everything
    assert all(len(pair) == 2 for pair in both)


def test_rows_that_are_named_are_counted_once():
    """However many orders name them."""
    assert ch08.named(STORY, "level") == ch08.named(STORY, "country") < 80
    assert ch08.named(STORY, "category") < ch08.named(STORY, "level")


def test_each_question_is_asked_on_each_day():
    """One field after the other."""
    asked = ch08.questions(["level", "country"])
    assert [(one.field, one.day) for one in asked] == [
        ("level", 1),
        ("level", 2),
        ("country", 1),
        ("country", 2),
    ]
    assert asked[0].at < asked[1].at


@pytest.mark.parametrize(
    ("calls", "words"), [(4, ch08.FOUR), (20, ch08.GROUPS), (60, ch08.EACH), (240, ch08.ORDERS)]
)
def test_a_guess_of_the_calls_comes_true_by_their_number(calls, words):
    """Each of the guesses can."""
    assert ch08.outcome(calls) == words
    assert words in ch08.GUESSES


def test_the_reasons_have_the_figures_of_their_run():
    """Whatever these are."""
    assert "each of the 59 customers" in ch08.why(60, 120)
    added = "endpoints added"
    assert "3 more. In the run beside it there are 0 more" in ch08.why_endpoints(
        {added: 0}, {added: 3}
    )
    tiny = {"ours: ms": 88.4, "rows for ours": 56, added: 0}
    assert "takes 88 ms. All of them fetched 56 rows, and 0" in ch08.why_tiny(tiny)
    wrong = {"changes": 100, "missed": 12, "came twice": 20, "out of date": 39}
    assert "are missed: 12. Came twice: 20." in ch08.why_export(wrong)
    assert "out of date: 39" in ch08.why_numbered(wrong)


# -- the exercise ---------------------------------------------------------------------------------


def judged(report):
    return check("08.1", ch08.made(report, ENDPOINTS, STORY), story=STORY)


def by_customers_and_products(ask, at_once, *, each_once=True, key=lambda pair: pair):
    """Make the report as a learner does, with so many ids a call."""
    orders = ask("/orders")
    field_of = {}
    for table, name, field in (
        ("customers", "customer_id", "level"),
        ("products", "product_id", "category"),
    ):
        ids = [order[name] for order in orders]
        groups = ch08_service.paths(table, ids, at_once)
        for path in groups if each_once else [f"/{table}/{one}" for one in ids]:
            field_of |= {row[name]: row[field] for row in ask(path)}
    cents = {}
    for order in orders:
        pair = key((field_of[order["customer_id"]], field_of[order["product_id"]]))
        cents[pair] = cents.get(pair, 0) + order["cents"]
    return cents


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(lambda ask: ...).state == "not yet"


def test_the_report_in_batches_is_right():
    """And the message has its calls."""
    verdict = judged(lambda ask: by_customers_and_products(ask, 20))
    assert verdict.state == "right"
    assert "with 6 calls" in verdict.message


@pytest.mark.parametrize(
    ("report", "hint"),
    [
        (lambda ask: by_customers_and_products(ask, 1), "20 ids with each call"),
        (lambda ask: by_customers_and_products(ask, 1, each_once=False), "only once"),
        (lambda ask: by_customers_and_products(ask, 21), "21 ids with one call are too many"),
        (
            lambda ask: by_customers_and_products(ask, 20, key=lambda p: p[::-1]),
            "level comes first",
        ),
        (lambda ask: by_customers_and_products(ask, 20, key=lambda p: p[0]), "keys are pairs"),
        (lambda ask: ask("/payments"), "no endpoint /payments"),
        (lambda ask: {}, "is missing"),
        (lambda ask: None, "Return a dict"),
        (lambda ask: 1 / 0, "raised ZeroDivisionError"),
        (lambda ask: ch08.sales(STORY, "level", "category") | {("tin", "toys"): 1}, "Nobody"),
        (
            lambda ask: dict.fromkeys(ch08.sales(STORY, "level", "category"), 1),
            "Add up each order's cents",
        ),
    ],
)
def test_a_plausible_wrong_report_is_helped_on(report, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(report)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.mark.parametrize("odd", [3, "report", [1, 2], object()])
def test_an_odd_answer_is_judged_too(odd):
    """No exception gets through, whether it is made or not."""
    assert judged(odd).state == "wrong"
    assert check("08.1", odd, story=STORY).state == "wrong"


class TestChapter08(ChapterTests):
    """With reports from the data service and a copy from its export none holds."""

    number = "08"
    claims = ("08.join", "08.endpoints", "08.export", "08.away")
    answers = (
        Answer("08.1", "solved", solution("08", 1), "right"),
        Answer(
            "08.1",
            "the level alone",
            solution("08", 1).replace('category_of[order["product_id"]])', '"all")'),
            "wrong",
        ),
    )
