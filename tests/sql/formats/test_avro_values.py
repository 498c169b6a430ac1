"""Values in Avro's bytes, against what Avro's own library makes of the same."""

from datetime import UTC, date, datetime
from datetime import time as clock
from decimal import Decimal
from io import BytesIO

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.formats.avro_types import avro_of_columns, schema_of
from eventlab.sql.formats.avro_values import columns_reader, plain, value_reader, writer_of
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
from tests.log.schemas.made import field, record


def written(kind, value):
    """Return what Avro's library reads of a value that was written by a column's type."""
    schema = avro_of_columns([("A", kind)], "x.Y", is_wrapped=True)
    write = writer_of(kind)
    buffer = BytesIO()
    given_value = value if write is None or value is None else write(value)
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(plain(schema)), {"A": given_value})
    buffer.seek(0)
    return fastavro.schemaless_reader(buffer, fastavro.parse_schema(schema), None)["A"]


def read(kind, avro, value):
    """Return a column's value of one that Avro's library has written by another schema."""
    schema = record(field(avro, "a"))
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, fastavro.parse_schema(schema), {"a": value})
    buffer.seek(0)
    found = fastavro.schemaless_reader(buffer, fastavro.parse_schema(plain(schema)), None)
    form = schema_of(fastavro.parse_schema(schema))
    return columns_reader([("A", kind)], form)(found)[0]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (BOOLEAN, True, True),
        (BIGINT, -(2**63), -(2**63)),
        (DOUBLE, 0.5, 0.5),
        (BYTES, b"\0\xff", b"\0\xff"),
        (DATE, 19_000, date(2022, 1, 8)),
        (TIME, 3_661_001, clock(1, 1, 1, 1000)),
        (TIMESTAMP, 1_700_000_000_001, datetime(2023, 11, 14, 22, 13, 20, 1000, UTC)),
        (DecimalType(5, 2), Decimal("-1.28"), Decimal("-1.28")),
        (DecimalType(5, 2), Decimal("0.00"), Decimal("0.00")),
        (DecimalType(38, 0), Decimal("9" * 38), Decimal("9" * 38)),
        (ArrayType(DecimalType(3, 1)), [Decimal("1.5"), None], [Decimal("1.5"), None]),
        (
            MapType(STRING, DecimalType(3, 1)),
            {"a": Decimal("1.5"), None: None},
            [{"key": "a", "value": Decimal("1.5")}, {"key": None, "value": None}],
        ),
        (
            StructType((("X", DecimalType(3, 1)), ("Y", STRING))),
            {"X": Decimal("1.5"), "Y": None},
            {"X": Decimal("1.5"), "Y": None},
        ),
        (STRING, None, None),
    ],
)
def test_what_is_written_is_read_by_others(kind, value, expected):
    """With dates, times and decimal numbers as such."""
    assert written(kind, value) == expected


@given(st.decimals(-(10**8), 10**8, places=2))
def test_every_decimal_number_is_written_as_it_is(number):
    """Of either sign, in as many bytes as it takes."""
    assert written(DecimalType(12, 2), number) == number


ENTRIES = {
    "type": "array",
    "items": record(field(["null", "string"], "key"), field("int", "value"), name="Entry")
    | {"connect.internal.type": "MapEntry"},
}


@pytest.mark.parametrize(
    ("kind", "avro", "value", "expected"),
    [
        (BIGINT, "int", 7, 7),
        (DOUBLE, "float", 0.5, 0.5),
        (INTEGER, {"type": "int", "logicalType": "date"}, date(1970, 1, 3), 2),
        (DATE, {"type": "int", "logicalType": "date"}, date(1970, 1, 3), 2),
        (TIME, {"type": "int", "logicalType": "time-millis"}, clock(0, 0, 1), 1000),
        (TIMESTAMP, "long", 5, 5),
        (
            TIMESTAMP,
            {"type": "long", "logicalType": "timestamp-micros"},
            datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
            1000,
        ),
        (STRING, "int", 7, "7"),
        (STRING, "double", 1.0, "1.0"),
        (STRING, "boolean", True, "true"),
        (STRING, {"type": "enum", "name": "E", "symbols": ["HEARTS"]}, "HEARTS", "HEARTS"),
        (BYTES, {"type": "fixed", "name": "F", "size": 2}, b"ab", b"ab"),
        (ArrayType(STRING), {"type": "array", "items": ["null", "int"]}, [1, None], ["1", None]),
        (MapType(STRING, BIGINT), {"type": "map", "values": "int"}, {"a": 1}, {"a": 1}),
        (MapType(STRING, STRING), {"type": "map", "values": ["null", "int"]}, {"a": 1}, {"a": "1"}),
        (
            MapType(STRING, STRING),
            ENTRIES,
            [{"key": "a", "value": 1}, {"key": None, "value": 2}],
            {"a": "1", None: "2"},
        ),
        (
            StructType((("X", STRING), ("Z", INTEGER))),
            record(field("int", "x"), field("int", "y"), name="Inner"),
            {"x": 1, "y": 2},
            {"X": "1", "Z": None},
        ),
        (
            DecimalType(4, 1),
            {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3},
            Decimal("12.500"),
            Decimal("12.5"),
        ),
        (INTEGER, ["null", "int"], None, None),
    ],
)
def test_what_others_have_written_is_read_as_its_column_says(kind, avro, value, expected):
    """What is narrower, or has a text."""
    found = read(kind, avro, value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("kind", "avro", "value"),
    [
        (INTEGER, "long", 1),
        (BOOLEAN, "string", "true"),
        (BIGINT, "double", 1.0),
        (STRING, "bytes", b"a"),
        (DATE, "string", "2020-01-01"),
        (ArrayType(INTEGER), "int", 1),
        (MapType(STRING, INTEGER), {"type": "array", "items": "int"}, [1]),
        (StructType((("X", INTEGER),)), {"type": "map", "values": "int"}, {"x": 1}),
        (DecimalType(4, 1), "bytes", b"a"),
        (INTEGER, ["int", "string"], 1),
    ],
)
def test_what_is_of_another_type_is_not_read(kind, avro, value):
    """Both types are named."""
    with pytest.raises(Unreadable, match=f"A is of type {kind.__str__().split('(')[0]}"):
        read(kind, avro, value)


@pytest.mark.parametrize("number", ["123.4", "0.05"])
def test_a_decimal_number_is_never_rounded(number):
    """Neither may it be larger than its column."""
    avro = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
    with pytest.raises(Unreadable, match="does not fit"):
        read(DecimalType(3, 1), avro, Decimal(number))


def test_columns_are_found_whatever_the_case_of_their_names():
    """The very name first, then the first that has its letters; what a record has not is NULL."""
    schema = schema_of(fastavro.parse_schema(record(field("int", "a"), field("int", "A"))))
    pick = columns_reader([("A", INTEGER), ("B", INTEGER)], schema)
    assert pick({"a": 1, "A": 2}) == [2, None]
    alike = schema_of(fastavro.parse_schema(record(field("int", "ab"), field("int", "Ab"))))
    assert columns_reader([("AB", INTEGER)], alike)({"ab": 1, "Ab": 2}) == [1]
    with pytest.raises(Unreadable, match="expected a record"):
        columns_reader([("A", INTEGER)], schema_of("int"))
    assert value_reader("A", INTEGER, schema_of("int"))(3) == 3
