"""Which version of a schema may follow which, and in plain words why not.

Verdicts as Confluent documents them, by Avro's rules of schema resolution:
https://docs.confluent.io/platform/current/schema-registry/fundamentals/schema-evolution.html
"""

import io
from typing import Any, NamedTuple

import fastavro
import pytest

from eventlab.log.schemas import LEVELS, parsed, problems
from eventlab.log.schemas.compatibility import can_read, unreadable
from tests.log.schemas.made import CENTS, CUSTOMER, field, record

NOTE = field("string", "note")
NOTE_OR_NOT = field("string", "note", default="-")
GOLD = {"type": "enum", "name": "Level", "symbols": ["bronze", "gold"]}
SILVER = {"type": "enum", "name": "Level", "symbols": ["bronze", "gold", "silver"]}
WITH_DEFAULT = {**GOLD, "default": "bronze"}


class Case(NamedTuple):
    """A change from one schema to another: whether new reads old, and old reads new."""

    change: str
    old: Any
    new: Any
    backward: bool
    forward: bool
    sample: Any  # what the old one writes


CASES = [
    Case("nothing", record(CENTS), record(CENTS), True, True, {"cents": 1}),
    Case(
        "a field with a default is added",
        record(CENTS),
        record(CENTS, NOTE_OR_NOT),
        True,
        True,
        {"cents": 1},
    ),
    Case(
        "a field without a default is added",
        record(CENTS),
        record(CENTS, NOTE),
        False,
        True,
        {"cents": 1},
    ),
    Case(
        "a field with a default is removed",
        record(CENTS, NOTE_OR_NOT),
        record(CENTS),
        True,
        True,
        {"cents": 1, "note": "x"},
    ),
    Case(
        "a field without a default is removed",
        record(CENTS, NOTE),
        record(CENTS),
        True,
        False,
        {"cents": 1, "note": "x"},
    ),
    Case(
        "a field is renamed with an alias",
        record(CENTS),
        record(field("int", "pennies", aliases=["cents"])),
        True,
        False,
        {"cents": 1},
    ),
    Case(
        "a field is renamed",
        record(CENTS),
        record(field("int", "pennies")),
        False,
        False,
        {"cents": 1},
    ),
    Case(
        "int becomes long", record(CENTS), record(field("long", "cents")), True, False, {"cents": 1}
    ),
    Case(
        "long becomes int", record(field("long", "cents")), record(CENTS), False, True, {"cents": 1}
    ),
    Case(
        "int becomes string",
        record(CENTS),
        record(field("string", "cents")),
        False,
        False,
        {"cents": 1},
    ),
    Case(
        "string becomes bytes",
        record(field("string")),
        record(field("bytes")),
        True,
        True,
        {"a": "x"},
    ),
    Case(
        "a field may be missing from now on",
        record(field("string")),
        record(field(["null", "string"])),
        True,
        False,
        {"a": "x"},
    ),
    Case(
        "a field may no longer be missing",
        record(field(["null", "string"])),
        record(field("string")),
        False,
        True,
        {"a": None},
    ),
    Case(
        "an enum gets a symbol",
        record(field(GOLD)),
        record(field(SILVER)),
        True,
        False,
        {"a": "gold"},
    ),
    Case(
        "an enum loses a symbol, and has a default",
        record(field(SILVER)),
        record(field(WITH_DEFAULT)),
        True,
        True,
        {"a": "silver"},
    ),
    Case(
        "the record gets another name",
        record(CENTS),
        record(CENTS, name="Purchase"),
        False,
        False,
        {"cents": 1},
    ),
]
EACH = pytest.mark.parametrize("case", CASES, ids=[case.change for case in CASES])


@EACH
def test_the_verdict_is_that_of_confluent_s_registry(case):
    """In each of the sixteen cases, for each level."""
    new = parsed(case.new)
    earlier = {1: parsed(case.old)}
    wanted = {
        "NONE": True,
        "BACKWARD": case.backward,
        "FORWARD": case.forward,
        "FULL": case.backward and case.forward,
    }
    found = {level: not problems(new, earlier, level) for level in wanted}
    assert found == wanted
    transitive = {
        level: not problems(new, earlier, f"{level}_TRANSITIVE") for level in list(wanted)[1:]
    }
    assert transitive == {level: wanted[level] for level in transitive}


@EACH
def test_what_may_follow_can_be_read(case):
    """By fastavro, which reads the bytes: the verdict is about these."""
    old, new = parsed(case.old), parsed(case.new)
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, old.form, case.sample)
    buffer.seek(0)
    if can_read(new, old):
        assert fastavro.schemaless_reader(buffer, old.form, new.form) is not None
    elif case.change not in ("long becomes int", "the record gets another name"):  # it is lenient
        with pytest.raises((fastavro.read.SchemaResolutionError, ValueError)):
            fastavro.schemaless_reader(buffer, old.form, new.form)


@EACH
def test_each_refusal_has_its_reason(case):
    """One at least, and none where it may be read."""
    old, new = parsed(case.old), parsed(case.new)
    assert bool(unreadable(new, old, reader_is_new=True)) != case.backward
    assert bool(unreadable(old, new, reader_is_new=False)) != case.forward


def test_the_last_version_counts_alone_unless_the_level_is_transitive():
    """A default that came and went: the last version allows what the first one does not."""
    earlier = {1: parsed(record(CENTS)), 2: parsed(record(CENTS, NOTE_OR_NOT))}
    new = parsed(record(CENTS, NOTE))
    assert problems(new, earlier, "BACKWARD") == []
    assert problems(new, earlier, "BACKWARD_TRANSITIVE") == [
        "the field note has no default, so new readers cannot read old events (version 1)"
    ]
    assert problems(parsed(record(CENTS)), earlier, "FULL_TRANSITIVE") == []


def test_the_first_version_may_be_any():
    """There is nobody whom it could break."""
    assert all(problems(parsed(record(CENTS)), {}, level) == [] for level in LEVELS)


def test_all_reasons_are_said_of_both_directions():
    """Each in a sentence that names the field and who is left out."""
    old = parsed(record(CUSTOMER, CENTS))
    new = parsed(record(field("string", "buyer"), CENTS))
    assert problems(new, {3: old}, "FULL") == [
        "the field buyer has no default, so new readers cannot read old events (version 3)",
        "the field customer is gone and had no default, so old readers cannot read new events"
        " (version 3)",
    ]
