import math
import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.syntax import Arithmetic, Negative, Position
from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, STRING, DecimalType
from tests.sql.evaluating import column, compiled, evaluated, kind_of, value

AMOUNT = column("AMOUNT")
OTHER = column("OTHER")
WEIGHT = column("WEIGHT")
PRICE = column("PRICE")
INTS = st.integers(-(2**31), 2**31 - 1)


def as_java(number):
    return struct.unpack("<i", struct.pack("<I", number & 0xFFFFFFFF))[0]


@given(INTS, INTS, st.sampled_from("+-*"))
def test_whole_numbers_wrap_as_java_wraps_them(one, other, sign):
    exact = {"+": one + other, "-": one - other, "*": one * other}[sign]
    result = evaluated(Arithmetic(sign, AMOUNT, OTHER), AMOUNT=one, OTHER=other)
    assert result == as_java(exact)
    assert evaluated(Arithmetic(sign, AMOUNT, value(other)), AMOUNT=one) == result


@given(INTS, INTS.filter(bool))
def test_whole_numbers_are_divided_towards_zero(one, other):
    row = {"AMOUNT": one, "OTHER": other}
    quotient = evaluated(Arithmetic("/", AMOUNT, OTHER), **row)
    rest = evaluated(Arithmetic("%", AMOUNT, OTHER), **row)
    assert quotient == as_java(int(Decimal(one) / Decimal(other)))
    assert rest == int(math.fmod(one, other))
    assert as_java(quotient * other + rest) == one


@pytest.mark.parametrize("sign", list("+-*/%"))
@pytest.mark.parametrize("column_", [AMOUNT, WEIGHT, PRICE])
def test_an_operand_that_is_null_makes_it_null_and_is_reported(sign, column_):
    reports = []
    assert evaluated(Arithmetic(sign, column_, value(2)), reports) is None
    assert evaluated(Arithmetic(sign, value(2), column_), reports) is None
    assert [report.endswith("an operand is NULL") for report in reports] == [True, True]


@pytest.mark.parametrize("column_", [AMOUNT, PRICE])
def test_a_division_by_zero_is_null_and_is_reported_with_its_place(column_):
    reports = []
    node = Arithmetic("/", column_, value(0), Position(1, 9))
    assert evaluated(node, reports, AMOUNT=1, PRICE=Decimal("1.00")) is None
    assert reports == ["/ (line 1, column 9) is NULL for a row: it divides by zero"]


@pytest.mark.parametrize(
    ("sign", "one", "other", "result"),
    [
        ("/", 1.0, 0.0, math.inf),
        ("/", -1.0, 0.0, -math.inf),
        ("/", 1.0, -0.0, -math.inf),
        ("/", 0.0, 0.0, math.nan),
        ("%", -7.5, 2.0, -1.5),
        ("%", 1.0, 0.0, math.nan),
        ("*", 1e300, 1e300, math.inf),
    ],
)
def test_doubles_divide_as_java_divides_them(sign, one, other, result):
    found = evaluated(Arithmetic(sign, WEIGHT, value(other)), WEIGHT=one)
    assert found == result or (math.isnan(found) and math.isnan(result))


@pytest.mark.parametrize(
    ("sign", "other", "result"),
    [
        ("+", Decimal("0.5"), Decimal("13.00")),
        ("-", 13, Decimal("-0.50")),
        ("*", Decimal("1.25"), Decimal("15.6250")),
        ("/", 8, Decimal("1.5625000000000")),
        ("/", 3, Decimal("4.1666666666667")),
        ("%", Decimal("-5.0"), Decimal("2.50")),
    ],
)
def test_decimals_keep_the_digits_of_their_type(sign, other, result):
    node = Arithmetic(sign, PRICE, value(other))
    assert str(evaluated(node, PRICE=Decimal("12.50"))) == str(result)
    assert kind_of(node).scale == -result.as_tuple().exponent


@pytest.mark.parametrize(
    ("sign", "one", "other"),
    [("*", "0.00", "-1"), ("*", "-3.00", "0"), ("%", "-3.00", "1"), ("/", "0.00", "-3")],
)
def test_no_decimal_is_zero_and_below_it(sign, one, other):
    """Unlike a double, which may be -0.0."""
    node = Arithmetic(sign, PRICE, value(Decimal(other)))
    assert not evaluated(node, PRICE=Decimal(one)).is_signed()


def test_decimals_of_many_digits_are_not_rounded():
    many = value(Decimal("123456789012345678901234567890.12"))
    sum_ = evaluated(Arithmetic("+", Negative(many), many))
    assert str(sum_) == "0.00"
    assert str(evaluated(Arithmetic("*", many, PRICE), PRICE=Decimal("3.00"))).startswith(
        "37037036"
    )


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        (AMOUNT, OTHER, INTEGER),
        (AMOUNT, column("TOTAL"), BIGINT),
        (WEIGHT, PRICE, DOUBLE),
        (PRICE, AMOUNT, DecimalType(13, 2)),
        (column("NAME"), value("!"), STRING),
    ],
)
def test_the_type_follows_from_the_operands(one, other, kind):
    assert kind_of(Arithmetic("+", one, other)) == kind


def test_a_double_with_a_decimal_is_a_double():
    assert evaluated(Arithmetic("*", WEIGHT, value(Decimal("1.2"))), WEIGHT=2.0) == 2.4
    assert evaluated(Arithmetic("+", PRICE, WEIGHT), PRICE=Decimal("0.10"), WEIGHT=0.2) == 0.1 + 0.2


def test_texts_are_joined():
    assert evaluated(Arithmetic("+", value("a-"), column("NAME")), NAME="b") == "a-b"
    assert evaluated(Arithmetic("+", value("a-"), column("NAME"))) is None


def test_what_is_written_out_is_computed_once():
    node = compiled(Arithmetic("+", Arithmetic("*", value(12), value(4)), value(2)))
    assert node.is_constant
    assert node.value == 50


def test_a_constant_that_cannot_be_computed_is_reported_for_each_row():
    reports = []
    node = compiled(Arithmetic("/", value(1), value(0)), reports)
    assert [node.evaluate([]), node.evaluate([])] == [None, None]
    assert len(reports) == 2


def test_a_sign_is_turned_round():
    assert evaluated(Negative(AMOUNT), AMOUNT=-(2**31)) == -(2**31)
    assert evaluated(Negative(WEIGHT), WEIGHT=1.5) == -1.5
    assert str(evaluated(Negative(PRICE), PRICE=Decimal("0.00"))) == "0.00"
    assert evaluated(Negative(AMOUNT)) is None


@pytest.mark.parametrize(
    "node",
    [
        Arithmetic("+", column("PAID"), value(1)),
        Arithmetic("-", column("NAME"), column("TEXT")),
        Arithmetic("+", column("NAME"), AMOUNT),
        Arithmetic("*", value(None), AMOUNT),
        Negative(column("NAME")),
        Negative(value(None)),
    ],
)
def test_what_is_no_number_is_refused(node):
    with pytest.raises(SqlError, match=r"BOOLEAN|STRING|NULL"):
        compiled(node)
