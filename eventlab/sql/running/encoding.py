"""From rows to a topic's records: key, value, time and the window of the key."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from eventlab.sql.catalog import Source
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.planning.rows import key_reader
from eventlab.sql.running.event_times import event_time_reader
from eventlab.sql.running.serdes import key_serde, value_serde

# Key, value, time, and the window of the key.
Written: TypeAlias = tuple[bytes | None, bytes | None, int, tuple[int, int] | None]

_decode = msgspec.json.Decoder().decode


def encoder(
    target: Source, report: Callable[[str], object]
) -> Callable[[list[tuple[str | None, Any]]], list[Written]]:
    """Return what makes records of a batch of rows: the key's columns first, then the values."""
    keys = key_serde(target)
    values = value_serde(target)
    number = len(target.keys)
    read_key = key_reader([column.kind for column in target.keys])
    time_of = event_time_reader(target)
    is_windowed = target.window is not None

    def encode(batch: list[tuple[str | None, Any]]) -> list[Written]:
        written: list[Written] = []
        for key, item in batch:
            row = item.event
            key_bytes = None if keys is None or key is None else keys.write(read_key(key))
            window = _window(key) if is_windowed else None
            try:
                time = item.time if time_of is None or row is None else time_of(row)
            except Unreadable as error:
                report(f"{target.topic}: {error}")
                continue
            value_bytes = None if row is None else values.write(row[number:])
            written.append((key_bytes, value_bytes, time, window))
        return written

    return encode


def _window(key: str | None) -> tuple[int, int] | None:
    if key is None:
        return None
    *_, start, end = _decode(key)
    return start, end
