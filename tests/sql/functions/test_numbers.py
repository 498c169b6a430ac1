import math
from decimal import Decimal

import pytest

from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, DecimalType
from tests.sql.functions.calling import called, result_kind


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("ABS", [-3], 3),
        ("ABS", [-(2**31)], -(2**31)),
        ("ABS", [-(2**63)], -(2**63)),
        ("ABS", [-(2**40)], 2**40),
        ("ABS", [-3.5], 3.5),
        ("ABS", [Decimal("-3.50")], Decimal("3.50")),
        ("ABS", [Decimal("-" + "9" * 38)], Decimal("9" * 38)),
        ("SIGN", [-3.5], -1),
        ("SIGN", [0], 0),
        ("SIGN", [math.nan], 0),
        ("LN", [math.e], 1.0),
        ("LN", [0], -math.inf),
        ("LOG", [math.e], 1.0),
        ("LOG", [2, 8], 3.0),
        ("LOG", [10, 0], -math.inf),
        ("POWER", [2, 10], 1024.0),
        ("POWER", [0, -1], math.inf),
        ("POWER", [-10, 999], -math.inf),
        ("POWER", [10, 999], math.inf),
        ("EXP", [0], 1.0),
        ("EXP", [1000], math.inf),
        ("SQRT", [2.25], 1.5),
        ("CBRT", [-27], -3.0),
        ("COSH", [1000], math.inf),
        ("SINH", [-1000], -math.inf),
        ("TANH", [1000], 1.0),
        ("COT", [0.0], math.inf),
        ("COT", [-0.0], -math.inf),
        ("DEGREES", [math.pi], 180.0),
        ("ATAN2", [1, 0], math.pi / 2),
        ("PI", [], math.pi),
        ("SQRT", [None], None),
    ],
)
def test_numbers_have_results(name, arguments, expected):
    """Infinity where one is too great."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("ACOS", [1.5]),
        ("ASIN", [-1.5]),
        ("SQRT", [-1]),
        ("LN", [-1]),
        ("LN", [math.nan]),
        ("LOG", [1, 5]),
        ("LOG", [0, 5]),
        ("LOG", [-2, 5]),
        ("POWER", [-8, 1 / 3]),
        ("SIN", [math.inf]),
        ("COT", [math.inf]),
    ],
)
def test_what_has_no_result_is_no_number(name, arguments):
    """And no error."""
    assert math.isnan(called(name, *arguments))


@pytest.mark.parametrize(
    ("there", "back"), [("SIN", "ASIN"), ("TAN", "ATAN"), ("RADIANS", "DEGREES"), ("COS", "ACOS")]
)
def test_angles_come_back(there, back):
    """One function turns the other round."""
    assert called(back, called(there, 0.5)) == pytest.approx(0.5)


def test_the_cotangent_is_one_over_the_tangent():
    """Away from 0."""
    assert called("COT", 0.5) == pytest.approx(1 / called("TAN", 0.5))


def test_chance_draws_another_number_each_time():
    """From 0 up to 1."""
    drawn = [called("RANDOM") for _ in range(50)]
    assert len(set(drawn)) > 1
    assert all(0 <= number < 1 for number in drawn)


@pytest.mark.parametrize(
    ("name", "kinds", "expected"),
    [
        ("ABS", [INTEGER], INTEGER),
        ("ABS", [BIGINT], BIGINT),
        ("ABS", [DecimalType(4, 1)], DecimalType(4, 1)),
        ("SIGN", [DecimalType(4, 1)], INTEGER),
        ("EXP", [INTEGER], DOUBLE),
        ("POWER", [DecimalType(4, 1), INTEGER], DOUBLE),
    ],
)
def test_the_type_follows_from_the_number(name, kinds, expected):
    """Where a number only loses its sign it stays of its type."""
    assert result_kind(name, *kinds) == expected
