from decimal import Decimal

from eventlab.sql.planning.rows import Field
from eventlab.sql.server.wire_values import encode, row_writer, schema_of, schema_text
from eventlab.sql.types import (
    BIGINT,
    BYTES,
    DATE,
    DOUBLE,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    StructType,
)

COLUMNS = [
    Field("D", DATE),
    Field("T", TIME),
    Field("AT", TIMESTAMP),
    Field("N", DecimalType(4, 2)),
    Field("B", BYTES),
    Field("X", DOUBLE),
    Field("L", ArrayType(DATE)),
    Field("M", MapType(STRING, DOUBLE)),
    Field("S", StructType((("A", TIMESTAMP), ("B", BIGINT)))),
]


def test_values_have_their_form_in_json():
    """Times are texts, decimal numbers keep their digits, what has no number is a text."""
    row = (1, 3_600_000, 0, Decimal("1.50"), b"hi", float("inf"), [0, None], {"a": 1.0}, {"A": 0})
    assert encode(row_writer(COLUMNS)(row)).decode() == (
        '["1970-01-02","01:00","1970-01-01T00:00:00.000",1.50,"aGk=","Infinity",'
        '["1970-01-01",null],{"a":1.0},{"A":"1970-01-01T00:00:00.000","B":null}]'
    )


def test_null_is_null():
    """Whatever the type."""
    assert row_writer(COLUMNS)([None] * len(COLUMNS)) == [None] * len(COLUMNS)


def test_types_are_objects_with_what_is_in_them():
    """As DESCRIBE shows them."""
    of = schema_of(MapType(STRING, ArrayType(BIGINT)))
    assert (of["type"], of["memberSchema"]["memberSchema"]["type"]) == ("MAP", "BIGINT")
    struct = schema_of(StructType((("A", DecimalType(4, 2)),)))
    assert struct["fields"][0]["schema"]["parameters"] == {"precision": 4, "scale": 2}


def test_a_header_names_columns_and_types():
    """In one text."""
    assert schema_text(COLUMNS[:2]) == "`D` DATE, `T` TIME"
