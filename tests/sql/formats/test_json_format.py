import json
from decimal import Decimal

import pytest

from eventlab.sql.formats.json_format import json_serde
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.types import (
    BIGINT,
    DOUBLE,
    INTEGER,
    STRING,
    DecimalType,
    MapType,
    StructType,
)


def wrapped(*columns):
    return json_serde(columns, is_wrapped=True)


def bare(kind):
    return json_serde([("V", kind)], is_wrapped=False)


def test_columns_are_fields_of_an_object():
    """NULL is written, and a field that is not there is NULL."""
    serde = wrapped(("A", BIGINT), ("B", STRING))
    assert serde.write([1, None]) == b'{"A":1,"B":null}'
    assert list(serde.read(b'{"B":"x"}')) == [None, "x"]


def test_a_single_column_may_stand_by_itself():
    """Its NULL is no value at all."""
    assert bare(STRING).write(["x"]) == b'"x"'
    assert bare(STRING).write([None]) is None
    assert bare(BIGINT).read(b"5") == [5]
    assert bare(BIGINT).read(b"null") is None
    with pytest.raises(Unreadable, match="expected a whole number"):
        bare(BIGINT).read(b'{"V":5}')


def test_no_object_is_no_row():
    """JSON's null, as ksqlDB reads it."""
    assert wrapped(("A", BIGINT)).read(b"null") is None


def test_names_are_compared_without_case():
    """Unless a column was named in small letters."""
    assert list(wrapped(("ID", BIGINT)).read(b'{"iD":7}')) == [7]
    assert list(wrapped(("id", BIGINT)).read(b'{"ID":7}')) == [None]


def test_thirty_three_digits_are_kept():
    """Before and behind the point."""
    for kind, text in [
        (DecimalType(33, 3), "123456789012345678901234567890.123"),
        (DecimalType(33, 0), "123456789012345678901234567890123"),
    ]:
        serde = wrapped(("D", kind))
        written = f'{{"D":{text}}}'.encode()
        for _ in range(2):
            (value,) = serde.read(written)
            assert value == Decimal(text)
        assert serde.write([value]) == written


@pytest.mark.parametrize(
    ("value", "text"),
    [(float("nan"), "NaN"), (float("inf"), "Infinity"), (-float("inf"), "-Infinity")],
)
def test_what_is_not_finite_is_text(value, text):
    """JSON has no number for it; it is read back."""
    serde = wrapped(("D", DOUBLE))
    written = serde.write([value])
    assert json.loads(written) == {"D": text}
    assert repr(list(serde.read(written))) == repr([value])


def test_the_values_that_are_given_stay_as_they_are():
    """What is written may be shown elsewhere too."""
    struct = StructType((("A", DOUBLE), ("B", STRING)))
    values = [float("nan"), {"A": float("inf"), "B": "x"}, {None: 1.5}]
    serde = wrapped(("D", DOUBLE), ("S", struct), ("M", MapType(STRING, DOUBLE)))
    before = repr(values)
    assert json.loads(serde.write(values)) == {
        "D": "NaN",
        "S": {"A": "Infinity", "B": "x"},
        "M": {"null": 1.5},
    }
    assert repr(values) == before


def test_a_row_of_no_columns_is_an_empty_object():
    """As of a stream that has its key alone."""
    assert wrapped().write([]) == b"{}"
    assert list(wrapped().read(b'{"x":1}')) == []


def test_what_is_wrong_is_said_in_one_line():
    """What was expected, and the beginning of what was found."""
    serde = wrapped(("N", INTEGER))
    with pytest.raises(Unreadable, match=r"^expected a whole number, found \[1\]$"):
        serde.read(b'{"N":[1]}')
    with pytest.raises(Unreadable, match=r"^the number 2147483648 is too large for its column$"):
        serde.read(b'{"N":2147483648}')
    with pytest.raises(Unreadable, match=r"^it is no JSON: "):
        serde.read(b"\xfe\xff")


@pytest.mark.parametrize("kind", [BIGINT, DOUBLE, STRING, DecimalType(38, 0)])
def test_a_number_of_thousands_of_digits_is_json_but_too_large(kind):
    """Alone, in an object, and below a column's value."""
    digits = b"1" * 5000
    for read, data in (
        (bare(kind).read, digits),
        (wrapped(("A", kind)).read, b'{"A": -' + digits + b"}"),
        (wrapped(("A", kind)).read, b'{"B": [' + digits + b"]}"),
    ):
        with pytest.raises(Unreadable, match="a whole number in it is too large"):
            read(data)
    with pytest.raises(Unreadable, match="it is no JSON"):
        bare(kind).read(b"1x")
