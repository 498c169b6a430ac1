"""What is written to the log: a key, a value, a time; made from whatever a notebook has at hand."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from eventlab.errors import UsageError
from eventlab.events import Delivery, Event, encode
from eventlab.log.moments import milliseconds

Key = str | Callable[[Any], Any] | None
_json = msgspec.json.Encoder()


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record to be written; without a timestamp (milliseconds) it gets the time of writing."""

    key: str | bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: list[tuple[str, bytes]] | None = None
    partition: int = -1


def records(items: Iterable[Any], key: Key = None) -> Iterator[Record]:
    """Return each item as a record, its timestamp the time at which the event happened.

    An item is an Event, a Delivery, a Record, a (key, value) pair, or a dict, which becomes JSON
    without a key. `key` chooses another key: the name of a field, or a function of the item (for
    a Delivery, of its event); a key that is no text becomes its text. Lazy. Raises UsageError.
    """
    return map(recorder(key), required_iterable(items))


def recorder(key: Key = None) -> Callable[[Any], Record]:
    """Return the function that makes one item a record; items and `key` as in `records`."""
    if key is None:
        return _record
    choose = key if callable(key) else lambda item: _field(item, key)
    return lambda item: msgspec.structs.replace(_record(item), key=_text(choose(_meant(item))))


def required_iterable(items: Any) -> Iterable[Any]:
    """Return what can be gone through item by item; raise UsageError for one item on its own."""
    if isinstance(items, Iterable) and not isinstance(items, str | bytes | dict):
        return items
    raise UsageError(
        "Only a series of events can be written",
        expected="a list or a generator, such as Shop(seed=7).orders()",
        found=f"{type(items).__name__} {items!r:.60}",
        remedy="Put brackets around a single one.",
    )


def _record(item: Any) -> Record:
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
        found=f"{type(item).__name__} {item!r:.60}",
    )


def _refuse(item: Event | Delivery) -> int:
    # librdkafka takes 0 for no time at all, and writes the time that it is.
    raise UsageError(
        "An event of the first millisecond of 1970 would get the time of writing",
        expected="its real time; 1970-01-01 00:00 mostly comes of one that is missing",
        found=f"{item!r:.80}",
    )


def value_bytes(value: Any) -> bytes | None:
    """Return a value as it is written: text and bytes as they are, all else as JSON."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    try:
        return _json.encode(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UsageError(
            "This value cannot be written as JSON",
            expected="text, bytes, numbers, timestamps, or lists and dicts of them",
            found=f"{value!r:.60} ({error})",
        ) from None


def _meant(item: Any) -> Any:
    return item.event if isinstance(item, Delivery) else item


def _text(key: Any) -> str | bytes | None:
    return key if key is None or isinstance(key, str | bytes) else str(key)


def _field(item: Any, name: str) -> Any:
    names = item if isinstance(item, dict) else getattr(item, "__struct_fields__", ())
    if name not in names:
        raise UsageError(
            f"{type(item).__name__} has no field {name!r} that could be the key",
            expected=f"one of {', '.join(map(str, names))}" if names else "an event or a dict",
            found=repr(name),
        )
    return item[name] if isinstance(item, dict) else getattr(item, name)
