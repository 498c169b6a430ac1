import pytest

from eventlab.sql.types import (
    BIGINT,
    BY_NAME,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    MapType,
    NamedType,
    StructType,
    is_number,
    types_within,
)

BASKET = StructType((("LINES", ArrayType(MapType(STRING, BIGINT))), ("PAID", DecimalType(8, 2))))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (STRING, "STRING"),
        (DecimalType(8, 2), "DECIMAL(8, 2)"),
        (NamedType("BASKET"), "BASKET"),
        (BASKET, "STRUCT<`LINES` ARRAY<MAP<STRING, BIGINT>>, `PAID` DECIMAL(8, 2)>"),
    ],
)
def test_a_type_is_shown_as_statements_write_it(kind, text):
    assert str(kind) == text


def test_two_names_can_mean_one_type():
    assert BY_NAME["INT"] is BY_NAME["INTEGER"]
    assert BY_NAME["VARCHAR"] is BY_NAME["STRING"]


def test_a_struct_knows_the_types_of_its_fields():
    assert BASKET.field("PAID") == DecimalType(8, 2)
    assert BASKET.field("paid") is None


def test_numbers_are_what_can_be_added():
    assert all(map(is_number, [INTEGER, BIGINT, DOUBLE, DecimalType(4, 1)]))
    assert not any(map(is_number, [STRING, ArrayType(INTEGER), None]))


def test_the_types_within_a_type_come_from_the_outside_in():
    lines = ArrayType(MapType(STRING, BIGINT))
    within = [BASKET, lines, lines.item, STRING, BIGINT, DecimalType(8, 2)]
    assert list(types_within(BASKET)) == within
