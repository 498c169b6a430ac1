from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.expressions.predicates import like
from eventlab.sql.syntax import (
    Arithmetic,
    ArrayOf,
    Call,
    Case,
    Comparison,
    In,
    IsNull,
    Like,
    Logical,
    Not,
    StructOf,
)
from eventlab.sql.types import BIGINT, STRING, DecimalType
from tests.sql.evaluating import column, compiled, evaluated, kind_of, value

AMOUNT = column("AMOUNT")
PAID = column("PAID")
NAME = column("NAME")
HELD = Comparison(">", column("OTHER"), value(0))


@pytest.mark.parametrize(
    ("sign", "paid", "held", "result"),
    [
        ("AND", True, True, True),
        ("AND", True, False, False),
        ("AND", False, True, False),
        ("AND", None, True, None),
        ("AND", None, False, None),
        ("OR", False, False, False),
        ("OR", True, False, True),
        ("OR", False, True, True),
        ("OR", None, True, None),
    ],
)
def test_and_and_or_cannot_be_computed_where_null_comes_first(sign, paid, held, result):
    node = Logical(sign, PAID, HELD)
    assert evaluated(node, PAID=paid, OTHER=1 if held else 0) is result


def test_what_decides_hides_a_null_behind_it():
    reports = []
    assert evaluated(Logical("AND", HELD, PAID), reports, OTHER=0) is False
    assert evaluated(Logical("OR", HELD, PAID), reports, OTHER=1) is True
    assert reports == []
    assert evaluated(Logical("AND", HELD, PAID), reports, OTHER=1) is None
    assert reports == ["AND is NULL for a row: a condition is NULL"]


def test_not_of_null_is_null_so_where_leaves_the_row_out():
    assert evaluated(Not(PAID), PAID=False) is True
    assert evaluated(Not(PAID)) is None


def test_is_null_asks_for_nothing_else():
    assert evaluated(IsNull(NAME)) is True
    assert evaluated(IsNull(NAME), NAME="") is False
    assert evaluated(IsNull(NAME, True), NAME="") is True
    assert evaluated(IsNull(value(None))) is True


@pytest.mark.parametrize("amount", [None, 1, 2, 3, 4, 7])
def test_in_is_equality_with_one_of_several(amount):
    options = (value(1), value(Decimal("2.0")), value("4.000"), value(None), column("TOTAL"))
    node = In(AMOUNT, options)
    assert evaluated(node, AMOUNT=amount, TOTAL=7) is (amount in (1, 2, 4, 7))
    assert evaluated(In(AMOUNT, options, True), AMOUNT=amount, TOTAL=7) is (amount in (None, 3))
    assert evaluated(node, AMOUNT=amount) is (amount in (1, 2, 4))


@pytest.mark.parametrize(
    ("node", "row", "result"),
    [
        (In(NAME, (value(True), value(10), value(Decimal("0.50")))), {"NAME": "0.50"}, True),
        (In(NAME, (value(True), value(10))), {"NAME": "true"}, True),
        (In(PAID, (value("Ye"),)), {"PAID": True}, True),
        (In(PAID, (value("fa"),)), {"PAID": True}, False),
        (In(column("WEIGHT"), (column("PRICE"),)),
         {"WEIGHT": 1.1, "PRICE": Decimal("1.10")}, True),
        (In(column("DAY"), (value("1970-01-03"), value("1970"))), {"DAY": 2}, True),
        (In(column("COUNTS"), (ArrayOf((value("3"), value(None))),)), {"COUNTS": [3, None]}, True),
        (In(column("COUNTS"), (ArrayOf((value(3),)),)), {"COUNTS": [3, None]}, False),
        (In(column("ADDRESS"), (StructOf((("NUMBER", value(7)),)),)),
         {"ADDRESS": {"CITY": None, "NUMBER": 7}}, True),
        (In(value(None), (value(1),)), {}, False),
        (In(AMOUNT, (value("2147483648"),)), {"AMOUNT": -(2**31)}, False),
    ],
)  # fmt: skip
def test_the_values_of_in_are_brought_to_one_type(node, row, result):
    assert evaluated(node, **row) is result


