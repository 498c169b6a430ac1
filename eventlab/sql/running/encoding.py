"""From rows to a topic's records: key, value, time and the window of the key."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar

import msgspec

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source
from eventlab.sql.formats.serdes import key_serde, value_serde
from eventlab.sql.planning.event_times import event_time_reader
from eventlab.sql.planning.rows import key_reader
from eventlab.streams.arrivals import Timed

# Key, value, time, and the window of the key.
Written: TypeAlias = tuple[bytes | None, bytes | None, int, tuple[int, int] | None]
Window: TypeAlias = tuple[int, int]
Report: TypeAlias = Callable[[str], object]
RecordT = TypeVar("RecordT")

_decode = msgspec.json.Decoder().decode


def writer(target: Source, report: Report) -> Callable[[str | None, Any, Timed], Written | None]:
    """Return what makes a record of a row: the key's columns first, then the values.

    It takes the key's text, the row, None where it is no more, and the item that brought it. What
    cannot be written is reported, and None is returned.
    """
    return record_writer(
        target,
        report,
        lambda key, window: (key, window),
        lambda key, value, time: (key[0], value, time, key[1]),
    )


def record_writer(
    target: Source,
    report: Report,
    wired: Callable[[bytes | None, Window | None], Any],
    made: Callable[[Any, bytes | None, int], RecordT],
) -> Callable[[str | None, Any, Timed], RecordT | None]:
    """Return the same for records of another kind, each `made` of key, value and time.

    Its key is what `wired` gives for a key in bytes and its window, which is kept for a while.
    """
    write_value = value_serde(target).write
    number = len(target.keys)
    time_of = event_time_reader(target)
    key_of = _key_writer(target, wired)

    def write(key: str | None, row: Any, item: Timed) -> RecordT | None:
        try:
            record_key = key_of(key)
            if row is None:
                return made(record_key, None, item.time)
            time = item.time if time_of is None else time_of(row)
            return made(record_key, write_value(row[number:] if number else row), time)
        except SqlError:
            raise
        except Exception as error:  # a query never stops for one row
            report(f"{target.topic}: a row cannot be written: {error}")
            return None

    return write


def _key_writer(
    target: Source, wired: Callable[[bytes | None, Window | None], Any]
) -> Callable[[str | None], Any]:
    keys = key_serde(target)
    read_key = key_reader([column.kind for column in target.keys])
    is_windowed = target.window is not None

    @lru_cache(maxsize=10_000)
    def written(key: str | None) -> Any:
        if key is None:
            return wired(None, None)
        in_bytes = None if keys is None else keys.write(read_key(key))
        return wired(in_bytes, _window(key) if is_windowed else None)

    return written


def _window(key: str) -> Window:
    *_, start, end = _decode(key)
    return start, end
