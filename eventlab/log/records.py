"""What is written to the log: a key, a value, a time; made from whatever a notebook has at hand."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from eventlab.errors import UsageError
from eventlab.events import Delivery, Event, encode

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

Key = str | Callable[[Any], str | None] | None
_json = msgspec.json.Encoder()


class Record(NamedTuple):
    """One record to be written; without a timestamp (milliseconds) it gets the time of writing."""

    key: str | bytes | None
    value: bytes | None
    timestamp: int = 0
    headers: list[tuple[str, bytes]] | None = None
    partition: int = -1


def records(items: Iterable[Any], key: Key = None) -> Iterator[Record]:
    """Yield each item as a record, its timestamp the time at which the event happened.

    An item is an Event, a Delivery, a Record, a (key, value) pair, or a dict, which becomes JSON
    without a key. `key` chooses another key: the name of a field, or a function of the item (for
    a Delivery, of its event); a key that is no text becomes its text. Raises UsageError.
    """
    choose = _chooser(key) if key is not None else None
    for item in items:
        record = _record(item)
        if choose is not None:
            record = record._replace(key=choose(getattr(item, "event", item)))
        yield record


def milliseconds(at: datetime) -> int:
    """Return a moment as Kafka writes it: milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def _record(item: Any) -> Record:
    if isinstance(item, Event):
        return Record(item.key, encode(item), milliseconds(item.at))
    if isinstance(item, Delivery):
        return Record(item.key, item.value, milliseconds(item.at))
    if isinstance(item, Record):
        return item
    if isinstance(item, dict):
        return Record(None, _json.encode(item))
    if isinstance(item, tuple) and len(item) == 2:
        return Record(item[0], _bytes(item[1]))
    raise UsageError(
        "This cannot be written to a topic",
        expected="an event, a delivery, a record, a dict or a pair of key and value",
        found=f"{type(item).__name__} {item!r:.60}",
    )


def _bytes(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else _json.encode(value)


def _chooser(key: Key) -> Callable[[Any], str | None]:
    if callable(key):
        return lambda item: _text(key(item))
    return lambda item: _text(_field(item, key))


def _text(key: Any) -> str | bytes | None:
    return key if key is None or isinstance(key, str | bytes) else str(key)


def _field(item: Any, name: str) -> Any:
    fields = item if isinstance(item, dict) else {f: getattr(item, f) for f in _names(item)}
    if name not in fields:
        raise UsageError(
            f"{type(item).__name__} has no field {name!r} that could be the key",
            expected=f"one of {', '.join(fields)}",
            found=repr(name),
        )
    return fields[name]


def _names(item: Any) -> tuple[str, ...]:
    return getattr(item, "__struct_fields__", ())
