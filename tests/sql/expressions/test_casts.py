import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.expressions.casts import caster, fitted, wrapped
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)

SMALL = DecimalType(3, 1)


@given(st.integers(-(2**70), 2**70))
def test_a_whole_number_wraps_as_its_last_bytes_say(value):
    four = (value & (2**32 - 1)).to_bytes(4, "little")
    eight = (value & (2**64 - 1)).to_bytes(8, "little")
    assert wrapped(value, INTEGER) == struct.unpack("<i", four)[0]
    assert wrapped(value, BIGINT) == struct.unpack("<q", eight)[0]


@pytest.mark.parametrize(
    ("found", "wanted", "value", "result"),
    [
        (INTEGER, BIGINT, 7, 7),
        (BIGINT, INTEGER, 2**31, -(2**31)),
        (INTEGER, DOUBLE, 7, 7.0),
        (DOUBLE, INTEGER, -1.9, -1),
        (DOUBLE, INTEGER, 1e10, 2**31 - 1),
        (DOUBLE, INTEGER, float("nan"), 0),
        (DOUBLE, BIGINT, 1e30, 2**63 - 1),
        (DOUBLE, BIGINT, float("-inf"), -(2**63)),
        (DecimalType(12, 2), INTEGER, Decimal("-9.99"), -9),
        (DecimalType(12, 2), INTEGER, Decimal("2147483648.50"), -(2**31)),
        (DecimalType(12, 2), DOUBLE, Decimal("0.10"), 0.1),
        (DecimalType(12, 2), SMALL, Decimal("1.25"), Decimal("1.3")),
        (DecimalType(12, 2), SMALL, Decimal("-1.25"), Decimal("-1.3")),
        (INTEGER, SMALL, 10, Decimal("10.0")),
        (STRING, DecimalType(38, 0), "9" * 38, Decimal("9" * 38)),
        (DOUBLE, SMALL, 0.99, Decimal("1.0")),
        (STRING, SMALL, " 1.05 ", Decimal("1.1")),
        (STRING, INTEGER, " -12 ", -12),
        (STRING, BOOLEAN, "perhaps", False),
        (STRING, BYTES, "aGk=", b"hi"),
        (STRING, DATE, "1970-01-11", 10),
        (STRING, TIME, "00:01", 60_000),
        (STRING, TIMESTAMP, "1970-01-01T00:00:01", 1000),
        (BOOLEAN, STRING, True, "true"),
        (DOUBLE, STRING, 1e7, "1.0E7"),
        (DecimalType(4, 2), STRING, Decimal("0.00"), "0.00"),
        (STRING, DecimalType(4, 2), "-0.004", Decimal("0.00")),
        (DOUBLE, DecimalType(4, 2), -0.0, Decimal("0.00")),
        (TIMESTAMP, DATE, -2000, -1),
        (TIMESTAMP, TIME, -2000, 86_398_000),
        (DATE, TIMESTAMP, 2, 172_800_000),
        (ArrayType(STRING), ArrayType(INTEGER), ["1", None], [1, None]),
        (MapType(STRING, BIGINT), MapType(STRING, STRING), {"a": 1}, {"a": "1"}),
        (
            StructType((("A", BIGINT), ("B", STRING))),
            StructType((("A", STRING), ("C", DATE))),
            {"A": 1, "B": "x"},
            {"A": "1", "C": None},
        ),
        (
            ArrayType(MapType(STRING, DOUBLE)),
            ArrayType(MapType(STRING, INTEGER)),
            [{"a": 1.5}],
            [{"a": 1}],
        ),
    ],
)
def test_a_value_is_cast(found, wanted, value, result):
    cast = caster(found, wanted)(value)
    assert cast == result
    assert type(cast) is type(result)
    assert str(cast) == str(result)


@pytest.mark.parametrize(
    ("found", "wanted", "value"),
    [
        (STRING, INTEGER, "twelve"),
        (STRING, DOUBLE, "1,5"),
        (STRING, SMALL, "100"),
        (INTEGER, SMALL, 100),
        (DOUBLE, SMALL, 99.96),
        (DOUBLE, SMALL, float("nan")),
        (STRING, BYTES, "?"),
        (ArrayType(STRING), ArrayType(DATE), ["1970-01-01", "soon"]),
    ],
)
def test_a_value_without_a_counterpart_raises(found, wanted, value):
    with pytest.raises((ValueError, ArithmeticError)):
        caster(found, wanted)(value)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (STRING, ArrayType(INTEGER)),
        (BOOLEAN, INTEGER),
        (BYTES, STRING),
        (INTEGER, TIMESTAMP),
        (TIME, DATE),
        (SMALL, BOOLEAN),
        (ArrayType(STRING), MapType(STRING, STRING)),
        (ArrayType(BOOLEAN), ArrayType(INTEGER)),
        (StructType((("A", BYTES),)), StructType((("A", STRING),))),
    ],
)
def test_what_cannot_be_cast_is_refused_with_both_types(found, wanted):
    with pytest.raises(SqlError) as caught:
        caster(found, wanted)
    assert f"Cast of {found} to {wanted} is not supported" in str(caught.value)


@given(st.decimals(-99999, 99999, allow_nan=False, allow_infinity=False), st.integers(0, 6))
def test_a_decimal_number_is_rounded_half_away_from_zero(value, scale):
    rounded = fitted(value, DecimalType(30, scale))
    unit = Decimal(1).scaleb(-scale)
    assert abs(rounded - value) * 2 <= unit
    assert -rounded.as_tuple().exponent == scale
    if abs(rounded - value) * 2 == unit:
        assert abs(rounded) > abs(value)
