"""From a topic's records to rows: key, value, headers, and the time at which it happened."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.formats.serdes import key_serde, value_serde
from eventlab.sql.planning.event_times import event_time_reader
from eventlab.sql.planning.plans import Read, Row
from eventlab.sql.planning.rows import key_text, windowed_key
from eventlab.sql.running.changes import Leave, Show, paired
from eventlab.streams import Arrival
from eventlab.streams.arrivals import NEVER

Holds: TypeAlias = Callable[[Row], Any]
KeyOf: TypeAlias = Callable[[Row], str | None]
_Key: TypeAlias = tuple[Sequence[Any], str | None]


def decoder(
    step: Read,
    report: Callable[[str], object],
    holds: Holds | None = None,
    show: Show | None = None,
    key_of: KeyOf | None = None,
    leave: Leave = paired,
    newest: dict[int, int] | None = None,
) -> Callable[[list[Arrival]], list[Any]]:
    """Return what makes rows of a batch of records whose event is key and value in bytes.

    Of a stream only those rows may be asked for for which something `holds`, and what is to `show`
    of them; `key_of` gives them another key, and none to what has no value. `leave` says what a row
    leaves as. Where a column says when a row happened, the stream times of the partitions begin
    with `newest`, and are noted in it.
    What cannot be read is reported and left out, as what a table has no key for, and what should
    have a window and has none.
    """
    source = step.source
    read_value = value_serde(source).read
    read_key = _key_reader(source)
    order = _order(source)
    stamp = _stamper(source, {} if newest is None else newest)
    is_table = source.kind == "table"
    is_windowed = source.window is not None
    no_key: _Key = ((), None)

    # All in one loop: a call for each part of a row takes longer than the part.
    def decode(batch: list[Arrival]) -> list[Any]:
        decoded: list[Any] = []
        for record in batch:
            try:
                key_bytes, value_bytes = record.event
                key_values, key = no_key if read_key is None else read_key(key_bytes)
                if is_windowed:
                    key = _windowed(key, record.window)
                values = None if value_bytes is None else read_value(value_bytes)
                if key is None and is_table:
                    continue
                row: Row | None = None
                if values is not None:
                    if order is not None:
                        values = order(key_values, values, record.headers)
                    elif key_values:
                        values = (*key_values, *values)
                    # Twice as quick as unpacking.
                    row = tuple(values) + (record.time, record.partition, record.offset)  # noqa: RUF005
                    if is_windowed and record.window is not None:
                        row = row + record.window
                item = record
                if stamp is not None:
                    row, item = stamp(row, record)
                if holds is not None and (row is None or not holds(row)):
                    continue
                if key_of is not None:
                    key = None if row is None else key_of(row)
                if show is not None and row is not None:
                    row = show(key, row)
                left = leave(key, row, item)
                if left is not None:
                    decoded.append(left)
            except SqlError:
                raise
            except Exception as error:  # a query never stops for one record
                report(f"{source.topic}, offset {record.offset}: {error}")
        return decoded

    return decode


def _windowed(key: str | None, window: tuple[int, int] | None) -> str | None:
    if window is None:
        raise Unreadable("its key is of no window")
    return windowed_key(key, *window)


def _key_reader(source: Source) -> Callable[[bytes | None], _Key] | None:
    """Return what gives the columns of a key, and the key's text; None where rows have no key."""
    serde = key_serde(source)
    if serde is None:
        return None
    read_key = serde.read
    nothing = (None,) * len(source.keys)

    @lru_cache(maxsize=10_000)
    def read(key: bytes | None) -> _Key:
        if key is None:
            return nothing, None
        found = read_key(key)
        values = nothing if found is None else found
        return values, key_text(values)

    return read


def _stamper(
    source: Source, newest: dict[int, int]
) -> Callable[[Row | None, Arrival], tuple[Row | None, Arrival]] | None:
    """Return what gives a row its own time, and an item with it; None without such a time."""
    time_of = event_time_reader(source)
    if time_of is None:
        return None
    number = len(source.columns)

    def stamp(row: Row | None, record: Arrival) -> tuple[Row | None, Arrival]:
        time = record.time if row is None else time_of(row)
        if row is not None:
            row = (*row[:number], time, *row[number + 1 :])
        stream_time = max(newest.get(record.partition, NEVER), time)
        newest[record.partition] = stream_time
        topic = record.topic
        partition = record.partition
        return row, Arrival(None, None, topic, partition, record.offset, time, stream_time)

    return stamp


def _order(source: Source) -> Callable[..., list[Any]] | None:
    """Return what puts a record's values into the order of the source's columns, if need be."""
    columns = source.columns
    roles = [column.role for column in columns]
    if "headers" not in roles and roles == sorted(roles, key=["key", "value"].index):
        return None

    def ordered(keys: Sequence[Any], values: Sequence[Any], headers: Any) -> list[Any]:
        left_keys = iter(keys)
        left_values = iter(values)
        row: list[Any] = []
        for column in columns:
            if column.role == "headers":
                row.append(_header(headers, column.header))
            else:
                row.append(next(left_keys if column.role == "key" else left_values))
        return row

    return ordered


def _header(headers: Sequence[tuple[str, bytes | None]], name: str | None) -> Any:
    if not name:
        return [{"KEY": key, "VALUE": value} for key, value in headers]
    found = [value for key, value in headers if key == name]
    return found[-1] if found else None
