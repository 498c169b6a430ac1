"""Types as statements write them."""

import pytest

from eventlab.sql import types
from eventlab.sql.types import ArrayType, DecimalType, MapType, NamedType, StructType
from tests.sql.statements import only, refused


def kind(text: str) -> types.SqlType:
    """Return the type of a column."""
    return only(f"CREATE STREAM s (c {text}) WITH (x = 1);").elements[0].kind


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("int", types.INTEGER),
        ("Integer", types.INTEGER),
        ("BIGINT", types.BIGINT),
        ("varchar(20)", types.STRING),
        ("VARCHAR(STRING)", types.STRING),
        ("STRING", types.STRING),
        ("BOOLEAN", types.BOOLEAN),
        ("DOUBLE", types.DOUBLE),
        ("BYTES", types.BYTES),
        ("DATE", types.DATE),
        ("TIME", types.TIME),
        ("TIMESTAMP", types.TIMESTAMP),
        ("DECIMAL(10, 2)", DecimalType(10, 2)),
        ("ARRAY<INT>", ArrayType(types.INTEGER)),
        ("INT ARRAY", ArrayType(types.INTEGER)),
        ("MAP<STRING, ARRAY<INT>>", MapType(types.STRING, ArrayType(types.INTEGER))),
        ("STRUCT<>", StructType(())),
        ("address", NamedType("ADDRESS")),
        ("`address`", NamedType("address")),
    ],
)
def test_types_are_understood(text, expected):
    """By any case; a length means nothing; another name is left to the catalog."""
    assert kind(text) == expected


def test_structs_nest():
    """Fields keep their order and the case of their quotes."""
    struct = kind("STRUCT<a INT, `b` STRUCT<c ARRAY<MAP<STRING, address>>>>")
    inner = StructType((("C", ArrayType(MapType(types.STRING, NamedType("ADDRESS")))),))
    assert struct == StructType((("A", types.INTEGER), ("b", inner)))


@pytest.mark.parametrize(
    "text",
    [
        *("", "KEY", "PRIMARY KEY", "NULL", "ARRAY<>", "ARRAY<INT", "ARRAY INT", "MAP<INT>"),
        *("STRUCT<a>", "STRUCT<a INT,>", "DECIMAL", "DECIMAL(4)", "DECIMAL(4, -1)", "INT(x)"),
        "DECIMAL(5, 9)",
        *("INT UNSIGNED", "INT[]", "DOUBLE PRECISION", "INT NOT NULL", "INT DEFAULT 1", "INT()"),
    ],
)
def test_what_is_no_type_is_refused(text):
    """A column that has lost its type is not of the type KEY."""
    refused(f"CREATE STREAM s (c {text}) WITH (x = 1);")
