"""From rows to a topic's records: key, value, time and the window of the key."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source
from eventlab.sql.planning.rows import key_reader
from eventlab.sql.running.event_times import event_time_reader
from eventlab.sql.running.serdes import key_serde, value_serde

# Key, value, time, and the window of the key.
Written: TypeAlias = tuple[bytes | None, bytes | None, int, tuple[int, int] | None]
_Key: TypeAlias = tuple[bytes | None, tuple[int, int] | None]

_decode = msgspec.json.Decoder().decode


def encoder(
    target: Source, report: Callable[[str], object]
) -> Callable[[list[tuple[str | None, Any]]], list[Written]]:
    """Return what makes records of a batch of rows: the key's columns first, then the values.

    What cannot be written is reported and left out.
    """
    write_value = value_serde(target).write
    number = len(target.keys)
    time_of = event_time_reader(target)
    written_key = _key_writer(target)

    def record(key: str | None, item: Any) -> Written:
        row = item.event
        key_bytes, window = written_key(key)
        if row is None:
            return key_bytes, None, item.time, window
        time = item.time if time_of is None else time_of(row)
        return key_bytes, write_value(row[number:] if number else row), time, window

    def encode(batch: list[tuple[str | None, Any]]) -> list[Written]:
        written: list[Written] = []
        for key, item in batch:
            try:
                written.append(record(key, item))
            except SqlError:
                raise
            except Exception as error:  # a query never stops for one row
                report(f"{target.topic}: a row cannot be written: {error}")
        return written

    return encode


def _key_writer(target: Source) -> Callable[[str | None], _Key]:
    keys = key_serde(target)
    read_key = key_reader([column.kind for column in target.keys])
    is_windowed = target.window is not None

    @lru_cache(maxsize=10_000)
    def written(key: str | None) -> _Key:
        if key is None:
            return None, None
        return None if keys is None else keys.write(read_key(key)), (
            _window(key) if is_windowed else None
        )

    return written


def _window(key: str) -> tuple[int, int]:
    *_, start, end = _decode(key)
    return start, end
