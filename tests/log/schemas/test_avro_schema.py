"""A schema as both libraries know it, and what is none."""

import json

import pytest

from eventlab.errors import ContractError, UsageError
from eventlab.log.schemas import parsed
from tests.log.schemas.made import CENTS, CUSTOMER, record


def test_a_schema_is_given_as_text_or_as_what_json_makes_of_it():
    """Both are one schema, known by its name."""
    schema = record(CUSTOMER, CENTS, namespace="shop")
    assert parsed(schema).canonical == parsed(json.dumps(schema, indent=4)).canonical
    assert parsed(schema).name == "shop.Order"
    assert parsed(["null", "string"]).name == "union"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"type": "string"}', '"string"'),
        (
            '{"name": "A", "type": "record", "fields": []}',
            '{"type":"record","fields":[],"name":"A"}',
        ),
    ],
)
def test_what_means_the_same_has_one_form(one, other):
    """However it is spaced and ordered; the text stays as it was given."""
    assert parsed(one).canonical == parsed(other).canonical
    assert parsed(one).text == one


@pytest.mark.parametrize("more", [{"doc": "an order"}, {"aliases": ["Purchase"]}])
def test_what_a_reader_may_use_makes_another_schema(more):
    """A default, an alias, a description: whoever adds one has another version."""
    assert parsed(record(CENTS)).canonical != parsed(record(CENTS, **more)).canonical


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ('{"type": "record"', "expected JSON.*Expecting ',' delimiter"),
        ("string", "expected JSON"),
        ({"a": object()}, "expected what JSON can hold"),
        (record({"name": "a", "type": "strng"}), "at fields.a.type: expected one of null.*'strng'"),
        # What is not looked for here is said by the library.
        (
            record({"name": "a", "type": {"type": "enum", "name": "E", "symbols": ["A B"]}}),
            "symbol",
        ),
    ],
)
def test_what_is_no_schema_is_refused_with_where_it_breaks(schema, words):
    """In one error, with an example of one that is."""
    with pytest.raises(ContractError, match=words) as caught:
        parsed(schema)
    assert '{"type": "record"' in caught.value.remedy


def test_what_is_no_text_dict_or_list_is_a_wrong_call():
    """Before anything is looked at."""
    with pytest.raises(UsageError, match="expected text"):
        parsed(5)
