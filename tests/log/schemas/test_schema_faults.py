"""Where a schema breaks Avro's rules."""

import pytest

from eventlab.log.schemas.avro_schema import parsed
from eventlab.log.schemas.schema_faults import first_fault
from tests.log.schemas.made import CENTS, CUSTOMER, field, record

ADDRESS = record(field("string", "city"), name="Address", namespace="shop")


@pytest.mark.parametrize(
    ("schema", "place", "found"),
    [
        ("strng", "", "'strng'"),
        (None, "", "None"),
        ({}, "type", "none"),
        ({"type": "recrd", "name": "A", "fields": []}, "type", "'recrd'"),
        ({"type": "record", "fields": []}, "name", "none"),
        ({"type": "record", "name": "A"}, "fields", "None"),
        (record("a"), "fields.0", "'a'"),
        (record({"type": "int"}), "fields.0.name", "none"),
        (record(field("int", "a b")), "fields.0.name", "'a b'"),
        (record({"name": "a"}), "fields.a.type", "none"),
        (record(CUSTOMER, field("strng")), "fields.a.type", "'strng'"),
        (record(CENTS, CENTS), "fields.cents", "'cents' again"),
        (record(field("int", default="x")), "fields.a.default", "'x'"),
        (record(field(["null", "int"], default="x")), "fields.a.default", "'x'"),
        (record(field(["int", "int"])), "fields.a.type.1", "'int' again"),
        (record(field(["null", ["int"]])), "fields.a.type.1", "['int']"),
        (record(field({"type": "array", "items": "foo"})), "fields.a.type.items", "'foo'"),
        (record(field({"type": "map"})), "fields.a.type.values", "None"),
        ({"type": "enum", "name": "E"}, "symbols", "None"),
        ({"type": "enum", "name": "E", "symbols": ["A", "A"]}, "symbols", "['A', 'A']"),
        ({"type": "fixed", "name": "F", "size": -1}, "size", "-1"),
        (record(field(record(field("x", "b"), name="B"))), "fields.a.type.fields.b.type", "'x'"),
    ],
)
def test_a_fault_is_said_with_its_place(schema, place, found):
    """By the names of the fields that lead there."""
    fault = first_fault(schema)
    assert (fault.place, fault.found) == (place, found)
    assert fault.expected


@pytest.mark.parametrize(
    "schema",
    [
        "string",
        ["null", "string"],
        record(),
        record(field(["null", "Order"])),
        record(field(ADDRESS), field("shop.Address", "b"), namespace="shop"),
        record(field({"type": "long", "logicalType": "timestamp-millis"})),
        record(field(["null", "string"], default=None)),
        record(field({"type": "enum", "name": "E", "symbols": ["A"]}, default="A")),
        record(field({"type": "array", "items": "string"}, default=[])),
        record(field("bytes", default="ÿ")),
        record(field({"type": "map", "values": {"type": "fixed", "name": "F", "size": 2}})),
    ],
)
def test_a_schema_of_avro_has_no_fault(schema):
    """As both libraries see it."""
    assert first_fault(schema) is None
    assert parsed(schema if schema != "string" else '"string"').canonical
