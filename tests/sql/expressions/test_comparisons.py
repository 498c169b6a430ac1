import operator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.syntax import ArrayOf, Between, Comparison, MapOf, Not, Position, StructOf
from tests.sql.evaluating import column, compiled, evaluated, value

OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
AMOUNT = column("AMOUNT")
OTHER = column("OTHER")
WEIGHT = column("WEIGHT")


@given(st.integers(-3, 3), st.integers(-3, 3), st.sampled_from(sorted(OPERATORS)))
def test_two_values_are_compared_wherever_they_come_from(one, other, sign):
    expected = OPERATORS[sign](one, other)
    row = {"AMOUNT": one, "OTHER": other}
    for left in (AMOUNT, value(one)):
        for right in (OTHER, value(other)):
            assert evaluated(Comparison(sign, left, right), **row) is expected


@pytest.mark.parametrize("sign", sorted(OPERATORS))
@pytest.mark.parametrize(("one", "other"), [(None, 1), (1, None), (None, None)])
def test_a_comparison_with_null_is_false_and_not_of_it_is_true(sign, one, other):
    node = Comparison(sign, AMOUNT, OTHER)
    reports = []
    assert evaluated(node, reports, AMOUNT=one, OTHER=other) is False
    assert evaluated(Not(node), reports, AMOUNT=one, OTHER=other) is True
    assert reports == []


@pytest.mark.parametrize(
    ("one", "other", "is_distinct"),
    [(1, 1, False), (1, 2, True), (None, 1, True), (1, None, True), (None, None, False)],
)
def test_is_distinct_takes_null_for_a_value(one, other, is_distinct):
    row = {"AMOUNT": one, "OTHER": other}
    assert evaluated(Comparison("IS DISTINCT FROM", AMOUNT, OTHER), **row) is is_distinct
    assert evaluated(Comparison("IS NOT DISTINCT FROM", AMOUNT, OTHER), **row) is not is_distinct
    bare = Comparison("IS DISTINCT FROM", AMOUNT, value(None))
    assert evaluated(bare, AMOUNT=one) is (one is not None)


def test_a_double_equals_the_decimal_that_is_written_the_same():
    assert evaluated(Comparison("=", WEIGHT, value(Decimal("1.1"))), WEIGHT=1.1) is True
    assert evaluated(Comparison("=", WEIGHT, column("PRICE")), WEIGHT=1.1, PRICE=Decimal("1.10"))
    precise = value(Decimal("0.1000000000000000055"))
    assert evaluated(Comparison("<", WEIGHT, precise), WEIGHT=0.1) is True


@given(st.floats(0.001, 1e6), st.decimals("0.001", 10**6, places=3))
def test_doubles_and_decimals_are_compared_by_the_shortest_text_of_the_double(one, other):
    for sign, compare in OPERATORS.items():
        found = evaluated(Comparison(sign, WEIGHT, value(other)), WEIGHT=one)
        assert found is compare(Decimal(repr(one)), other)


@pytest.mark.parametrize(
    ("node", "row", "result"),
    [
        (Comparison(">", column("DAY"), value("1970-01-11")), {"DAY": 11}, True),
        (Comparison("=", value("1970-01"), column("DAY")), {"DAY": 0}, True),
        (Comparison(">", column("DAY"), column("AT")), {"DAY": 10, "AT": 863_999_999}, True),
        (Comparison(">", column("DAY"), column("AT")), {"DAY": 10, "AT": 864_000_000}, False),
        (Comparison("<", column("CLOCK"), value("00:00:01")), {"CLOCK": 999}, True),
        (Comparison("=", column("AT"), value("1970-01-01T00:00:00.010")), {"AT": 10}, True),
        (Comparison("=", column("AT"), column("TEXT")), {"AT": 0, "TEXT": "1970"}, True),
        (Comparison("=", column("AT"), column("TEXT")), {"AT": 0}, False),
        (Comparison(">=", column("ROWTIME"), value("1970-01-02")), {"ROWTIME": 86_400_000}, True),
        (Comparison("=", column("ROWTIME"), value(5)), {"ROWTIME": 5}, True),
    ],
)
def test_texts_are_read_beside_dates_times_and_timestamps(node, row, result):
    assert evaluated(node, **row) is result


def test_a_text_of_a_row_that_is_no_timestamp_makes_it_null():
    reports = []
    node = Comparison("=", column("AT"), column("TEXT"))
    assert evaluated(node, reports, AT=0, TEXT="soon") is None
    assert "'soon' is no date" in reports[0]


def test_arrays_maps_and_structs_are_equal_or_not():
    tags = Comparison("=", column("TAGS"), ArrayOf((value("a"), value("b"))))
    assert evaluated(tags, TAGS=["a", "b"]) is True
    assert evaluated(tags, TAGS=["a"]) is False
    stock = Comparison("<>", column("STOCK"), MapOf(((value("a"), value(1)),)))
    assert evaluated(stock, STOCK={"a": 2}) is True
    address = StructOf((("CITY", value("Ulm")), ("NUMBER", value(2))))
    same = Comparison("IS NOT DISTINCT FROM", column("ADDRESS"), address)
    assert evaluated(same, ADDRESS={"CITY": "Ulm", "NUMBER": 2}) is True


@pytest.mark.parametrize(("amount", "is_between"), [(1, False), (2, True), (4, True), (5, False)])
def test_between_includes_both_bounds(amount, is_between):
    assert evaluated(Between(AMOUNT, value(2), value(4)), AMOUNT=amount) is is_between
    assert evaluated(Between(AMOUNT, value(2), value(4), True), AMOUNT=amount) is not is_between


def test_null_is_between_nothing_so_it_is_not_between():
    assert evaluated(Between(AMOUNT, value(2), value(4))) is False
    assert evaluated(Between(AMOUNT, OTHER, value(4), True), AMOUNT=3) is True


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (Comparison(">=", AMOUNT, value("ten"), Position(1, 7)), r"Line 1, column 7: INTEGER >= S"),
        (Comparison("=", AMOUNT, value(None)), "Use IS NULL"),
        (Comparison("<", column("PAID"), value(True)), "have no order"),
        (Comparison("<", column("TAGS"), column("TAGS")), "have no order"),
        (Comparison("=", column("CLOCK"), column("DAY")), "Cast one of them"),
        (Comparison("=", column("DAY"), value("soon")), "a text such as '2025-03-01'"),
        (Comparison("=", column("ROWTIME"), value("soon")), "TIMESTAMP is none"),
        (Between(AMOUNT, value("a"), value("b")), "cannot be compared"),
    ],
)
def test_what_cannot_be_compared_is_refused(node, words):
    with pytest.raises(SqlError, match=words):
        compiled(node)
