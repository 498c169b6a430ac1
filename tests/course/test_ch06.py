"""The story, the shop's own record of it, the words, and the exercise."""

from datetime import timedelta
from itertools import pairwise

import pytest

from eventlab.course import ch06
from eventlab.events import Order, Payment
from eventlab.teach import check
from tests.course.harness import Answer, ChapterTests, solution

STORY = ch06.story(7, 200)


def test_the_story_is_of_orders_and_what_becomes_of_them():
    """Each after its order, in the order of time."""
    assert len(STORY) == 200
    assert isinstance(STORY[0], Order)
    assert [event.at for event in STORY] == sorted(event.at for event in STORY)
    assert {row["state"] for row in ch06.record(STORY).values()} == {
        "placed",
        "paid",
        "sent",
        "cancelled",
    }


@pytest.mark.parametrize("changes", [0, 1, 3])
def test_changes_of_the_table_stand_between_the_events(changes):
    """A quarter of the story apart; fewer of them stand where the first ones stood."""
    told = ch06.with_changes(STORY, changes)
    places = [place for place, event in enumerate(told) if isinstance(event, ch06.Change)]
    assert [told[place].number for place in places] == [1, 2, 3][:changes]
    assert places == [50, 101, 152][:changes]
    assert [event for event in told if not isinstance(event, ch06.Change)] == STORY


def test_the_record_has_what_an_order_was_and_its_last_state():
    """By the shop's own events."""
    payment = next(event for event in STORY if isinstance(event, Payment))
    before = [event for event in STORY if event.at < payment.at]
    order = next(one for one in before if getattr(one, "order_id", "") == payment.order_id)
    assert ch06.record(before)[payment.order_id]["state"] == "placed"
    row = ch06.record([*before, payment])[payment.order_id]
    assert row["state"] == "paid"
    assert row["amount_cents"] == order.amount_cents == payment.amount_cents
    fields = ch06.expected([*before, payment], ["country", "state"])
    assert fields[payment.order_id] == [order.country, "paid"]


def test_there_is_a_moment_every_three_hours_within_the_story():
    """None before its first event, none after its last."""
    moments = ch06.moments_of(STORY)
    assert STORY[0].at < moments[0]
    assert moments[-1] <= STORY[-1].at
    steps = {after - before for before, after in pairwise(moments)}
    assert steps == {timedelta(hours=3)}


@pytest.mark.parametrize(
    ("right", "words"), [(4, ch06.NONE), (3, ch06.ONE), (1, ch06.THREE), (0, ch06.ALL)]
)
def test_a_guess_comes_true_by_who_is_wrong(right, words):
    """Each of the guesses can."""
    assert ch06.outcome({"consumers": 4, "right": right}) == words
    assert words in ch06.GUESSES


def test_the_reasons_have_the_figures_of_their_run():
    """Whatever these are."""
    found = {"changes": 3, "consumers": 4, "right": 4}
    assert "changed 3 times" in ch06.why(found)
    assert "4 of 4 consumers" in ch06.why(found)
    counts = {
        "changes of the table": 3,
        "lamps out": 2,
        "events not read": 150,
        "moments built": 8,
    }
    assert "3 changes of the table have put out 2 lamps. 150 times" in ch06.why_rows(counts)
    assert "lamps out: 2, events not read: 150" in ch06.why_nothing_changes(counts)


# -- the exercise ---------------------------------------------------------------------------------


def outside(row):
    """Map a row as the solution does."""
    row["product_id"], quantity = row.pop("basket").split(" x ")
    row["quantity"] = int(quantity)
    row["amount_cents"] = round(100 * float(row.pop("price")))
    row["country"] = row.pop("address")[-2:]
    return row


def but(**fields):
    """Return a function that maps a row, some fields of it otherwise."""

    def mapped(row):
        taken = dict(row)
        return outside(row) | {name: make(taken) for name, make in fields.items()}

    return mapped


def judged(function):
    return check("06.1", ch06.mapped(function, STORY), story=STORY)


def test_blank_is_not_yet():
    """The dots of the exercise are no answer."""
    assert judged(but(amount_cents=lambda row: ...)).state == "not yet"
    assert judged(lambda row: ...).state == "not yet"


def test_a_row_as_the_contract_promises_it_is_right():
    """For every order."""
    verdict = judged(outside)
    assert verdict.state == "right"
    assert f"{len(ch06.record(STORY))} orders" in verdict.message


@pytest.mark.parametrize(
    ("function", "hint"),
    [
        (but(amount_cents=lambda row: int(100 * float(row["price"]))), "One cent is missing"),
        (but(amount_cents=lambda row: float(row["price"])), "wants cents"),
        (but(amount_cents=lambda row: 100 * float(row["price"])), "whole number: round it"),
        (but(amount_cents=lambda row: row["price"]), "a number, not a text"),
        (but(country=lambda row: row["address"]), "last two letters of the address"),
        (but(quantity=lambda row: "1"), "quantity is '1' in place of"),
        (but(price=lambda row: row["price"]), "has no field 'price'"),
        (lambda row: {"order_id": row["order_id"]}, "promises 'customer_id'"),
        (lambda row: row["amount_cents"], "A row has no 'amount_cents': its fields are order_id"),
        (lambda row: None, "Return the row as a dict"),
        (lambda row: 1 / 0, "raised ZeroDivisionError"),
    ],
)
def test_a_plausible_wrong_wall_is_helped_on(function, hint):
    """Each slip gets the sentence that mends it."""
    verdict = judged(function)
    assert verdict.state == "wrong"
    assert hint in verdict.message


@pytest.mark.parametrize("odd", [3, "wall", [1, 2], object()])
def test_an_odd_answer_is_judged_too(odd):
    """No exception gets through, whether it is mapped or not."""
    assert judged(odd).state == "wrong"
    assert check("06.1", odd, story=STORY).state == "wrong"


class TestChapter06(ChapterTests):
    """With rows in place of the contract none holds."""

    number = "06"
    claims = ("06.lamps", "06.journal", "06.versions", "06.refused")
    answers = (
        Answer("06.1", "solved", solution("06", 1), "right"),
        Answer(
            "06.1",
            "a cent is cut off",
            solution("06", 1).replace("round(", "int("),
            "wrong",
        ),
        Answer(
            "06.1",
            "the whole address",
            solution("06", 1).replace("[-2:]", ""),
            "wrong",
        ),
    )
