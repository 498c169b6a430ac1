import json

import numpy
import pandas
import pytest

from eventlab.errors import EventError, UsageError
from eventlab.events import Event, Order, Payment, decode, encode
from tests.events.examples import EXAMPLE_ORDER, EXAMPLES, NOON

ON_THE_WIRE = {
    "type": "order",
    "event_id": "e1",
    "at": "2025-03-03T12:00:00Z",
    "customer_id": "c001",
    "order_id": "o000001",
    "product_id": "p01",
    "quantity": 2,
    "price_cents": 1990,
    "amount_cents": 3980,
    "country": "DE",
}


class PageView(Event):
    page: object


def changed(**fields) -> bytes:
    return json.dumps(ON_THE_WIRE | fields).encode()


def without(field: str) -> bytes:
    return json.dumps(
        {name: value for name, value in ON_THE_WIRE.items() if name != field}
    ).encode()


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_every_event_comes_back_as_it_was(event):
    """Encoding and decoding is the identity, with the contract known and unknown."""
    assert decode(encode(event)) == event
    assert decode(encode(event), type(event)) == event


def test_the_wire_is_plain_json():
    """Any client can read an order: names, values and their order are exactly these."""
    assert json.loads(encode(EXAMPLE_ORDER)) == ON_THE_WIRE
    assert list(json.loads(encode(EXAMPLE_ORDER))) == list(ON_THE_WIRE)


def test_the_name_of_an_event_is_in_words():
    """An event's name on the wire is its contract's, in lower case with underscores."""
    names = [json.loads(encode(event))["type"] for event in EXAMPLES]
    assert "order_cancelled" in names
    assert "shipment_arrived" in names
    assert len(set(names)) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (changed(quantity="two"), "quantity"),
        (changed(quantity=0), "quantity"),
        (changed(amount_cents=-1), "amount_cents"),
        (changed(amount_cents=19.9), "amount_cents"),
        (changed(at="2025-03-03T12:00:00"), "at"),
        (changed(at="2025-03-03T12:00:00+02:00"), "at"),
        (changed(at="yesterday"), "at"),
        (changed(type="orders"), "type"),
        (without("at"), "at"),
        (without("event_id"), "event_id"),
        (without("country"), "country"),
    ],
)
@pytest.mark.parametrize("contract", [None, Order, Order | Payment])
def test_a_broken_contract_names_the_field(value, field, contract):
    """Whatever is wrong in a field, the error says which field, and shows no library's own."""
    with pytest.raises(EventError, match=f"in the field '{field}'") as caught:
        decode(value, contract)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_broken_contract_says_what_was_expected_and_found():
    """The two types are in the error."""
    with pytest.raises(EventError, match="expected int, found str"):
        decode(changed(quantity="two"))


def test_a_name_nobody_knows_is_in_the_error():
    """The field alone does not help when its value is a name that no contract has."""
    with pytest.raises(EventError, match="'orders'"):
        decode(changed(type="orders"))


@pytest.mark.parametrize("value", [b"", b"{", b"\xff\x00", b'{"type":"\xff"}', b"[]", b"3", None])
def test_what_is_no_event_is_one_clear_error(value):
    """Bytes that are no JSON, JSON that is no event, and a tombstone are refused alike."""
    with pytest.raises(EventError, match=r"an event as JSON|a value is no event"):
        decode(value)


def test_a_payment_is_no_order():
    """A value that keeps another contract than the one asked for is refused."""
    with pytest.raises(EventError, match="type"):
        decode(encode(EXAMPLES[6]), Order)


def test_fields_beyond_the_contract_are_let_pass():
    """A sender may add a field before its readers know of it."""
    assert decode(changed(currency="EUR")) == EXAMPLE_ORDER


@pytest.mark.parametrize("page", [object(), "\ud800"])
def test_what_json_cannot_say_names_the_field(page):
    """An event that cannot be encoded says which of its fields is to blame."""
    with pytest.raises(EventError, match="PageView cannot be sent because of its field 'page'"):
        encode(PageView("e1", NOON, page))


def test_a_contract_of_ones_own_travels_as_ours_do():
    """A learner's contract is encoded, and decoded where it is named."""
    view = PageView("e1", NOON, "basket")
    assert json.loads(encode(view))["type"] == "page_view"
    assert decode(encode(view), PageView) == view


def test_a_contract_is_a_class():
    """A contract's name on the wire is not the contract."""
    with pytest.raises(UsageError, match="such as Order"):
        decode(encode(EXAMPLE_ORDER), "order")


def test_what_numpy_and_pandas_hold_is_said_as_json():
    """In a field of an event too."""

    class Reading(Event, frozen=True):
        taken: object
        value: object

    event = Reading("r1", NOON, pandas.Timestamp(NOON), numpy.int64(3))
    decoded = json.loads(encode(event))
    assert (decoded["taken"], decoded["value"]) == (decoded["at"], 3)
    with pytest.raises(EventError, match="taken"):
        encode(Reading("r1", NOON, object(), 3))
