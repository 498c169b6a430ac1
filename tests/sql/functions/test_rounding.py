import math
from decimal import Decimal

import pytest

from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, DecimalType
from tests.sql.functions.calling import called, result_kind


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("CEIL", [1.2], 2.0),
        ("CEIL", [-1.2], -1.0),
        ("CEIL", [7], 7),
        ("CEIL", [Decimal("-1.25")], Decimal("-1.00")),
        ("FLOOR", [1.7], 1.0),
        ("FLOOR", [-1.2], -2.0),
        ("FLOOR", [Decimal("-1.25")], Decimal("-2.00")),
        ("FLOOR", [math.inf], math.inf),
        ("ROUND", [2.5], 3),
        ("ROUND", [-2.5], -2),
        ("ROUND", [0.49999999999999994], 0),
        ("ROUND", [math.nan], 0),
        ("ROUND", [1e300], 2**63 - 1),
        ("ROUND", [-math.inf], -(2**63)),
        ("ROUND", [5], 5),
        ("ROUND", [2.345, 2], 2.35),
        ("ROUND", [-2.345, 2], -2.34),
        ("ROUND", [1250.0, -2], 1300.0),
        ("ROUND", [-1250.0, -2], -1200.0),
        ("ROUND", [2.5, None], None),
        ("ROUND", [Decimal("2.5")], Decimal("3")),
        ("ROUND", [Decimal("2.345"), 1], Decimal("2.300")),
        ("ROUND", [Decimal("1" * 30 + ".55"), 1], Decimal("1" * 30 + ".60")),
        ("TRUNC", [-2.9], -2),
        ("TRUNC", [3], 3),
        ("TRUNC", [2.99, 1], 2.9),
        ("TRUNC", [1299.0, -2], 1200.0),
        ("TRUNC", [Decimal("2.99")], Decimal("2")),
        ("TRUNC", [Decimal("2.99"), 1], Decimal("2.90")),
        ("TRUNC", [math.inf], 2**63 - 1),
        ("TRUNC", [-0.04, 1], 0.0),
        ("ROUND", [Decimal("-0.40")], Decimal("0")),
        ("CEIL", [Decimal("-0.40")], Decimal("0.00")),
    ],
)
def test_numbers_are_rounded(name, arguments, expected):
    """Halves upwards; decimal numbers keep their digits."""
    found = called(name, *arguments)
    assert (found, type(found)) == (expected, type(expected))
    assert str(found) == str(expected)


@pytest.mark.parametrize(
    ("name", "kinds", "expected"),
    [
        ("ROUND", [INTEGER], BIGINT),
        ("ROUND", [DOUBLE], BIGINT),
        ("ROUND", [DOUBLE, INTEGER], DOUBLE),
        ("ROUND", [DecimalType(9, 4)], DecimalType(5, 0)),
        ("ROUND", [DecimalType(2, 2)], DecimalType(1, 0)),
        ("TRUNC", [DecimalType(9, 4), INTEGER], DecimalType(9, 4)),
        ("CEIL", [INTEGER], INTEGER),
        ("FLOOR", [DecimalType(9, 4)], DecimalType(9, 4)),
    ],
)
def test_the_type_follows_from_the_number(name, kinds, expected):
    """A number that is rounded to whole ones needs no digits behind the point."""
    assert result_kind(name, *kinds) == expected


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_has_no_digits(number):
    """The value is NULL, and it is reported."""
    with pytest.raises(ValueError, match="cannot be rounded"):
        called("ROUND", number, 2)


def test_more_digits_than_there_can_be_are_refused():
    """At once, and without taking all the memory."""
    with pytest.raises(ArithmeticError):
        called("ROUND", 1.5, 2_000_000_000)
