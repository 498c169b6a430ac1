"""The format AVRO: bytes in Confluent's wire format, read by whichever schema they were written."""

import json
from io import BytesIO

import fastavro
import pytest

from eventlab.errors import CallError, SqlError
from eventlab.log.schemas import Contract, parsed
from eventlab.sql.formats.avro_format import avro_schema, avro_serde
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.running.memory_registry import MemoryRegistry
from eventlab.sql.schemas import Schemas
from eventlab.sql.types import BIGINT, INTEGER, STRING, MapType, StructType
from tests.log.schemas.made import CENTS, field, record

COLUMNS = [("ITEM", STRING), ("CENTS", BIGINT)]


@pytest.fixture
def registry():
    """A registry in memory."""
    return MemoryRegistry()


@pytest.fixture
def new_serde(registry):
    """What makes a serde for columns."""

    def make(columns, *, is_wrapped=True):
        schemas = Schemas(lambda: registry)
        return avro_serde(columns, schemas, "t-value", "shop.Order", is_wrapped=is_wrapped)

    return make


def bytes_by(registry, schema, event, subject="other-value"):
    """Return an event as someone else has written it."""
    return Contract(registry.register(subject, parsed(schema)), registry).encode(event)


def test_what_is_written_names_its_schema_which_is_registered(new_serde, registry):
    """With the first value, and once; a contract of the project's reads it."""
    serde = new_serde(COLUMNS)
    assert registry.subjects() == []
    values = [serde.write(["tea", 7]), serde.write([None, None])]
    registered = registry.version("t-value")
    assert (registered.version, json.loads(registered.schema.text)["name"]) == (1, "shop.Order")
    contract = Contract(registered, registry)
    assert [contract.decode(value) for value in values] == [
        {"ITEM": "tea", "CENTS": 7},
        {"ITEM": None, "CENTS": None},
    ]
    assert [serde.read(value) for value in values] == [["tea", 7], [None, None]]


def test_a_single_column_may_stand_by_itself(new_serde):
    """Then NULL is no value at all."""
    serde = new_serde([("N", INTEGER)], is_wrapped=False)
    assert serde.write([3]) == b"\0\0\0\0\1" + b"\6"
    assert serde.read(serde.write([3])) == [3]
    assert serde.write([None]) is None


def test_values_of_every_schema_of_a_topic_are_read(new_serde, registry):
    """By the names of their fields."""
    serde = new_serde(COLUMNS)
    first = bytes_by(registry, record(CENTS), {"cents": 1})
    more = record(CENTS, field("string", "item", default=""))
    second = bytes_by(registry, more, {"cents": 2, "item": "ink"})
    assert [serde.read(one) for one in (first, second, first)] == [
        [None, 1],
        ["ink", 2],
        [None, 1],
    ]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", "names no schema"),
        (b'{"ITEM": "tea"}', "names no schema"),
        (b"\0\0\0\0\x09\2", "by the schema 9, which the registry does not have"),
        (b"\0\0\0\0\1", "not what its schema says"),
        (b"\0\0\0\0\1\x80", "not what its schema says"),
        (b"\0\0\0\0\1\2\2\2", "longer than its schema says"),
    ],
)
def test_bytes_that_are_no_avro_are_unreadable(new_serde, registry, value, why):
    """Each says why."""
    bytes_by(registry, record(CENTS), {"cents": 1})
    with pytest.raises(Unreadable, match=why):
        new_serde(COLUMNS).read(value)


def test_a_schema_of_other_types_is_unreadable(new_serde, registry):
    """Every value of it, with the column and both types."""
    serde = new_serde([("CENTS", INTEGER)])
    value = bytes_by(registry, record(field("string", "cents")), {"cents": "1"})
    for _ in range(2):
        with pytest.raises(Unreadable, match="by the schema 1, CENTS is of type INTEGER"):
            serde.read(value)
    bare = bytes_by(registry, {"type": "map", "values": "int"}, {}, "map-value")
    with pytest.raises(Unreadable, match="expected a record"):
        serde.read(bare)


def test_a_registry_that_is_away_ends_what_reads_and_writes():
    """Rather than leave rows out for it."""

    class Away(MemoryRegistry):
        def schema(self, schema_id):
            raise CallError("It is away", reason="refused")

        subjects = schema

    serde = avro_serde(COLUMNS, Schemas(Away), "t-value", "A", is_wrapped=True)
    with pytest.raises(SqlError, match="It is away"):
        serde.read(b"\0\0\0\0\1\2")
    with pytest.raises(SqlError, match="It is away"):
        serde.write(["tea", 1])


def test_without_a_registry_it_is_said_what_to_do():
    """In a notebook, and elsewhere."""
    serde = avro_serde(COLUMNS, Schemas(), "t-value", "A", is_wrapped=True)
    for use in (lambda: serde.write(["tea", 1]), lambda: serde.read(b"\0\0\0\0\1\2")):
        with pytest.raises(SqlError, match=r"new_registry.*EVENTLAB_SCHEMA_REGISTRY"):
            use()


def test_an_incompatible_schema_is_refused_with_the_reason(new_serde, registry):
    """As the registry has it."""
    new_serde([("CENTS", INTEGER)]).write([1])
    with pytest.raises(SqlError, match=r"does not take the schema.*CENTS.*level of t-value"):
        new_serde([("CENTS", STRING)]).write(["1"])
    assert registry.version("t-value").version == 1


@pytest.mark.parametrize(
    "columns",
    [
        [("order-id", INTEGER)],
        [("S", StructType((("a b", INTEGER),)))],
        [("A_B", StructType(())), ("A", StructType((("B", StructType(())),)))],
    ],
)
def test_names_that_avro_cannot_hold_are_refused(columns):
    """Of columns, of fields, and of the records that are named after them."""
    with pytest.raises(SqlError, match="cannot hold"):
        avro_schema(columns, "shop.Order", is_wrapped=True)


def test_any_avro_library_reads_what_is_written(new_serde, registry):
    """By the schema that is registered; a map is an array of entries."""
    value = new_serde([("M", MapType(STRING, INTEGER))]).write([{"a": 1}])
    schema = fastavro.parse_schema(json.loads(registry.schema(1).text))
    found = fastavro.schemaless_reader(BytesIO(value[5:]), schema, None)
    assert found == {"M": [{"key": "a", "value": 1}]}
