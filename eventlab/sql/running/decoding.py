"""From a topic's records to rows: key, value, headers, and the time at which it happened."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.planning.plans import Read
from eventlab.sql.planning.rows import key_text, windowed_key
from eventlab.sql.running.event_times import event_time_reader
from eventlab.sql.running.serdes import key_serde, value_serde
from eventlab.streams import Arrival
from eventlab.streams.arrivals import NEVER

Pairs: TypeAlias = list[tuple[Any, Arrival]]  # a key's text, or None


def decoder(step: Read, report: Callable[[str], object]) -> Callable[[list[Arrival]], Pairs]:
    """Return what makes rows of a batch of records whose event is key and value in bytes.

    What cannot be read is reported and left out, as what a table has no key for.
    """
    source = step.source
    read_key = key_serde(source)
    read_value = value_serde(source)
    has_key_columns = read_key is not None
    order = _order(step)
    time_of = event_time_reader(source)
    newest: dict[int, int] = {}

    def row_of(record: Arrival) -> tuple[str | None, tuple[Any, ...] | None]:
        key_bytes, value_bytes = record.event
        key_values: Sequence[Any] = ()
        if read_key is not None:
            found = None if key_bytes is None else read_key.read(key_bytes)
            key_values = [None] * len(source.keys) if found is None else found
        key = None if key_bytes is None or not has_key_columns else key_text(key_values)
        if source.window is not None and record.window is not None:
            key = windowed_key(key, record.window)
        values = None if value_bytes is None else read_value.read(value_bytes)
        if values is None:
            return key, None
        place = (record.time, record.partition, record.offset, *(record.window or ()))
        return key, order(key_values, values, record.headers, place)

    def decode(batch: list[Arrival]) -> Pairs:
        pairs: Pairs = []
        for record in batch:
            try:
                key, row = row_of(record)
                time = record.time if time_of is None or row is None else time_of(row)
            except Unreadable as error:
                report(f"{source.topic}, offset {record.offset}: {error}")
                continue
            if key is None and source.kind == "table":
                continue
            place = (record.topic, record.partition, record.offset)
            if time_of is None:
                pairs.append((key, Arrival(row, key, *place, time, record.stream_time)))
                continue
            if row is not None:
                row = (*row[: len(source.columns)], time, *row[len(source.columns) + 1 :])
            stream_time = max(newest.get(record.partition, NEVER), time)
            newest[record.partition] = stream_time
            pairs.append((key, Arrival(row, key, *place, time, stream_time)))
        return pairs

    return decode


def _order(step: Read) -> Callable[..., tuple[Any, ...]]:
    """Return what puts a record's values into the order of the source's columns."""
    columns = step.source.columns
    roles = [column.role for column in columns]
    if "headers" not in roles and roles == sorted(roles, key=["key", "value"].index):
        return lambda keys, values, _headers, place: (*keys, *values, *place)

    def ordered(
        keys: Sequence[Any], values: Sequence[Any], headers: Any, place: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        left_keys = iter(keys)
        left_values = iter(values)
        row: list[Any] = []
        for column in columns:
            if column.role == "headers":
                row.append(_header(headers, column.header))
            else:
                row.append(next(left_keys if column.role == "key" else left_values))
        return (*row, *place)

    return ordered


def _header(headers: Sequence[tuple[str, bytes]], name: str | None) -> Any:
    if not name:
        return [{"KEY": key, "VALUE": value} for key, value in headers]
    found = [value for key, value in headers if key == name]
    return found[-1] if found else None
