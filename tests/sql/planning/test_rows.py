from dataclasses import replace
from decimal import Decimal

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import WindowedBy
from eventlab.sql.planning.rows import (
    Field,
    Shape,
    key_order,
    key_reader,
    key_text,
    shape_of,
    system_field,
    value_key_writer,
    windowed_key,
)
from eventlab.sql.syntax import Position
from eventlab.sql.types import (
    BIGINT,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    StructType,
)
from tests.sql.planning.planning import ORDERS, source_of

JOINED = Shape(
    "stream",
    (Field("ID", INTEGER, "O"), Field("ID", INTEGER, "P"), Field("ITEM", STRING, "O")),
    (0,),
)


def test_the_shape_of_a_source_has_its_columns_and_the_place_of_each_record():
    shape = shape_of(source_of(ORDERS), "o")
    names = [field.name for field in shape.fields]
    assert names == ["ID", "ITEM", "PRICE", "ROWTIME", "ROWPARTITION", "ROWOFFSET"]
    assert {field.source for field in shape.fields} == {"o"}
    assert shape.key_types == [INTEGER]


def test_rows_of_windows_have_their_bounds_too():
    source = replace(source_of(ORDERS), window=WindowedBy("session"))
    shape = shape_of(source, "o")
    assert [field.name for field in shape.fields[-2:]] == ["WINDOWSTART", "WINDOWEND"]


def test_a_column_is_found_by_its_name_and_its_source():
    assert JOINED.place("ITEM", None) == 2
    assert JOINED.place("ID", "P") == 1
    assert JOINED.is_called(1, "ID")


def test_a_column_of_the_whole_row_goes_before_those_of_its_sides():
    shape = JOINED.with_fields([Field("ID", BIGINT)])
    assert shape.place("ID", None) == 3


def test_a_name_of_two_sources_is_not_clear():
    with pytest.raises(SqlError, match=r"Line 1, column 4: .*which column ID.*each of O, P"):
        JOINED.place("ID", None, Position(1, 4))


def test_a_column_that_is_not_there_is_refused_with_the_nearest():
    with pytest.raises(SqlError, match=r"no column O\.ITEMS.*the nearest: ITEM"):
        JOINED.place("ITEMS", "O")


def test_a_hidden_field_is_none_that_a_statement_can_name():
    field = Field("ITEM", STRING, "O")
    assert not field.is_system
    assert field.hidden.is_system
    assert system_field("ROWTIME") == Field("ROWTIME", BIGINT)


@pytest.mark.parametrize("values", [(7,), ("pen", None), (Decimal("1.50"), 2)])
def test_the_values_of_a_key_come_back_from_its_text(values):
    kinds = {str: STRING, type(None): STRING, int: INTEGER, Decimal: DecimalType(4, 2)}
    read = key_reader([kinds[type(value)] for value in values])
    assert read(key_text(values)) == values


def test_a_key_of_nothing_is_none():
    assert key_text([]) is None
    assert key_text([None]) is None
    assert key_reader([INTEGER, STRING])(None) == (None, None)


@pytest.mark.parametrize(
    ("kind", "ordered"),
    [
        (INTEGER, [1, 2, 10, None]),
        (ArrayType(INTEGER), [[], [1], [1, 2], [1, None], None]),
        (StructType((("X", INTEGER), ("Y", STRING))), [{"X": 1, "Y": "b"}, {"X": 1, "Y": None}]),
        (ArrayType(StructType((("X", INTEGER),))), [[{"X": 1}], [{"X": 2}], [None]]),
    ],
)
def test_keys_of_every_type_have_an_order(kind, ordered):
    """That of their values, NULL last, also within arrays and structs."""
    order = key_order([kind, INTEGER])
    texts = [key_text([value, 7]) for value in ordered]
    falling = texts[::-1]
    assert sorted(falling, key=order) == texts


def test_a_window_is_a_part_of_the_key():
    text = windowed_key(key_text(["pen"]), 0, 60_000)
    assert text == '["pen",0,60000]'
    assert key_reader([STRING])(text) == ("pen",)
    assert windowed_key(None, 0, 1) is None


@pytest.mark.parametrize(
    ("kind", "value"), [(STRING, "a"), (INTEGER, 7), (DOUBLE, 7.0), (STRING, None)]
)
def test_the_key_of_one_value_is_that_of_a_row_with_it(kind, value):
    """Whether it is remembered or not."""
    text_of = value_key_writer(kind)
    assert [text_of(value), text_of(value)] == [key_text([value])] * 2
