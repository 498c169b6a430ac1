"""From events, dicts and pairs to records."""

from datetime import UTC, datetime, timedelta
from itertools import islice

import msgspec
import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import EventError, UsageError
from eventlab.events import Delivery, Shop, decode, deliveries, encode
from eventlab.log import Record, records
from eventlab.moments import milliseconds
from tests.events.examples import EXAMPLE_ORDER, EXAMPLES, NOON
from tests.log.schemas.made import CENTS, contracts, record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: type(event).__name__)
def test_an_event_travels_with_its_key_and_its_own_time(event):
    """The record has the event's key, its time, and bytes that give the event again."""
    (record,) = records([event])
    assert record == Record(event.key, encode(event), milliseconds(event.at))
    assert decode(record.value) == event


def test_a_delivery_travels_as_it_is():
    """A delivery's own bytes and key are written, damaged as they may be, at the event's time."""
    delivery = Delivery(EXAMPLE_ORDER, NOON, "other", b"{damaged")
    (record,) = records([delivery])
    assert record == Record("other", b"{damaged", milliseconds(EXAMPLE_ORDER.at))


def test_events_and_their_deliveries_are_the_same_records():
    """It makes no difference whether events are made deliveries first."""
    story = list(islice(Shop(seed=3), 200))
    assert list(records(story)) == list(records(deliveries(story)))


def test_the_first_millisecond_of_1970_is_refused():
    """librdkafka would write the time that it is; the next one is written as it is."""
    first = msgspec.structs.replace(EXAMPLE_ORDER, at=datetime(1970, 1, 1, tzinfo=UTC))
    for item in (first, Delivery(first, NOON, "k", b"{}")):
        with pytest.raises(UsageError, match=r"first millisecond of 1970.*expected its real time"):
            list(records([item]))
    second = msgspec.structs.replace(first, at=first.at + timedelta(milliseconds=1))
    assert [record.timestamp for record in records([second])] == [1]


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_a_dict_becomes_json_without_a_key(fields):
    """Whatever JSON can say comes back as it was."""
    (record,) = records([fields])
    assert record.key is None
    assert msgspec.json.decode(record.value) == fields


@given(st.none() | st.text() | st.binary() | st.integers(), JSON)
def test_a_pair_is_a_key_and_a_value(key, value):
    """Text and bytes pass as they are, None is a tombstone, everything else becomes JSON."""
    (record,) = records([(key, value)])
    assert record.key == (str(key) if isinstance(key, int) else key)
    if value is None or isinstance(value, str):
        assert record.value == (value if value is None else value.encode())
    else:
        assert msgspec.json.decode(record.value) == value


def test_a_record_passes_unchanged():
    """Whoever says all of it gets all of it."""
    record = Record("k", b"v", 5, [("h", b"1")], 2)
    assert next(records([record])) is record


def test_the_key_is_a_field_or_a_function():
    """A field's name and a function of the item choose the key, also of the event in a delivery."""
    order = EXAMPLE_ORDER
    for items in ([order], list(deliveries([order]))):
        assert next(records(items, key="product_id")).key == order.product_id
        assert next(records(items, key="quantity")).key == str(order.quantity)
        assert next(records(items, key=lambda event: event.country)).key == order.country
        assert next(records(items, key=lambda event: None)).key is None
    assert next(records([{"a": 7}], key="a")).key == "7"


@pytest.mark.parametrize("item", [EXAMPLE_ORDER, {"a": 1}, ("k", "v")])
def test_a_key_that_is_no_field_is_refused(item):
    """The error names the field that is missing."""
    with pytest.raises(UsageError, match="no field 'colour'"):
        next(records([item], key="colour"))


@pytest.mark.parametrize("item", [5, "text", b"bytes", None, ("a", "b", "c"), [1]])
def test_what_is_no_item_is_refused(item):
    """The error names the kind of thing that was given."""
    with pytest.raises(UsageError, match=type(item).__name__):
        next(records([item]))


@pytest.mark.parametrize("item", [{"a": object()}, ("k", {1, object()})])
def test_what_json_cannot_say_is_refused(item):
    """The error is ours, before anything is sent."""
    with pytest.raises(UsageError, match="as JSON"):
        next(records([item]))


