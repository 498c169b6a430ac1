"""From a topic's records to rows: key, value, headers, and the time at which it happened."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.planning.plans import Read, Row
from eventlab.sql.planning.rows import key_text, windowed_key
from eventlab.sql.running.event_times import event_time_reader
from eventlab.sql.running.serdes import key_serde, value_serde
from eventlab.streams import Arrival
from eventlab.streams.arrivals import NEVER

Pairs: TypeAlias = list[tuple[Any, Arrival]]  # a key's text, or None
Holds: TypeAlias = Callable[[Row], Any]
Show: TypeAlias = Callable[[str | None, Row], Row]
_Key: TypeAlias = tuple[Sequence[Any], str | None]


def decoder(
    step: Read,
    report: Callable[[str], object],
    holds: Holds | None = None,
    show: Show | None = None,
) -> Callable[[list[Arrival]], Pairs]:
    """Return what makes rows of a batch of records whose event is key and value in bytes.

    Of a stream only those rows may be asked for for which something `holds`, and what is to `show`
    of them.
    What cannot be read is reported and left out, as what a table has no key for, and what should
    have a window and has none.
    """
    source = step.source
    row_of = _row_reader(step)
    stamp = _stamper(source)
    is_table = source.kind == "table"

    def decode(batch: list[Arrival]) -> Pairs:
        pairs: Pairs = []
        for record in batch:
            try:
                key, row = row_of(record)
                if key is None and is_table:
                    continue
                time = record.time
                stream_time = record.stream_time
                if stamp is not None:
                    row, time, stream_time = stamp(row, record)
                if holds is not None and (row is None or not holds(row)):
                    continue
                if show is not None and row is not None:
                    row = show(key, row)
                place = (record.topic, record.partition, record.offset)
                pairs.append((key, Arrival(row, key, *place, time, stream_time)))
            except SqlError:
                raise
            except Exception as error:  # a query never stops for one record
                report(f"{source.topic}, offset {record.offset}: {error}")
        return pairs

    return decode


def _row_reader(step: Read) -> Callable[[Arrival], tuple[str | None, Row | None]]:
    source = step.source
    read_value = value_serde(source).read
    read_key = _key_reader(source)
    is_windowed = source.window is not None
    order = _order(source)
    if order is None and not source.keys:
        return _values_reader(source)

    def row_of(record: Arrival) -> tuple[str | None, Row | None]:
        key_bytes, value_bytes = record.event
        key_values, key = read_key(key_bytes)
        window = record.window if is_windowed else None
        if window is not None:
            key = windowed_key(key, window)
        elif is_windowed:
            raise Unreadable("its key is of no window")
        values = None if value_bytes is None else read_value(value_bytes)
        if values is None:
            return key, None
        place = (record.time, record.partition, record.offset)
        if order is None:
            row = (*key_values, *values, *place)
        else:
            row = (*order(key_values, values, record.headers), *place)
        return key, row if window is None else (*row, *window)

    return row_of


def _values_reader(source: Source) -> Callable[[Arrival], tuple[str | None, Row | None]]:
    """Return what reads rows that are values alone, as quickly as can be."""
    read_value = value_serde(source).read

    def row_of(record: Arrival) -> tuple[str | None, Row | None]:
        value_bytes = record.event[1]
        values = None if value_bytes is None else read_value(value_bytes)
        if values is None:
            return None, None
        return None, (*values, record.time, record.partition, record.offset)

    return row_of


def _key_reader(source: Source) -> Callable[[bytes | None], _Key]:
    """Return what gives the columns of a key, and the key's text."""
    serde = key_serde(source)
    if serde is None:
        no_key: _Key = ((), None)
        return lambda _key: no_key
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
    source: Source,
) -> Callable[[Row | None, Arrival], tuple[Row | None, int, int]] | None:
    """Return what gives a row its own time, and the stream time then; None without such a time."""
    time_of = event_time_reader(source)
    if time_of is None:
        return None
    number = len(source.columns)
    newest: dict[int, int] = {}

    def stamp(row: Row | None, record: Arrival) -> tuple[Row | None, int, int]:
        time = record.time if row is None else time_of(row)
        if row is not None:
            row = (*row[:number], time, *row[number + 1 :])
        stream_time = max(newest.get(record.partition, NEVER), time)
        newest[record.partition] = stream_time
        return row, time, stream_time

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


def _header(headers: Sequence[tuple[str, bytes]], name: str | None) -> Any:
    if not name:
        return [{"KEY": key, "VALUE": value} for key, value in headers]
    found = [value for key, value in headers if key == name]
    return found[-1] if found else None
