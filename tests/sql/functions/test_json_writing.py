import math
from decimal import Decimal

import pytest

from eventlab.sql.types import (
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
from tests.sql.functions.calling import called


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (INTEGER, 12, "12"),
        (BOOLEAN, True, "true"),
        (STRING, 'thé "vert"', '"thé \\"vert\\""'),
        (DOUBLE, 1.5, "1.5"),
        (DOUBLE, 1e9, "1.0E9"),
        (DOUBLE, math.nan, '"NaN"'),
        (DecimalType(5, 2), Decimal("1.50"), "1.50"),
        (BYTES, b"tea", '"dGVh"'),
        (DATE, 0, '"1970-01-01"'),
        (TIME, 3_600_000, '"01:00"'),
        (TIME, 3_601_000, '"01:00:01"'),
        (TIMESTAMP, 1, '"1970-01-01T00:00:00.001"'),
        (ArrayType(DATE), [0, None], '["1970-01-01",null]'),
        (MapType(STRING, INTEGER), {"b": 1, "a": None}, '{"a":null,"b":1}'),
        (MapType(INTEGER, BOOLEAN), {3: True}, '{"3":true}'),
        (StructType((("Z", DATE), ("A", INTEGER))), {"Z": 1, "A": 2}, '{"A":2,"Z":"1970-01-02"}'),
        (INTEGER, None, "null"),
        (None, None, "null"),
    ],
)
def test_any_value_is_written_as_json(kind, value, expected):
    """By its type: a date is no number there."""
    assert called("TO_JSON_STRING", value, kinds=[kind]) == expected
