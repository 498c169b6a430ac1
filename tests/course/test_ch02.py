from itertools import islice

import pytest

from eventlab.course.ch02 import open_cents
from eventlab.events import Order, OrderCancelled, Payment, Shop
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

EVENTS = list(islice(Shop(seed=5).only(Order, OrderCancelled, Payment), 600))
RIGHT = {customer: {"cents": cents} for customer, cents in open_cents(EVENTS).items()}
ANYBODY = min(RIGHT)
SOLUTION = solution("02", 1)
NO_TOMBSTONE = SOLUTION.replace("if open_orders else (None, None)", "")


def judged(rows):
    return check("02.1", rows, events=EVENTS)


def folded(fold):
    """Return the table that a fold makes of the events."""
    known, rows = {}, {}
    for event in EVENTS:
        key = event.customer_id
        fields = {name: getattr(event, name) for name in event.__struct_fields__}
        known[key], rows[key] = fold(known.get(key), fields | {"type": event.__struct_config__.tag})
    return {key: row for key, row in rows.items() if row is not None}


def test_the_sum_that_the_check_expects_is_what_is_left():
    """All that was ordered, less what was paid or cancelled of it."""
    amounts = {one.order_id: one.amount_cents for one in EVENTS if isinstance(one, Order)}
    ended = [amounts[one.order_id] for one in EVENTS if not isinstance(one, Order)]
    assert sum(open_cents(EVENTS).values()) == sum(amounts.values()) - sum(ended)


@pytest.mark.parametrize("blank", [..., None, {ANYBODY: ...}])
def test_blank_is_not_yet(blank):
    """The dots of the exercise are no answer."""
    assert judged(blank).state == "not yet"


def test_the_solution_is_right():
    """As it is kept beside the chapter."""
    names: dict = {}
    exec(SOLUTION, names)
    verdict = judged(folded(names["my_fold"]))
    assert verdict.state == "right"
    assert f"{len(RIGHT)} customers" in verdict.message


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (RIGHT | {"c9999": {"cents": 0}}, "c9999. When the last one"),
        ({}, "are not in the table"),
        (RIGHT | {ANYBODY: 5}, "A row is a dict"),
        (RIGHT | {ANYBODY: {"sum": 5}}, "A row is a dict"),
        (RIGHT | {ANYBODY: {"cents": 5}}, "has to be taken off"),
    ],
    ids=["no tombstone", "nobody", "no dict", "no cents", "wrong sum"],
)
def test_a_plausible_wrong_answer_says_what_to_look_at(rows, words):
    """And not what the answer is."""
    verdict = judged(rows)
    assert verdict.state == "wrong"
    assert words in verdict.message


class TestChapter02(ChapterTests):
    """Scattered keys, no store, today's table, and a reader of what is not committed."""

    number = "02"
    claims = ("02.table", "02.survives", "02.enrich", "02.aborted", "02.same")
    answers = (
        Answer("02.1", "solved", SOLUTION, "right"),
        Answer("02.1", "no tombstone", NO_TOMBSTONE, "wrong"),
    )
