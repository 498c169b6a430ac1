"""SQL types as Avro's, as ksqlDB registers them, and Avro's as SQL types."""

import fastavro
import pytest

from eventlab.sql.formats.avro_types import (
    VALUE_NAME,
    NoSuchType,
    avro_of_columns,
    columns_of,
    key_name,
    schema_of,
)
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


def nullable(kind, name):
    """Return a field as ksqlDB makes one."""
    return {"name": name, "type": ["null", kind], "default": None}


def inferred(*fields, **more):
    """Return the columns of a record."""
    return columns_of(schema_of(fastavro.parse_schema(record(*fields))), **more)


PLAIN = [
    (BOOLEAN, "boolean"),
    (INTEGER, "int"),
    (BIGINT, "long"),
    (DOUBLE, "double"),
    (STRING, "string"),
    (BYTES, "bytes"),
    (DATE, {"type": "int", "logicalType": "date"}),
    (TIME, {"type": "int", "logicalType": "time-millis"}),
    (TIMESTAMP, {"type": "long", "logicalType": "timestamp-millis"}),
    (
        DecimalType(4, 2),
        {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2},
    ),
    (ArrayType(BIGINT), {"type": "array", "items": ["null", "long"]}),
]


@pytest.mark.parametrize(("kind", "avro"), PLAIN)
def test_every_type_has_one_of_avro_s_and_comes_back(kind, avro):
    """In a record each may be NULL; a single column that is not wrapped may not."""
    made = avro_of_columns([("A", kind)], VALUE_NAME, is_wrapped=True)
    assert made["fields"] == [nullable(avro, "A")]
    assert avro_of_columns([("A", kind)], VALUE_NAME, is_wrapped=False) == avro
    assert columns_of(schema_of(fastavro.parse_schema(made))) == [("A", kind)]
    assert columns_of(schema_of(fastavro.parse_schema(avro)), single="ROWVAL") == [("ROWVAL", kind)]


def test_records_have_the_names_that_ksqldb_gives_them():
    """By the way that leads to them; a map is an array of entries."""
    columns = [
        ("S", StructType((("X", INTEGER),))),
        ("M", MapType(STRING, StructType((("Y", INTEGER),)))),
        ("L", ArrayType(StructType((("Z", INTEGER),)))),
    ]
    made = avro_of_columns(columns, "shop.Order", is_wrapped=True)
    struct, entries, items = (one["type"][1] for one in made["fields"])
    assert made["name"] == "shop.Order"
    assert struct["name"] == "shop.Order_S"
    assert entries["items"]["name"] == "shop.Order_M"
    assert entries["items"]["connect.internal.type"] == "MapEntry"
    key, value = entries["items"]["fields"]
    assert key == nullable("string", "key")
    assert value["type"][1]["name"] == "shop.Order_M_MapValue"
    assert items["items"][1]["name"] == "shop.Order_L"
    assert columns_of(schema_of(fastavro.parse_schema(made))) == columns


def test_a_key_s_record_is_called_after_its_source():
    """In the namespace of values."""
    assert key_name("ORDERS_BY_DAY") == "io.confluent.ksql.avro_schemas.OrdersByDayKey"


def test_columns_of_a_record_have_names_in_capitals():
    """What ksqlDB has no type for is read as the nearest, whatever may be null."""
    suit = {"type": "enum", "name": "Suit", "symbols": ["HEARTS"]}
    code = {"type": "fixed", "name": "Code", "size": 2}
    money = code | {"name": "Money", "logicalType": "decimal", "precision": 4, "scale": 1}
    assert inferred(
        field("float", "f"),
        field(["string", "null"], "s"),
        field(suit, "e"),
        field(["null", code], "b"),
        field(money, "d"),
        field({"type": "map", "values": ["null", "long"]}, "m"),
        field(record(field("Suit", "Again"), name="Inner"), "r"),
        field({"type": "long", "logicalType": "timestamp-micros"}, "t"),
    ) == [
        ("F", DOUBLE),
        ("S", STRING),
        ("E", STRING),
        ("B", BYTES),
        ("D", DecimalType(4, 1)),
        ("M", MapType(STRING, BIGINT)),
        ("R", StructType((("AGAIN", STRING),))),
        ("T", BIGINT),
    ]


def test_what_has_no_type_here_is_left_out():
    """Unions of several types, null alone, and a record that is in itself."""
    node = record(field("int", "n"), field(["null", "Node"], "next"), name="Node")
    assert inferred(
        field(["int", "string"], "u"), field("null", "n"), field(node, "chain"), field("int", "i")
    ) == [("CHAIN", StructType((("N", INTEGER),))), ("I", INTEGER)]
    with pytest.raises(NoSuchType, match="none of its fields"):
        inferred(field("null", "n"))
    with pytest.raises(NoSuchType, match="no record"):
        columns_of(schema_of("int"))
    with pytest.raises(NoSuchType, match="union"):
        columns_of(schema_of(["int", "string"]), single="ROWVAL")


def test_an_array_of_other_records_is_no_map():
    """Only one that says so."""
    entry = record(field("string", "key"), field("int", "value"), name="Pair")
    pair = StructType((("KEY", STRING), ("VALUE", INTEGER)))
    assert inferred(field({"type": "array", "items": entry}, "a")) == [("A", ArrayType(pair))]
    marked = entry | {"connect.internal.type": "MapEntry"}
    found = inferred(field({"type": "array", "items": marked}, "a"))
    assert found == [("A", MapType(STRING, INTEGER))]
