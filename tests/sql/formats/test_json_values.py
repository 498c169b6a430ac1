from decimal import Decimal

import pytest

from eventlab.sql.formats.json_values import exact_number, finite, reader_of, shown, writer_of
from eventlab.sql.formats.serde import Unreadable
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

ROW = StructType((("A", INTEGER), ("B", ArrayType(STRING))))


@pytest.mark.parametrize(
    ("kind", "found", "value"),
    [
        (BOOLEAN, True, True),
        (INTEGER, "-12", -12),
        (INTEGER, Decimal("12.9"), 12),
        (BIGINT, 2**63 - 1, 2**63 - 1),
        (DATE, 20_000, 20_000),
        (TIME, 86_399_999, 86_399_999),
        (TIMESTAMP, 1_741_003_200_000, 1_741_003_200_000),
        (DOUBLE, "1.5", 1.5),
        (DOUBLE, 3, 3.0),
        (DecimalType(4, 2), Decimal("1.005"), Decimal("1.01")),
        (DecimalType(4, 2), "7", Decimal("7.00")),
        (DecimalType(4, 2), Decimal("-0.0"), Decimal("0.00")),
        (DecimalType(38, 0), "9" * 38, Decimal("9" * 38)),
        (STRING, 5, "5"),
        (STRING, {"a": [1, None]}, '{"a":[1,null]}'),
        (BYTES, "AAE=", b"\x00\x01"),
        (ArrayType(BIGINT), [1, None, "2"], [1, None, 2]),
        (MapType(STRING, BIGINT), {"a": 1, "b": None}, {"a": 1, "b": None}),
        (ROW, {"a": 1, "c": 2}, {"A": 1, "B": None}),
        (ROW, {"A": 1, "B": ["x", None]}, {"A": 1, "B": ["x", None]}),
    ],
    ids=repr,
)
def test_a_value_is_read_from_what_says_it(kind, found, value):
    """Fields without case, numbers as text too."""
    assert repr(reader_of(kind)(found)) == repr(value)


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        (BOOLEAN, 1),
        (BOOLEAN, "true"),
        (INTEGER, 2**31),
        (INTEGER, True),
        (INTEGER, "1_000"),
        (INTEGER, "1.5"),
        (INTEGER, ""),
        (BIGINT, -(2**63) - 1),
        (BIGINT, Decimal("1e1000000000")),
        (BIGINT, 10**5000),
        (BIGINT, "9" * 5000),
        (DOUBLE, True),
        (DOUBLE, "five"),
        (DOUBLE, [1.5]),
        (DOUBLE, 10**400),
        (DecimalType(4, 2), Decimal(100)),
        (DecimalType(4, 2), "NaN"),
        (DecimalType(4, 2), "sNaN"),
        (DecimalType(4, 2), "Infinity"),
        (DecimalType(4, 2), Decimal("1e1000000")),
        (DecimalType(4, 2), True),
        (DecimalType(4, 2), 10**5000),
        (BYTES, "no base64!"),
        (BYTES, "ü"),
        (BYTES, 5),
        (ArrayType(BIGINT), {"a": 1}),
        (ArrayType(BIGINT), ["x"]),
        (MapType(STRING, BIGINT), [1]),
        (MapType(BIGINT, BIGINT), {"x": 1}),
        (ROW, []),
        (ROW, {"A": []}),
    ],
    ids=lambda one: f"{one!r:.30}" if not isinstance(one, int) else "number",
)
def test_what_says_no_value_is_refused_at_once(kind, found):
    """However large it is."""
    with pytest.raises(Unreadable):
        reader_of(kind)(found)


def test_a_number_keeps_its_digits_or_is_refused():
    """One whose exponent is beyond all bounds too."""
    assert exact_number("0.10") == Decimal("0.10")
    with pytest.raises(Unreadable, match="too large"):
        exact_number("1e9999999999999999999999")


def test_only_what_is_no_json_yet_is_prepared():
    """The rest is written as it stands."""
    assert writer_of(STRING) is None
    assert writer_of(ArrayType(BIGINT)) is None
    assert writer_of(StructType((("A", BIGINT),))) is None
    assert writer_of(ArrayType(DOUBLE))([1.5, None, float("nan")]) == [1.5, None, "NaN"]
    assert writer_of(MapType(STRING, DOUBLE))({None: None, "a": float("inf")}) == {
        "null": None,
        "a": "Infinity",
    }


def test_what_is_not_finite_is_text_wherever_it_stands():
    """In lists, in maps, in both."""
    assert finite({"a": [float("nan"), 1.5, "x"]}) == {"a": ["NaN", 1.5, "x"]}


def test_what_is_shown_is_short():
    """However long it was."""
    assert len(shown(["x" * 1000])) == 60
    assert shown(10**5000).startswith(("1000", "a number"))
