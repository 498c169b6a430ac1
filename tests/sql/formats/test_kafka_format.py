import struct

import pytest

from eventlab.errors import SqlError
from eventlab.sql.formats.kafka_format import kafka_serde
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.types import BIGINT, BOOLEAN, BYTES, DOUBLE, INTEGER, STRING


@pytest.mark.parametrize(
    ("kind", "value", "data"),
    [
        (INTEGER, -2, b"\xff\xff\xff\xfe"),
        (BIGINT, 1, b"\0\0\0\0\0\0\0\1"),
        (DOUBLE, 1.5, struct.pack(">d", 1.5)),
        (STRING, "ü", "ü".encode()),
        (BYTES, b"\x00\xff", b"\x00\xff"),
    ],
)
def test_a_value_is_written_as_kafka_does_it(kind, value, data):
    """And read back; NULL is no bytes at all."""
    serde = kafka_serde([("K", kind)])
    assert serde.write([value]) == data
    assert serde.read(data) == [value]
    assert serde.write([None]) is None


def test_nan_comes_back():
    """It is a number of eight bytes as any other."""
    serde = kafka_serde([("K", DOUBLE)])
    assert repr(serde.read(serde.write([float("nan")]))) == "[nan]"


@pytest.mark.parametrize(
    ("kind", "data"),
    [(INTEGER, b"\0" * 8), (BIGINT, b"\0" * 4), (DOUBLE, b""), (STRING, b"\xff\xfe")],
)
def test_other_bytes_are_refused(kind, data):
    """A key of another length is of another type."""
    with pytest.raises(Unreadable):
        kafka_serde([("K", kind)]).read(data)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([("A", STRING), ("B", STRING)], "a single column"),
        ([], "a single column"),
        ([("A", BOOLEAN)], "cannot hold the column A"),
    ],
)
def test_what_the_format_has_no_place_for_is_refused(columns, message):
    """Before anything is read."""
    with pytest.raises(SqlError, match=message):
        kafka_serde(columns)
