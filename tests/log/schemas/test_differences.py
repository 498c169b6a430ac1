"""What keeps one schema from reading another's events, in plain words."""

import pytest

from eventlab.log.schemas.avro_schema import parsed
from eventlab.log.schemas.compatibility import unreadable
from tests.log.schemas.made import CENTS, field, record

CITY = field("string", "city")
LEVEL = {"type": "enum", "name": "Level", "symbols": ["gold"]}
MORE = {**LEVEL, "symbols": ["gold", "silver", "bronze"]}
TREE = record(field("int"), field(["null", "Tree"], "left"), name="Tree")
OTHER_TREE = record(field("string"), field(["null", "Tree"], "left"), name="Tree")


def address(*fields):
    return record(field(record(*fields, name="Address"), "address"))


def listed(kind):
    return record(field({"type": "array", "items": kind}))


def mapped(kind):
    return record(field({"type": "map", "values": kind}))


def fixed(size, name="F"):
    return record(field({"type": "fixed", "name": name, "size": size}))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (record(), record(CENTS), "the field cents has no default"),
        (record(CENTS), record(field("string", "cents")), "the field cents was int and is string"),
        (
            record(field("int")),
            record(field(["null", "string"])),
            "the field a was int and is null or string",
        ),
        (
            record(field(["null", "int"])),
            record(field("int")),
            "the field a was null or int and is int",
        ),
        (address(), address(CITY), "the field address.city has no default"),
        (listed("int"), listed("string"), "the field a[] was int and is string"),
        (mapped("int"), mapped("string"), "the field a{} was int and is string"),
        (record(field("int")), listed("int"), "the field a was int and is a list of int"),
        (record(field("int")), mapped("int"), "the field a was int and is a map of int"),
        (record(field(MORE)), record(field(LEVEL)), "the enum Level no longer has silver, bronze"),
        (record(field("int")), record(field(LEVEL)), "the field a was int and is the enum Level"),
        (record(), record(name="Bill"), "the record was named Order and is named Bill"),
        (fixed(2), fixed(4), "the field a was 2 bytes long and is 4 bytes long"),
        (fixed(2), fixed(2, "G"), "the field a was named F and is named G"),
        (TREE, OTHER_TREE, "the field a was int and is string"),
        (
            record(field(["null", record(name="B")])),
            record(field(["null", record(CENTS, name="B")])),
            "the field a.cents has no default",
        ),
        ('"int"', '"string"', "the schema was int and is string"),
    ],
)
def test_a_difference_is_said_with_its_field(old, new, words):
    """As what has become of it; a schema that holds itself is looked at once."""
    assert unreadable(parsed(new), parsed(old), reader_is_new=True) == [
        f"{words}, so new readers cannot read old events"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (record(CENTS), record(), "the field cents is gone and had no default"),
        (record(CENTS), record(field("string", "cents")), "the field cents was int and is string"),
        (record(field(LEVEL)), record(field(MORE)), "the enum Level has besides silver, bronze"),
    ],
)
def test_of_old_readers_it_is_said_the_other_way_round(old, new, words):
    """What was is always the old version, whoever reads."""
    assert unreadable(parsed(old), parsed(new), reader_is_new=False) == [
        f"{words}, so old readers cannot read new events"
    ]
