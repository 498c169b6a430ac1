"""Where an event breaks a schema."""

import io

import fastavro
import pytest
from fastavro.validation import ValidationError, validate

from eventlab.log.schemas.avro_schema import parsed
from eventlab.log.schemas.breaches import breach
from tests.log.schemas.made import CENTS, field, record

LEVEL = {"type": "enum", "name": "Level", "symbols": ["bronze", "gold"]}
ADDRESS = record(field("string", "city"), field("string", "city_part", default=""), name="Address")
SCHEMA = record(
    CENTS,
    field(ADDRESS, "address"),
    field({"type": "array", "items": "string"}, "tags", default=[]),
    field({"type": "array", "items": "Address"}, "stops", default=[]),
    field(["null", "string"], "note", default=None),
    field(LEVEL, "level", default="gold"),
    field({"type": "long", "logicalType": "timestamp-millis"}, "at", default=0),
    namespace="shop",
)
GOOD = {"cents": 1, "address": {"city": "Ulm"}}


def found(event) -> tuple[str, str, str]:
    form = parsed(SCHEMA).form
    try:
        validate(event, form)
        fastavro.schemaless_writer(io.BytesIO(), form, event, strict_allow_default=True)
    except (ValidationError, ValueError, TypeError) as error:
        return tuple(breach(event, form, error))
    raise AssertionError(f"{event} breaks nothing")


@pytest.mark.parametrize(
    ("change", "field_name", "expected", "words"),
    [
        ({"cents": "x"}, "cents", "int", "'x'"),
        ({"cents": 1.5}, "cents", "int", "1.5"),
        ({"cents": True}, "cents", "int", "True"),
        ({"cents": 2**40}, "cents", "int", str(2**40)),
        ({"cents": None}, "cents", "int", "None"),
        ({"address": {"city": 3}}, "address.city", "string", "3"),
        ({"address": {}}, "address.city", "string", "nothing"),
        ({"address": 5}, "address", "a record shop.Address", "5"),
        ({"tags": [1]}, "tags", "string", "1"),
        ({"stops": [{"city": 1}]}, "stops.city", "string", "1"),
        ({"note": 4}, "note", "null or string", "4"),
        ({"level": "lead"}, "level", "one of bronze, gold", "'lead'"),
        ({"at": "noon"}, "at", "timestamp-millis", "'noon'"),
        ({"price": 4}, "price", "no such field", "one"),
    ],
)
def test_a_breach_is_said_with_its_field(change, field_name, expected, words):
    """By its path, what the schema has there, and what stood there."""
    assert found({**GOOD, **change}) == (field_name, expected, words)


def test_a_field_that_is_missing_is_found_to_be_nothing():
    """Which is another thing than None."""
    assert found({"address": {"city": "Ulm"}}) == ("cents", "int", "nothing")


def test_what_is_no_event_at_all_has_no_field():
    """And is shown as a whole."""
    assert found([1]) == ("", "a record shop.Order", "[1]")


def test_what_is_not_known_here_is_said_in_the_library_s_words():
    """Rather than not at all."""
    assert breach({}, {}, KeyError("a")) == ("", "what its schema says", "'a'")
