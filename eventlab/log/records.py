"""What is written to the log: a key, a value, a time; made from whatever a notebook has."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from eventlab.arguments import is_missing, required_items
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.events import Delivery, Event, encode
from eventlab.events.codec import json_value
from eventlab.moments import milliseconds

if TYPE_CHECKING:  # whoever writes JSON needs none of this
    from eventlab.log.schemas import Contract

Key = str | Callable[[Any], Any] | None
_json = msgspec.json.Encoder(enc_hook=json_value)


Headers = Sequence[tuple[str, str | bytes | None]]


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record to be written; without a timestamp (milliseconds) it gets the time of writing."""

    key: str | bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: Headers | None = None
    partition: int = -1


@checked
def records(
    items: Iterable[Any], key: Key = None, contract: "Contract | None" = None
) -> Iterator[Record]:
    """Return each item as a record, its timestamp the time at which the event happened.

    An item is an Event, a Delivery, a Record, a (key, value) pair, or a dict, which becomes JSON
    without a key. `key` chooses another key: the name of a field, or a function of the item (for
    a Delivery, of its event); a key that is no text becomes its text, and one that is missing, as
    NaN and NaT are, is none. What pandas and NumPy hold becomes JSON too. With a `contract` events
    are written by that in place of JSON, and EventError is raised for one that breaks it. Lazy.
    Raises UsageError.
    """
    return map(recorder(key, contract), required_items("items", items, example="[order]"))


def recorder(key: Key = None, contract: "Contract | None" = None) -> Callable[[Any], Record]:
    """Return the function that makes one item a record; all as in `records`."""
    make = _record if contract is None else partial(_contracted, contract)
    if key is None:
        return make
    choose = key if callable(key) else partial(_field, key)

    def keyed(item: Any) -> Record:
        made = make(item)
        key = _text(choose(_meant(item)))
        # Each field by its place: msgspec's own replace takes three times as long.
        return Record(key, made.value, made.timestamp, made.headers, made.partition)

    return keyed


def _record(item: Any) -> Record:
    if type(item) is dict:  # the most frequent, by the shortest way
        return Record(None, value_bytes(item))
    # librdkafka takes 0 for no time at all, and writes the time that it is.
    if isinstance(item, Event):
        return Record(item.key, encode(item), milliseconds(item.at) or _refuse(item))
    if isinstance(item, Delivery):
        return Record(item.key, item.value, milliseconds(item.at) or _refuse(item))
    if isinstance(item, Record):
        return item
    if isinstance(item, dict):
        return Record(None, value_bytes(item))
    if isinstance(item, tuple) and len(item) == 2:
        return Record(_text(item[0]), value_bytes(item[1]))
    raise UsageError(
        "This cannot be written to a topic",
        expected="an event, a delivery, a record, a dict or a pair of key and value",
        found=f"{type(item).__name__} {shown(item)}",
        remedy="Make it a dict, or give it a contract: class Click(Event).",
    )


def _contracted(contract: "Contract", item: Any) -> Record:
    if isinstance(item, Event):
        return Record(item.key, contract.encode(item), milliseconds(item.at) or _refuse(item))
    if isinstance(item, Delivery):
        # What was damaged on its way is damaged under a contract too.
        whole = item.value == encode(item.event)
        value = contract.encode(item.event) if whole else item.value
        return Record(item.key, value, milliseconds(item.at) or _refuse(item))
    if isinstance(item, tuple) and len(item) == 2 and not isinstance(item[1], bytes | None):
        return Record(_text(item[0]), contract.encode(item[1]))
    return Record(None, contract.encode(item)) if isinstance(item, dict) else _record(item)


def _refuse(item: Event | Delivery) -> int:
    raise UsageError(
        "An event of the first millisecond of 1970 would get the time of writing",
        expected="its real time; 1970-01-01 00:00 mostly comes of one that is missing",
        found=shown(item, 80),
        remedy="Give it the time at which it happened.",
    )


def value_bytes(value: Any) -> bytes | None:
    """Return a value as it is written: text and bytes as they are, all else as JSON."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    try:
        return _json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UsageError(
            "This value cannot be written as JSON",
            expected="text, bytes, numbers, timestamps, or lists and dicts of them",
            found=f"{shown(value)} ({error})",
            remedy="Turn what JSON does not know into text or numbers first.",
        ) from None


def listed(headers: Headers | None) -> list[tuple[str, str | bytes | None]]:
    """Return a record's headers as librdkafka takes them; raise TypeError for what is no list."""
    if headers is None or isinstance(headers, Sequence):
        return list(headers or ())
    raise TypeError("its headers are no list")


def unwritable(record: Record, reason: Exception) -> UsageError:
    """Return why librdkafka does not take a record as it is."""
    return UsageError(
        "This record cannot be written",
        expected="a key and a value of text or bytes, a whole number as its time and partition,"
        " and headers as a list of pairs",
        found=f"{shown(record, 120)} ({reason})",
        remedy="Write what a notebook has as a dict, a pair or an event: it is turned into bytes.",
    )


def _meant(item: Any) -> Any:
    return item.event if isinstance(item, Delivery) else item


def _text(key: Any) -> str | bytes | None:
    if isinstance(key, (str, bytes)):
        return key
    return None if is_missing(key) else str(key)


def _field(name: str, item: Any) -> Any:
    if type(item) is dict and name in item:
        return item[name]
    names = item if isinstance(item, dict) else getattr(item, "__struct_fields__", ())
    if name not in names:
        raise UsageError(
            f"{type(item).__name__} has no field {name!r} that could be the key",
            expected=f"one of {', '.join(map(str, names))}" if names else "an event or a dict",
            found=shown(name),
            remedy="Name a field that every item has, or pass a function of the item.",
        )
    return item[name] if isinstance(item, dict) else getattr(item, name)
