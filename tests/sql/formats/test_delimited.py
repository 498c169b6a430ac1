from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.formats.delimited import delimited_serde
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DOUBLE,
    INTEGER,
    STRING,
    TIMESTAMP,
    ArrayType,
    DecimalType,
)

ALL = [
    ("A", BIGINT),
    ("B", STRING),
    ("C", DOUBLE),
    ("D", DecimalType(33, 3)),
    ("E", BOOLEAN),
    ("F", BYTES),
    ("G", TIMESTAMP),
]
ROW = [1, "pen, blue", 1e9, Decimal("123456789012345678901234567890.120"), True, b"\x00\x01", 5]


def test_values_stand_beside_each_other():
    """Quoted where they hold the sign between them, numbers as Java writes them."""
    serde = delimited_serde(ALL, None)
    written = serde.write(ROW)
    assert written == b'1,"pen, blue",1.0E9,123456789012345678901234567890.120,true,AAE=,5'
    assert serde.read(written) == ROW


def test_null_is_nothing():
    """And an empty text is NULL too: the format cannot tell them apart."""
    serde = delimited_serde([("A", BIGINT), ("B", STRING)], None)
    assert serde.write([None, None]) == b","
    assert serde.read(b",") == [None, None]


texts = st.lists(
    st.text("ab1,|;\"' \t#ü😀", min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


@given(texts, st.sampled_from([None, "|", "TAB", "SPACE", ";"]))
def test_any_texts_come_back(given_texts, delimiter):
    """Whatever signs they hold."""
    serde = delimited_serde([(f"C{n}", STRING) for n in range(len(given_texts))], delimiter)
    assert serde.read(serde.write(given_texts)) == given_texts


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1",
        b"1,2,3",
        b"x,1",
        b"9223372036854775808,1",
        b'1,"x',
        b"\xff,1",
        b"1,a\nb,c",
        b"1.5,",
    ],
)
def test_what_is_no_such_row_is_refused(data):
    """By how many values there are, and of which type."""
    with pytest.raises(Unreadable):
        delimited_serde([("A", BIGINT), ("B", INTEGER)], None).read(data)


def test_what_is_not_finite_is_written_and_read():
    """As Java names it."""
    serde = delimited_serde([("A", DOUBLE)], None)
    assert serde.write([float("nan")]) == b"NaN"
    assert repr(serde.read(b"-Infinity")) == "[-inf]"


def test_a_word_that_is_not_true_is_false():
    """As Java's Boolean reads it."""
    serde = delimited_serde([("A", BOOLEAN)], None)
    assert [serde.read(text) for text in (b"TRUE", b"yes")] == [[True], [False]]


@pytest.mark.parametrize(
    ("columns", "delimiter", "message"),
    [
        ([("A", ArrayType(BIGINT))], None, "cannot hold the column A"),
        ([("A", BIGINT)], "::", "no single sign"),
    ],
)
def test_what_the_format_has_no_place_for_is_refused(columns, delimiter, message):
    """Before anything is read."""
    with pytest.raises(SqlError, match=message):
        delimited_serde(columns, delimiter)
