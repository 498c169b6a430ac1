import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.formats.json_format import json_serde
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
)
from tests.properties import examples

COLUMNS = [
    ("ID", BIGINT),
    ("NAME", STRING),
    ("PRICE", DOUBLE),
    ("SMALL", INTEGER),
    ("IS_NEW", BOOLEAN),
    ("EXACT", DecimalType(6, 2)),
    ("TAGS", ArrayType(STRING)),
    ("RAW", BYTES),
]

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**31, -(2**31), 2**31 - 1, 2**63, 2**63 - 1, -(2**63)]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from(["", "5", "-7", "1.5", "AAE=", "ü", "true", "NaN"]),
    st.lists(st.one_of(st.none(), st.text(max_size=2), st.integers(0, 3)), max_size=2),
    st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 3), max_size=2),
)
names = st.sampled_from(
    [*(name for name, _ in COLUMNS), "id", "Name", "price", "other", "more", 'we"ird', "b\\s"]
)
objects = st.lists(st.dictionaries(names, values, max_size=8), min_size=1, max_size=8)


def outcome(read, data: bytes):
    """Return what is read of an object, or why it cannot be."""
    try:
        return [repr(value) for value in read(data)]
    except Unreadable as error:
        return str(error)


@examples(200)
@given(objects)
def test_what_was_read_before_changes_nothing(history):
    """Each object is read as by a serde that has never read another."""
    learning = json_serde(COLUMNS, is_wrapped=True).read
    for one in history:
        data = json.dumps(one).encode()
        assert outcome(learning, data) == outcome(json_serde(COLUMNS, is_wrapped=True).read, data)


def test_an_object_is_read_the_same_the_second_time():
    """When its names are known."""
    read = json_serde(COLUMNS, is_wrapped=True).read
    data = (
        b'{"id":5,"Name":"pen","PRICE":2,"other":{"x":[1]},"EXACT":1.005,"TAGS":["a",null],'
        b'"RAW":"AAE="}'
    )
    expected = [5, "pen", 2.0, None, None, Decimal("1.01"), ["a", None], b"\x00\x01"]
    assert [list(read(data)) for _ in range(3)] == [expected] * 3
    assert isinstance(read(data)[2], float)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"5", b'"x"', b"[1]", b'{"ID":[}', b"nope"])
def test_what_is_no_object_is_refused_before_and_after(data):
    """And what comes behind it is read."""
    read = json_serde([("ID", BIGINT)], is_wrapped=True).read
    for _ in range(3):
        with pytest.raises(Unreadable):
            read(data)
        assert list(read(b'{"ID":1}')) == [1]


def test_names_that_differ_in_case_alone_are_told_apart_by_each_object():
    """The exact name counts; else the last that is written."""
    read = json_serde([("ID", BIGINT)], is_wrapped=True).read
    rows = [b'{"id":1}', b'{"ID":2}', b'{"id":3,"ID":4}', b'{"id":5}', b'{"id":6,"Id":7}']
    assert [list(read(row)) for row in rows] == [[1], [2], [4], [5], [7]]


def test_ever_new_names_are_read_too():
    """Objects whose names never repeat are not learned for ever."""
    read = json_serde([("ID", BIGINT), ("X", STRING)], is_wrapped=True).read
    for number in range(50):
        data = json.dumps({"ID": number, f"name {number}": "x"}).encode()
        assert list(read(data)) == [number, None]
