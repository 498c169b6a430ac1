"""What literals become, and where expressions are said to stand."""

from decimal import Decimal

import pytest

from eventlab.sql.grammar.translating import decimal_type
from eventlab.sql.types import BIGINT, BOOLEAN, DOUBLE, INTEGER, STRING, DecimalType
from tests.sql.statements import expression, refused


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("0", 0, INTEGER),
        ("2147483647", 2147483647, INTEGER),
        ("-2147483648", -2147483648, INTEGER),
        ("2147483648", 2147483648, BIGINT),
        ("9223372036854775807", 9223372036854775807, BIGINT),
        ("-9223372036854775808", -9223372036854775808, BIGINT),
        ("007", 7, INTEGER),
        ("1.0", Decimal("1.0"), DecimalType(2, 1)),
        ("-12.50", Decimal("-12.50"), DecimalType(4, 2)),
        (".5", Decimal("0.5"), DecimalType(2, 1)),
        ("0.005", Decimal("0.005"), DecimalType(4, 3)),
        ("3.", Decimal("3"), DecimalType(1, 0)),
        ("1E3", 1000.0, DOUBLE),
        ("-1.5e-3", -0.0015, DOUBLE),
        ("'it''s'", "it's", STRING),
        ("''", "", STRING),
        ("'a -- b /* c'", "a -- b /* c", STRING),
        ("'a\\n'", "a\\n", STRING),
        ("TRUE", True, BOOLEAN),
        ("false", False, BOOLEAN),
        ("NULL", None, None),
    ],
)
def test_literals_have_the_types_of_their_writing(text, value, kind):
    """Whole numbers by size, decimal ones by their digits, DOUBLE by its exponent."""
    constant = expression(text)
    assert (constant.value, constant.kind) == (value, kind)
    assert type(constant.value) is type(value)


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-9223372036854775809", "1E400", "-1E400", "9" * 6000]
)
def test_numbers_that_do_not_fit_are_refused(text):
    """No number is cut or rounded to infinity."""
    assert "too large" in refused(f"SELECT {text} FROM s;").summary


def test_the_precision_of_a_decimal_counts_the_zero_before_the_point():
    """A number below one has a digit before its point, as in ksqlDB."""
    assert decimal_type(Decimal("0.00")) == DecimalType(3, 2)
    assert decimal_type(Decimal("100.25")) == DecimalType(5, 2)


@pytest.mark.parametrize(
    ("text", "column"),
    [("a", 8), ("  a", 10), ("a + b", 8), ("f(a)", 8), ("(a)", 9), ("s->f", 8), ("a[1]", 8)],
)
def test_an_expression_says_where_it_begins(text, column):
    """Operators begin where their first operand does."""
    assert expression(text).position == (1, column)


def test_positions_are_of_the_whole_text():
    """Lines count through comments and texts with line breaks."""
    case = expression("/* one\ntwo */ CASE WHEN a THEN 'x\ny' ELSE b END")
    assert case.position == (2, 8)
    assert case.branches[0][0].position == (2, 18)
    assert case.otherwise.position == (3, 9)


def test_a_long_chain_is_refused_in_place_of_breaking_what_comes_after():
    """Two hundred levels are understood, more are not."""
    assert expression(" OR ".join(["a"] * 150))
    error = refused(f"SELECT {' OR '.join(['a'] * 300)} FROM s;")
    assert error.position == (1, 8)
    assert "IN" in error.remedy