@pytest.mark.parametrize("items", [EXAMPLE_ORDER, {"a": 1}, "text", 5, None, Record("k", b"v")])
def test_one_item_on_its_own_is_refused(items):
    """The error says to put brackets around it."""
    with pytest.raises(UsageError, match=r"items=\[order\]"):
        records(items)


def test_records_are_made_one_by_one():
    """An endless story can be written from its beginning."""
    assert len(list(islice(records(Shop(seed=1)), 3))) == 3


def test_what_pandas_and_numpy_hold_becomes_json():
    """As their plain values would; what is missing is null."""
    moment = pandas.Timestamp("2025-03-03T12:00:00.5Z")
    item = {
        "at": moment,
        "plain": moment.tz_localize(None),
        "n": numpy.int64(3),
        "x": numpy.float32(0.5),
        "is": numpy.bool_(True),
        "word": numpy.str_("a"),
        "gaps": [pandas.NaT, pandas.NA, float("nan"), numpy.float64("nan")],
        "list": numpy.array([1, 2]),
        "then": numpy.datetime64("2025-03-03T12:00:00", "ns"),
        "took": pandas.Timedelta(seconds=90),
    }
    (record,) = records([item])
    assert msgspec.json.decode(record.value) == {
        "at": "2025-03-03T12:00:00.500000Z",
        "plain": "2025-03-03T12:00:00.500000",
        "n": 3,
        "x": 0.5,
        "is": True,
        "word": "a",
        "gaps": [None, None, None, None],
        "list": [1, 2],
        "then": "2025-03-03T12:00:00",
        "took": "PT90S",
    }


@pytest.mark.parametrize("key", [None, float("nan"), numpy.float64("nan"), pandas.NaT, pandas.NA])
def test_a_missing_key_is_none(key):
    """However pandas writes that it is missing, in a field or in a pair."""
    (record,) = records([{"k": key}], key="k")
    (pair,) = records([(key, {})])
    assert (record.key, pair.key) == (None, None)


def test_a_number_of_numpy_is_a_key_as_python_s_is():
    """Its text."""
    assert [one.key for one in records([{"k": numpy.int64(7)}], key="k")] == ["7"]


def test_under_a_contract_an_event_is_written_by_that():
    """With the key and the time that it has in JSON too; what is bytes already stays."""
    (contract,) = contracts(record(CENTS, {"name": "note", "type": "string", "default": ""}))
    event = {"cents": 20, "note": ""}
    value = contract.encode(event)
    given = [event, ("ann", event), ("ann", None), ("ann", b"x"), Record("bob", b"y", 7)]
    assert list(records(given, contract=contract)) == [
        Record(None, value),
        Record("ann", value),
        Record("ann", None),
        Record("ann", b"x"),
        Record("bob", b"y", 7),
    ]
    assert [one.key for one in records([event], "cents", contract)] == ["20"]


def test_under_a_contract_a_delivery_is_as_damaged_as_it_is():
    """What arrives whole is the event's bytes, and what does not is what there is."""
    event = EXAMPLE_ORDER
    names = event.__struct_fields__
    moment = {"type": "long", "logicalType": "timestamp-micros"}
    kinds = {str: "string", int: "long", datetime: moment}
    fields = [{"name": name, "type": kinds[type(getattr(event, name))]} for name in names]
    (contract,) = contracts(record(*fields))
    whole = Record(event.key, contract.encode(event), milliseconds(event.at))
    assert list(records([event, *deliveries([event])], contract=contract)) == [whole, whole]
    (damaged,) = records([Delivery(event, NOON, "k", b"{damaged")], contract=contract)
    assert damaged.value == b"{damaged"


def test_an_event_that_breaks_its_contract_is_no_record():
    """Those before it are: it is lazy."""
    (contract,) = contracts(record(CENTS))
    made = records([{"cents": 1}, ("ann", {"cents": "x"})], contract=contract)
    assert next(made).value == contract.encode({"cents": 1})
    with pytest.raises(EventError, match="in the field 'cents'"):
        next(made)
    with pytest.raises(UsageError, match="an event or a dict"):
        next(records([("ann", "text")], contract=contract))