def matches(text, pattern):
    """Match letter by letter: the slow way, with nothing of regular expressions."""
    if not pattern:
        return not text
    if pattern[0] == "%":
        return any(matches(text[start:], pattern[1:]) for start in range(len(text) + 1))
    return bool(text) and pattern[0] in ("_", text[0]) and matches(text[1:], pattern[1:])


@given(st.text("ab.\n%_", max_size=6), st.text("ab.%_", max_size=5))
def test_like_takes_any_text_for_a_percent_sign_and_any_letter_for_a_line(text, pattern):
    assert (like(pattern)(text) is not None) is matches(text, pattern)


def test_many_percent_signs_take_no_longer_than_one():
    assert like("%a" * 60 + "%b")("a" * 5000) is None
    assert like("%a" * 60 + "%")("a" * 5000) is not None


@given(st.text("a%_!\\", max_size=6))
def test_what_is_escaped_stands_for_itself(text):
    escaped = "".join(f"!{letter}" for letter in text)
    assert like(escaped, "!")(text) is not None
    assert like(escaped, "!")(text + "a") is None


@pytest.mark.parametrize("is_negated", [False, True])
def test_like_of_a_row_takes_a_pattern_that_is_written_out_or_of_the_row(is_negated):
    written = Like(NAME, value("%oo!%"), "!", is_negated)
    of_row = Like(NAME, column("TEXT"), "!", is_negated)
    for name, is_like in (("foo%", True), ("foo", False)):
        expected = is_like is not is_negated
        assert evaluated(written, NAME=name) is expected
        assert evaluated(of_row, NAME=name, TEXT="%oo!%") is expected
    assert evaluated(written) is None
    assert evaluated(of_row, NAME="foo") is None


def case(*branches, otherwise=None, operand=None):
    return Case(operand, branches, otherwise)


def test_case_takes_the_first_branch_that_holds():
    big = (Comparison(">", AMOUNT, value(9)), value("big"))
    some = (Comparison(">", AMOUNT, value(0)), value(None))
    node = case(big, some, otherwise=value("none"))
    found = [evaluated(node, AMOUNT=amount) for amount in (10, 5, 0, None)]
    assert found == ["big", None, "none", "none"]


def test_case_without_else_is_null_and_with_an_operand_compares_it():
    node = case((value(1), value("one")), (value(2), value("two")), operand=AMOUNT)
    assert [evaluated(node, AMOUNT=amount) for amount in (2, 3, None)] == ["two", None, None]
    assert kind_of(node) == STRING


def test_no_branch_of_case_is_computed_but_the_chosen_one():
    reports = []
    failing = Call("ROOT", (value(-1.0),))
    node = case((Comparison("=", AMOUNT, value(1)), value(1.0)), (HELD, failing), otherwise=failing)
    assert evaluated(node, reports, AMOUNT=1) == 1.0
    assert reports == []
    assert evaluated(node, reports, AMOUNT=2) is None


def test_the_branches_of_case_have_one_type_that_holds_their_values():
    node = case((HELD, value(1)), otherwise=column("TOTAL"))
    assert kind_of(node) == BIGINT
    node = case((HELD, value(Decimal("1.5"))), otherwise=value(1))
    assert kind_of(node) == DecimalType(11, 1)
    assert str(evaluated(node)) == "1.0"


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Logical("AND", PAID, AMOUNT), "expected a BOOLEAN, found INTEGER"),
        (Not(value(None)), "expected a BOOLEAN, found NULL"),
        (In(AMOUNT, (value(1), NAME)), "expected INTEGER.*found STRING"),
        (In(AMOUNT, (value(10), value("ten"))), "found STRING 'ten'"),
        (In(column("DAY"), (value("soon"),)), "A value is no DATE.*found 'soon'"),
        (Like(AMOUNT, value("1%")), "expected STRING, found INTEGER"),
        (Like(NAME, value("a!"), "!"), "escape character"),
        (case((HELD, value(1)), otherwise=value("a")), "expected INTEGER.*found STRING"),
        (case((HELD, value(None))), "no branch that is not NULL"),
        (case((AMOUNT, value(1))), "expected a BOOLEAN"),
        (Logical("OR", PAID, Arithmetic("+", AMOUNT, value(1))), "found INTEGER"),
    ],
)
def test_a_condition_that_is_none_is_refused(node, words):
    with pytest.raises(SqlError, match=words):
        compiled(node)
