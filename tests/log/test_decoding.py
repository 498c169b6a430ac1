"""From messages to columns, without a broker."""

from datetime import UTC, datetime

import msgspec
import pandas
import pytest
from confluent_kafka import Message
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import CallError
from eventlab.events import encode
from eventlab.log import Batch
from eventlab.log.decoding import PLACE, Tombstone
from eventlab.log.schemas import Contract, parsed
from eventlab.log.schemas.registry_client import Registered, RegistryClient
from eventlab.log.window_keys import WindowKey
from tests.events.examples import EXAMPLE_ORDER
from tests.log.schemas.made import CENTS, contracts, record

NOTE = {"name": "note", "type": "string", "default": "-"}
NAMES = st.sampled_from(["a", "b", "key", "offset", "event_key", "event_event_key", "value"])
VALUES = st.one_of(
    st.none(),
    st.binary(max_size=6),
    st.integers(-5, 5).map(msgspec.json.encode),
    st.dictionaries(NAMES, st.integers(0, 9), max_size=5).map(msgspec.json.encode),
)
KEYS = st.none() | st.text(max_size=3).map(str.encode) | st.binary(max_size=3)


def message(value: bytes | None, key: bytes | None = b"k", offset: int = 0, partition: int = 0):
    return Message(
        topic="t", partition=partition, offset=offset, key=key, value=value, timestamp=(1, 1_000)
    )


def decoded(*values: bytes | None) -> Batch:
    return Batch(message(value, offset=offset) for offset, value in enumerate(values))


@given(st.lists(st.tuples(VALUES, KEYS, st.integers(0, 2)), max_size=20))
def test_every_message_comes_back_once(given_messages):
    """Decoded or unreadable, none is dropped and none doubled, in columns, rows and frames."""
    batch = Batch(
        message(value, key, offset, partition)
        for offset, (value, key, partition) in enumerate(given_messages)
    )
    apart = [entry["offset"] for entry in batch.unreadable]
    assert sorted([row["offset"] for row in batch.rows] + apart) == [*range(len(given_messages))]
    assert batch.columns["offset"] == [row["offset"] for row in batch.rows]
    frame = batch.frame()
    assert sorted([*frame["offset"], *apart]) == [*range(len(given_messages))]
    assert [*zip(frame["partition"], frame["offset"], strict=True)] == sorted(
        zip(frame["partition"], frame["offset"], strict=True)
    )
    assert [*batch.unreadable_frame().columns] == [*PLACE, "value", "reason"]


@given(st.dictionaries(NAMES, st.integers(0, 9)))
def test_no_field_falls_on_another_or_on_a_place(fields):
    """Each field has a column of its own, whatever it is called, and the place keeps its own."""
    batch = decoded(msgspec.json.encode(fields))
    (row,) = batch.rows
    assert (row["partition"], row["offset"], row["key"]) == (0, 0, "k")
    others = [value for name, value in row.items() if name not in PLACE]
    assert sorted(others) == sorted(fields.values())
    assert [*batch.frame().columns] == [*row] == [*batch.columns]
    assert {name: column for name, (column,) in batch.columns.items()} == row


def test_a_field_with_a_place_s_name_stands_beside_it():
    """It gets "event_" before it; a field that is called so already keeps its name."""
    (row,) = decoded(b'{"key": 1, "event_key": 2, "amount": 3}').rows
    assert row["key"] == "k"
    assert (row["event_event_key"], row["event_key"], row["amount"]) == (1, 2, 3)


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"\xff", b'"\xff"', b"NaN", b'{"a": 1} x', b"[" * 20_000, b"1e999", b"\x00\x01"],
    ids=lambda value: repr(value[:8]),
)
def test_what_is_no_json_stands_apart_with_the_reason(value):
    """The raw value is kept, and the messages beside it are decoded."""
    batch = decoded(b"{}", value, b"{}")
    assert batch.place["offset"] == [0, 2]
    (apart,) = batch.unreadable
    assert (apart["offset"], apart["value"], apart["key"]) == (1, value, "k")
    assert apart["reason"]


@pytest.mark.parametrize(
    ("value", "found"), [(b"5", 5), (b'"x"', "x"), (b"[1,2]", [1, 2]), (b"true", True)]
)
def test_json_that_is_no_object_stands_under_value(value, found):
    """A scalar or a list is a value like any other."""
    assert decoded(value).rows[0]["value"] == found


def test_a_tombstone_is_a_row_without_fields():
    """A message without a value is not unreadable: it says that the key is gone."""
    batch = decoded(b'{"a": 1}', None)
    assert batch.unreadable == []
    assert batch.columns["a"] == [1, None]
    assert batch.frame()["a"].isna().tolist() == [False, True]


def test_keys_that_are_no_text_stay_bytes():
    """Keys of other producers are neither lost nor guessed at."""
    batch = Batch([message(b"{}", b"\xff\x00"), message(b"{}", None), message(b"{}", b"")])
    assert batch.columns["key"] == [b"\xff\x00", None, ""]
    assert batch.frame()["key"].tolist() == [b"\xff\x00", None, ""]


def test_nested_fields_stay_nested():
    """An object within an object is a dict in its column."""
    frame = decoded(b'{"to": {"city": "Lyon"}, "tags": ["a"]}').frame()
    assert frame.loc[0, "to"] == {"city": "Lyon"}
    assert frame.loc[0, "tags"] == ["a"]


@pytest.mark.parametrize("values", [(), (b'{"at": "2025-03-03T12:00:00Z", "n": 1}',)])
def test_the_columns_have_their_types_even_when_empty(values):
    """An empty topic's frame can be filtered and joined like a full one."""
    dtypes = decoded(*values).frame().dtypes
    assert [*dtypes.index[:4]] == ["partition", "offset", "timestamp", "key"]
    assert dtypes["partition"] == dtypes["offset"] == "int64"
    assert isinstance(dtypes["timestamp"], pandas.DatetimeTZDtype)
    assert dtypes["key"] == "str"


