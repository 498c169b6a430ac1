from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.expressions.casts import DIGITS
from eventlab.sql.expressions.coercion import Typed, arithmetic_kind, common_kind, wider
from eventlab.sql.texts import decimal_kind
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)


def literal(kind, value):
    return Typed(kind, is_literal=True, value=value)


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (INTEGER, INTEGER, INTEGER),
        (INTEGER, BIGINT, BIGINT),
        (BIGINT, DecimalType(4, 2), DecimalType(21, 2)),
        (DecimalType(4, 2), DecimalType(5, 4), DecimalType(6, 4)),
        (DecimalType(4, 2), DOUBLE, DOUBLE),
        (INTEGER, STRING, None),
    ],
)
def test_the_wider_of_two_number_types_holds_the_values_of_both(one, other, both):
    assert wider(one, other) == both
    assert wider(other, one) == both


@pytest.mark.parametrize(
    ("operator", "right", "result"),
    [
        ("+", DecimalType(4, 1), DecimalType(8, 3)),
        ("-", DecimalType(4, 1), DecimalType(8, 3)),
        ("*", DecimalType(4, 1), DecimalType(12, 4)),
        ("/", DecimalType(4, 2), DecimalType(14, 8)),
        ("%", DecimalType(4, 2), DecimalType(5, 3)),
        ("+", INTEGER, DecimalType(14, 3)),
    ],
)
def test_a_decimal_result_has_as_many_digits_as_it_may_need(operator, right, result):
    assert arithmetic_kind(operator, DecimalType(7, 3), right) == result


@given(
    st.decimals(-9999, 9999, places=3),
    st.decimals(-99, 99, places=2),
    st.sampled_from("+-*"),
)
def test_what_is_added_and_multiplied_always_fits_into_the_type_of_the_result(one, other, sign):
    kind = arithmetic_kind(sign, decimal_kind(one), decimal_kind(other))
    combine = {"+": DIGITS.add, "-": DIGITS.subtract, "*": DIGITS.multiply}[sign]
    result = combine(one, other)
    assert abs(result) < Decimal(10) ** (kind.precision - kind.scale)
    assert -result.as_tuple().exponent == kind.scale


def test_texts_are_joined_and_nothing_else_is_done_with_them():
    assert arithmetic_kind("+", STRING, STRING) == STRING
    assert arithmetic_kind("-", STRING, STRING) is None
    assert arithmetic_kind("+", STRING, INTEGER) is None
    assert arithmetic_kind("+", None, INTEGER) is None


@pytest.mark.parametrize(
    ("parts", "common"),
    [
        ([Typed(None), literal(INTEGER, 1), Typed(BIGINT)], BIGINT),
        ([Typed(INTEGER), literal(STRING, "2e1")], DecimalType(10, 0)),
        ([Typed(INTEGER), literal(STRING, "4000000000")], BIGINT),
        ([Typed(DOUBLE), literal(STRING, "1.5")], DOUBLE),
        ([Typed(STRING), literal(INTEGER, 1), literal(BOOLEAN, True)], STRING),
        ([Typed(BOOLEAN), literal(STRING, "Ye")], BOOLEAN),
        ([literal(STRING, "2025-03-01"), Typed(DATE)], DATE),
        ([Typed(ArrayType(INTEGER)), Typed(ArrayType(DOUBLE))], ArrayType(DOUBLE)),
        (
            [Typed(MapType(STRING, INTEGER)), Typed(MapType(STRING, BIGINT))],
            MapType(STRING, BIGINT),
        ),
        ([Typed(None)], None),
    ],
)
def test_a_list_has_the_type_that_holds_all_of_its_values(parts, common):
    assert common_kind(parts) == common


def test_the_common_struct_has_the_fields_of_both():
    one = StructType((("A", INTEGER), ("B", STRING)))
    other = StructType((("A", BIGINT), ("C", DOUBLE)))
    common = common_kind([Typed(one), Typed(other)])
    assert dict(common.fields) == {"A": BIGINT, "B": STRING, "C": DOUBLE}


@pytest.mark.parametrize(
    "parts",
    [
        [Typed(INTEGER), literal(STRING, "ten")],
        [Typed(INTEGER), Typed(STRING)],
        [Typed(STRING), Typed(DOUBLE)],
        [Typed(BOOLEAN), literal(STRING, "perhaps")],
        [Typed(BOOLEAN), literal(INTEGER, 1)],
        [Typed(ArrayType(INTEGER)), Typed(INTEGER)],
        [Typed(ArrayType(INTEGER)), Typed(ArrayType(BOOLEAN))],
    ],
)
def test_what_does_not_fit_is_refused_with_both_types(parts):
    both = f"expected {parts[0].kind}.*found {parts[1].kind}"
    with pytest.raises(SqlError, match=both):
        common_kind(parts)
