from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.moments import milliseconds
from eventlab.sql import texts
from eventlab.sql.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INTEGER,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (1234567.25, "1234567.25"),
        (1e7, "1.0E7"),
        (-12345678.5, "-1.23456785E7"),
        (100.0, "100.0"),
        (1e22, "1.0E22"),
        (5e-324, "4.9E-324"),
        (1.7976931348623157e308, "1.7976931348623157E308"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_a_double_is_written_as_java_writes_it(value, text):
    assert texts.double_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_of_a_double_reads_as_the_same_double(value):
    assert texts.parse_double(texts.double_text(value)) == value


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (DecimalType(9, 2), Decimal("1E+3"), "1000"),
        (DATE, -1, "1969-12-31"),
        (TIME, 5_000, "00:00:05"),
        (TIME, 45_000_000, "12:30"),
        (TIMESTAMP, 10, "1970-01-01T00:00:00.010"),
        (TIMESTAMP, -1, "1969-12-31T23:59:59.999"),
        (ArrayType(DOUBLE), [1.0, None], "[1.0, null]"),
        (MapType(INTEGER, ArrayType(INTEGER)), {1: [2], 3: None}, "{1=[2], 3=null}"),
        (StructType((("A", INTEGER), ("b", DATE))), {"A": 7, "b": 0}, "Struct{A=7,b=1970-01-01}"),
        (StructType((("A", INTEGER), ("b", DATE))), {"A": None, "b": 0}, "Struct{b=1970-01-01}"),
    ],
)
def test_each_type_has_its_form(kind, value, text):
    assert texts.writer(kind)(value) == text


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1970", 0),
        ("1970-02", 31 * texts.DAY),
        ("1970-01-02", texts.DAY),
        ("1970-01-01T00:00", 0),
        ("1970-01-01T01", 3_600_000),
        ("1970-01-01T00:00:01", 1000),
        ("1970-01-01T00:00:00.010Z", 10),
        ("1970-01-01T01:00:00.000+0100", 0),
        ("1970-01-01T00:00:00-01:30", 5_400_000),
        (" 1970-01-02 ", texts.DAY),
    ],
)
def test_a_timestamp_may_be_written_in_part_and_with_an_offset(text, moment):
    assert texts.parse_timestamp(text) == moment


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)))
def test_a_timestamp_reads_as_it_was_written(naive):
    moment = milliseconds(naive.replace(tzinfo=UTC))
    assert texts.parse_timestamp(texts.timestamp_text(moment)) == moment


@given(st.integers(0, texts.DAY - 1))
def test_a_time_reads_as_it_was_written_but_for_its_milliseconds(clock):
    assert texts.parse_time(texts.time_text(clock)) == clock // 1000 * 1000
    exact = (datetime(2025, 1, 1) + timedelta(microseconds=clock * 1000)).time()
    assert texts.parse_time(exact.isoformat("milliseconds")) == clock


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        (texts.parse_timestamp, "soon"),
        (texts.parse_timestamp, "1970-01T00:00"),
        (texts.parse_timestamp, "1970-01-01T00:00:00.0001"),
        (texts.parse_timestamp, "1970-01-01T00:00:00+Paris"),
        (texts.parse_date, "2025-02-30"),
        (texts.parse_date, "1-2-3-4"),
        (texts.parse_time, "24:00"),
        (texts.parse_time, "1:00"),
        (texts.parse_double, "1_000"),
        (texts.parse_double, "1e999"),
        (texts.parse_double, "NaN"),
        (texts.parse_decimal, "0x10"),
        (texts.parse_bytes, "no base64!"),
    ],
)
def test_a_text_that_says_nothing_of_the_kind_is_a_value_error(parse, text):
    with pytest.raises(ValueError, match=r"is no |out of |base64"):
        parse(text)


def test_whole_numbers_keep_to_their_bits():
    assert texts.parse_whole(" +2147483647 ", INTEGER) == 2**31 - 1
    for text in ("2147483648", "1.0", "", "٣x", "9" * 5000):
        with pytest.raises(ValueError, match=r"no whole number|out of the range of INTEGER"):
            texts.parse_whole(text, INTEGER)


@pytest.mark.parametrize(
    ("text", "is_true", "exact"),
    [("TRUE", True, True), ("y", True, True), (" ye ", True, True), ("fal", False, False),
     ("No", False, False), ("", False, None), ("trues", False, None), ("1", False, None)],
)  # fmt: skip
def test_a_text_is_true_if_it_begins_true_or_yes(text, is_true, exact):
    assert texts.parse_boolean(text) is is_true
    assert texts.exact_boolean(text) is exact


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("10", INTEGER),
        ("-3000000000", BIGINT),
        ("1.50", DecimalType(3, 2)),
        ("0.05", DecimalType(3, 2)),
        ("2e1", DecimalType(2, 0)),
        ("12345678901234567890", DecimalType(20, 0)),
        ("ten", None),
        ("1e9999", None),
    ],
)
def test_a_text_that_is_a_number_has_the_narrowest_type(text, kind):
    assert texts.number_kind(text) == kind