def test_columns_are_there_when_nothing_could_be_decoded():
    """Who draws columns survives a batch of unreadable values only."""
    assert decoded(b"{").columns == {name: [] for name in PLACE}


def test_an_event_s_time_becomes_a_moment():
    """The event's `at` and the record's timestamp are aware and in UTC."""
    frame = decoded(encode(EXAMPLE_ORDER)).frame()
    assert frame.loc[0, "at"] == EXAMPLE_ORDER.at
    assert frame.loc[0, "timestamp"] == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert str(frame["at"].dt.tz) == str(frame["timestamp"].dt.tz) == "UTC"


def test_other_zones_are_the_same_moment():
    """A time with another zone is given in UTC; one that is missing stays missing."""
    frame = decoded(b'{"at": "2025-03-03T14:00:00+02:00"}', b"{}").frame()
    assert frame["at"].isna().tolist() == [False, True]
    assert frame.loc[0, "at"] == datetime(2025, 3, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize("at", ['"2025-03-03T12:00:00"', '"noon"', "5", "{}", '""'])
def test_what_is_no_moment_everywhere_stays_as_it_is(at):
    """One value that is no moment with its zone leaves the whole column as it came."""
    values = [b'{"at": "2025-03-03T12:00:00Z"}', b'{"at": %s}' % at.encode()]
    expected = [msgspec.json.decode(value)["at"] for value in values]
    assert decoded(*values).frame()["at"].tolist() == expected


def test_a_key_that_names_a_window_is_a_key_and_a_window():
    """Also of a record without a value; what the value says itself stays."""
    key = str(WindowKey("a", 1000, 2000)).encode()
    values = [b'{"value":3}', b'{"start":5,"value":4}', None]
    batch = Batch(message(value, key, offset) for offset, value in enumerate(values))
    frame = batch.frame()
    assert frame["key"].tolist() == ["a"] * 3
    assert frame["start"].tolist() == [1000, 5, 1000]
    assert frame["end"].tolist() == [2000] * 3
    assert frame["value"].isna().tolist() == [False, False, True]
    assert batch.row_keys == [key.decode()] * 3
    assert [isinstance(fields, Tombstone) for fields in batch.fields] == [False, False, True]


@given(st.lists(st.tuples(VALUES, KEYS), max_size=20))
def test_what_was_changed_can_be_decoded_anew(given_messages):
    """The fields are those of the log again, whatever became of them; the place stays."""
    key = str(WindowKey("a", 1000, 2000)).encode()
    messages = [
        message(value, key, n)
        for n, (value, key) in enumerate([*given_messages, (None, key), (b"7", key)])
    ]
    batch = Batch(messages, keeps_values=True)
    for fields in batch.fields:
        fields["n"] = "changed"
    batch.fields.reverse()
    batch.decode_anew()
    untouched = Batch(messages)
    assert batch.fields == untouched.fields
    assert [*map(type, batch.fields)] == [*map(type, untouched.fields)]
    assert batch.rows == untouched.rows
    assert batch.tombstones == sum(isinstance(one, Tombstone) for one in untouched.fields)


NANOSECONDS = 1_790_000_000_000_000_000


@pytest.mark.parametrize("time", [NANOSECONDS, NANOSECONDS // 1000, -NANOSECONDS])
def test_a_time_in_another_unit_stands_apart_with_the_reason(time):
    """The others are read; the reason has the number, and both frames can be made."""
    strange = Message(topic="t", partition=0, offset=1, value=b"{}", timestamp=(1, time))
    batch = Batch([message(b'{"n": 1}'), strange])
    assert batch.frame()["n"].tolist() == [1]
    (row,) = batch.unreadable_frame().to_dict("records")
    assert (row["offset"], row["value"]) == (1, b"{}")
    assert str(time) in row["reason"]
    assert pandas.isna(row["timestamp"])


def test_with_a_contract_values_are_read_by_that():
    """As its version knows them; what is none of its events stands apart, with the reason."""
    old, new = contracts(record(CENTS), record(CENTS, NOTE))
    values = [
        old.encode({"cents": 20}),
        b'{"cents": 5}',
        None,
        new.encode({"cents": 3, "note": ""}),
    ]
    messages = [message(value, offset=offset) for offset, value in enumerate(values)]
    batch = Batch(messages, new)
    assert batch.fields == [{"cents": 20, "note": "-"}, {}, {"cents": 3, "note": ""}]
    assert isinstance(batch.fields[1], Tombstone)
    (apart,) = batch.unreadable
    assert (apart["offset"], apart["value"]) == (1, b'{"cents": 5}')
    assert "names no schema" in apart["reason"]


def test_a_version_that_cannot_read_loses_nothing():
    """The message stands apart, with both versions, and others are read."""
    old, new = contracts(record(CENTS), record({"name": "price", "type": "string"}))
    values = [old.encode({"cents": 20}), new.encode({"price": "x"})]
    batch = Batch([message(value, offset=n) for n, value in enumerate(values)], new)
    assert batch.fields == [{"price": "x"}]
    reason = batch.unreadable[0]["reason"]
    assert "version 2" in reason
    assert "version 1: the field price has no default" in reason


def test_while_the_registry_is_away_nothing_is_set_apart():
    """What cannot be read for that can be read later: it is raised."""
    known = Registered("t-value", 1, 1, parsed(record(CENTS)))
    contract = Contract(known, RegistryClient("http://127.0.0.1:1"))
    with pytest.raises(CallError):
        Batch([message(b"\0\0\0\0\2\2")], contract)
