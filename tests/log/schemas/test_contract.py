"""A contract: events written by one version, and read by another."""

import pickle
from datetime import UTC, datetime
from itertools import islice

import numpy
import pytest

from eventlab.errors import CallError, ContractError, EventError, UsageError
from eventlab.events import Shop
from eventlab.log.schemas import Contract, parsed
from eventlab.log.schemas.registry_client import Registered, RegistryClient
from tests.log.schemas.made import CENTS, CUSTOMER, contracts, field, record

ORDER = record(CUSTOMER, CENTS)
ANN = {"customer": "ann", "cents": 20}
COUNTRY = field("string", "country", default="?")


def test_an_event_comes_back_as_it_was_written():
    """In Confluent's format: a zero, the id, and Avro's bytes."""
    (contract,) = contracts(ORDER)
    value = contract.encode(ANN)
    assert value == b"\0\0\0\0\1\6ann\x28"
    assert contract.decode(value) == ANN


def test_an_event_of_the_shop_goes_under_a_contract_as_it_is():
    """Its fields are those of the schema, its time among them."""
    order = next(islice(Shop(seed=7).orders(), 1))
    moment = {"type": "long", "logicalType": "timestamp-micros"}
    kinds = {str: "string", int: "long", datetime: moment}
    fields = [field(kinds[type(getattr(order, name))], name) for name in order.__struct_fields__]
    (contract,) = contracts(record(*fields))
    read = contract.decode(contract.encode(order))
    assert read == {name: getattr(order, name) for name in order.__struct_fields__}
    assert read["at"].tzinfo is UTC or read["at"].utcoffset().total_seconds() == 0


def test_each_reader_sees_the_event_as_its_version_knows_it():
    """A newer one the default of what is missing, an older one nothing of what is new."""
    old, new = contracts(ORDER, record(CUSTOMER, CENTS, COUNTRY))
    assert new.decode(old.encode(ANN)) == {**ANN, "country": "?"}
    assert old.decode(new.encode({**ANN, "country": "de"})) == ANN


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"customer": "ann", "cents": "x"}, "in the field 'cents': expected int, found 'x'"),
        ({"customer": "ann", "cents": 1.5}, "in the field 'cents': expected int, found 1.5"),
        ({"customer": "ann", "cents": 2**40}, "in the field 'cents'"),
        ({"customer": "ann"}, "in the field 'cents': expected int, found nothing"),
        ({**ANN, "note": "x"}, "in the field 'note': expected no such field"),
    ],
)
def test_an_event_that_breaks_the_contract_is_refused(event, words):
    """With the field, what was expected and what was found; nothing is cut to fit."""
    (contract,) = contracts(ORDER)
    with pytest.raises(EventError, match=words) as caught:
        contract.encode(event)
    assert "orders-value, version 1" in str(caught.value)
    assert "It was not written" in caught.value.remedy


@pytest.mark.parametrize("kind", ["timestamp-millis", "timestamp-micros"])
def test_a_number_that_is_no_time_is_refused(kind):
    """It has room in a long, and nobody could read it again."""
    (contract,) = contracts(record(field({"type": "long", "logicalType": kind})))
    with pytest.raises(EventError, match="It was not written"):
        contract.encode({"a": 2**62})
    assert contract.decode(contract.encode({"a": 0}))["a"].year == 1970


def test_what_numpy_holds_is_a_number_too():
    """As it comes out of a DataFrame."""
    (contract,) = contracts(ORDER)
    assert contract.decode(contract.encode({"customer": "ann", "cents": numpy.int64(20)})) == ANN


@pytest.mark.parametrize("event", [5, "ann", [ANN], None])
def test_what_is_no_event_is_a_wrong_call(event):
    """An event of ours, or a dict."""
    with pytest.raises(UsageError, match="an event or a dict"):
        contracts(ORDER)[0].encode(event)


def test_a_reader_that_cannot_read_says_why_with_both_versions():
    """The field, and who is too old or too new for whom."""
    old, new = contracts(ORDER, record(CUSTOMER, field("string", "price")))
    with pytest.raises(
        ContractError, match=r"version 2 of orders-value.*one of version 1"
    ) as caught:
        new.decode(old.encode(ANN))
    assert "the field price has no default, so new readers cannot read old events" in str(
        caught.value
    )
    with pytest.raises(ContractError, match=r"the field cents is gone.*old readers cannot"):
        old.decode(new.encode({"customer": "ann", "price": "x"}))


def test_what_two_versions_share_is_read_though_not_all_could_be():
    """A field that may be missing and is not: the event decides, and not the schemas alone."""
    old, new = contracts(record(field(["null", "string"])), record(field("string")))
    assert new.decode(old.encode({"a": "x"})) == {"a": "x"}
    with pytest.raises(ContractError, match="the field a was null or string and is string"):
        new.decode(old.encode({"a": None}))


@pytest.mark.parametrize("value", [b'{"cents": 20}', b"", b"\0\0\0\0\1\6an", b"\0\0\0\0\1"])
def test_what_is_no_event_of_a_contract_is_said(value):
    """JSON, or a value that was cut."""
    with pytest.raises(EventError):
        contracts(ORDER)[0].decode(value)


@pytest.mark.parametrize("value", [None, "text", 5])
def test_a_value_is_bytes(value):
    """As they come out of a message."""
    with pytest.raises(UsageError, match="expected bytes"):
        contracts(ORDER)[0].decode(value)


def test_an_id_that_nobody_knows_is_said():
    """As the registry says it."""
    with pytest.raises(ContractError, match="the schema 9"):
        contracts(ORDER)[0].decode(b"\0\0\0\0\x09\6ann\x28")


def test_a_schema_is_asked_for_once():
    """The registry is no part of each event's way."""
    old, new = contracts(ORDER, record(CUSTOMER, CENTS, COUNTRY))
    for _ in range(3):
        new.decode(old.encode(ANN))
    assert new._registry.asked == 1


def test_a_registry_that_is_away_is_another_trouble_than_a_message():
    """Nothing is set apart for it: it can be read when the registry is back."""
    contract = Contract(
        Registered("orders-value", 1, 1, parsed(ORDER)), RegistryClient("http://127.0.0.1:1")
    )
    assert contract.decode(contract.encode(ANN)) == ANN  # its own version it knows
    with pytest.raises(CallError, match="did not find the schema 2"):
        contract.decode(b"\0\0\0\0\2\6ann\x28")


def test_it_goes_to_another_process():
    """With what it knows, and where its registry is."""
    registry = RegistryClient("http://127.0.0.1:1")
    contract = Contract(Registered("orders-value", 3, 7, parsed(ORDER)), registry)
    there = pickle.loads(pickle.dumps(contract))
    assert (there.subject, there.version, there.id) == ("orders-value", 3, 7)
    assert there.decode(contract.encode(ANN)) == ANN
    assert there.schema == ORDER


def test_an_event_that_is_no_record_has_one_field():
    """As a value in JSON that is no object has."""
    (contract,) = contracts(["null", "string"])
    assert contract.decode(b"\0\0\0\0\1\2\6ann") == {"value": "ann"}
