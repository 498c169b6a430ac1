from dataclasses import replace

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog, Format, Source, SourceColumn, near
from eventlab.sql.syntax import CreateType, Drop, DropType, Position
from eventlab.sql.types import BIGINT, INTEGER, STRING, ArrayType, MapType, NamedType, StructType

COLUMNS = (
    SourceColumn("ID", INTEGER, "key"),
    SourceColumn("ITEM", STRING),
    SourceColumn("SENT_BY", STRING, "headers", "sender"),
)
ORDERS = Source("stream", "ORDERS", COLUMNS, "orders", Format("KAFKA"), Format("JSON"))
ONLY_READ = replace(ORDERS, is_read_only=True)


def catalog(*sources):
    made = Catalog()
    for source in sources:
        made.add(source)
    return made


def test_a_source_knows_which_columns_are_its_key_and_which_its_value():
    assert [column.name for column in ORDERS.keys] == ["ID"]
    assert [column.name for column in ORDERS.values] == ["ITEM"]


def test_a_source_is_found_by_its_name():
    assert catalog(ORDERS).source("ORDERS") is ORDERS


def test_a_source_that_is_not_there_is_refused_with_the_nearest_names():
    with pytest.raises(SqlError, match=r"Line 2, column 6: .*ORDER:.*the nearest: ORDERS"):
        catalog(ORDERS).source("ORDER", Position(2, 6))


def test_a_name_is_taken_once_unless_it_is_replaced():
    known = catalog(ORDERS)
    other = replace(ORDERS, topic="other")
    with pytest.raises(SqlError, match="The name ORDERS is taken"):
        known.add(other)
    known.add(other, or_replace=True)
    assert known.source("ORDERS").topic == "other"


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (ORDERS, replace(ORDERS, kind="table"), "a table in place of a stream"),
        (ONLY_READ, ORDERS, "a SOURCE"),
        (ORDERS, ONLY_READ, "a SOURCE"),
    ],
)
def test_neither_the_kind_nor_what_is_only_read_is_replaced(before, after, found):
    known = catalog(before)
    with pytest.raises(SqlError, match=found):
        known.add(after, or_replace=True)
    assert known.source("ORDERS") is before


def test_what_is_only_read_is_not_made_by_replacing():
    with pytest.raises(SqlError, match="ORDERS cannot be replaced"):
        Catalog().add(ONLY_READ, or_replace=True)


def test_a_source_is_dropped():
    known = catalog(ORDERS)
    assert known.drop(Drop("stream", "ORDERS", delete_topic=True)) is ORDERS
    assert known.sources == {}


def test_a_source_that_is_not_there_is_dropped_only_if_it_exists():
    known = Catalog()
    assert known.drop(Drop("stream", "ORDERS", if_exists=True)) is None
    with pytest.raises(SqlError, match="There is no stream or table ORDERS"):
        known.drop(Drop("stream", "ORDERS"))


def test_a_source_is_dropped_as_what_it_is():
    with pytest.raises(SqlError, match="DROP STREAM ORDERS"):
        catalog(ORDERS).drop(Drop("table", "ORDERS"))


def test_the_topic_of_what_is_only_read_is_not_deleted():
    known = catalog(ONLY_READ)
    with pytest.raises(SqlError, match="DELETE TOPIC"):
        known.drop(Drop("stream", "ORDERS", delete_topic=True))
    assert known.drop(Drop("stream", "ORDERS")) is ONLY_READ


def test_a_type_is_known_by_its_name_wherever_it_stands():
    known = Catalog()
    known.add_type(CreateType("CODE", STRING))
    known.add_type(CreateType("LINE", StructType((("OF", NamedType("CODE")),))))
    kind = MapType(NamedType("CODE"), ArrayType(NamedType("LINE")))
    line = StructType((("OF", STRING),))
    assert known.resolved(kind) == MapType(STRING, ArrayType(line))


def test_a_type_is_made_once():
    known = Catalog()
    known.add_type(CreateType("CODE", STRING))
    known.add_type(CreateType("CODE", BIGINT, if_not_exists=True))
    with pytest.raises(SqlError, match="There is a type CODE already"):
        known.add_type(CreateType("CODE", BIGINT))
    assert known.types == {"CODE": STRING}


def test_an_unknown_type_is_refused():
    known = Catalog()
    known.add_type(CreateType("CODE", STRING))
    with pytest.raises(SqlError, match=r"There is no type CODES.*the nearest: CODE"):
        known.resolved(NamedType("CODES"))
    with pytest.raises(SqlError, match=r"Did you mean DOUBLE\?"):
        known.resolved(NamedType("DUBLE"))


def test_a_type_is_dropped():
    known = Catalog()
    known.add_type(CreateType("CODE", STRING))
    known.drop_type(DropType("CODE"))
    known.drop_type(DropType("CODE", if_exists=True))
    with pytest.raises(SqlError, match="There is no type CODE"):
        known.drop_type(DropType("CODE"))


def test_names_are_near_if_they_are_written_nearly_alike():
    assert near("ORDRES", {"ORDERS": 1, "ITEMS": 2}) == "the nearest: ORDERS"
    assert near("XYZ", {"ORDERS": 1}) == ""
