"""Rows that a client sends as JSON objects, written to the topic of a stream or a table."""

from typing import Any

from eventlab.errors import EventlabError, SqlError, shown
from eventlab.log import Record, Topic, produce
from eventlab.moments import TIMES_OF_RECORDS, is_time_of_record
from eventlab.sql.catalog import Source, near
from eventlab.sql.formats.json_values import reader_of
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.formats.serdes import key_serde, value_serde
from eventlab.sql.planning.rows import ROWTIME
from eventlab.sql.types import BIGINT


def inserted(
    target: Source, topic: Topic, rows: list[dict[str, Any]]
) -> list[EventlabError | None]:
    """Write rows, and return for each what went wrong, None if nothing."""
    errors: list[EventlabError | None] = []
    records = []
    for row in rows:
        try:
            records.append(record_of(target, row))
            errors.append(None)
        except EventlabError as error:
            errors.append(error)
    try:
        produce(topic, records)
    except EventlabError as error:
        return [one or error for one in errors]
    return errors


def record_of(target: Source, fields: dict[str, Any]) -> Record:
    """Return the record of a row; names are taken as they are, or in capitals. Raises SqlError."""
    if target.is_read_only:
        raise SqlError(
            f"Nobody may write to {target.name}",
            expected="a source that was created without SOURCE",
            found="a SOURCE, which is only read",
            remedy="Create another stream or table over the topic.",
        )
    columns = {column.name: column.kind for column in (*target.keys, *target.values)}
    found: dict[str, Any] = {}
    for said, value in fields.items():
        name = said if said in columns else said.strip("`").upper()
        kind = BIGINT if name == ROWTIME else columns.get(name)
        if kind is None:
            raise SqlError(
                f"{target.name} has no column {name}",
                expected=", ".join(columns),
                found=near(name, columns) or name,
                remedy="Name one of these.",
            )
        try:
            found[name] = None if value is None else reader_of(kind)(value)
        except Unreadable as error:
            raise SqlError(
                f"This is no value of {name}",
                expected=str(kind),
                found=shown(value),
                remedy=f"Give it another value: {error}.",
            ) from None
    time = found.get(ROWTIME)
    if time is not None and not is_time_of_record(time):
        raise SqlError(
            "A row cannot have this time",
            expected=TIMES_OF_RECORDS,
            found=str(time),
            remedy="Give ROWTIME another value, or leave it out.",
        )
    keys = [found.get(column.name) for column in target.keys]
    if target.kind == "table" and None in keys:
        raise SqlError(
            f"A row of the table {target.name} needs its key",
            expected=", ".join(column.name for column in target.keys),
            found="null",
            remedy="Give the key's column a value.",
        )
    serde = key_serde(target)
    key = None if serde is None or None in keys else serde.write(keys)
    value = value_serde(target).write([found.get(column.name) for column in target.values])
    return Record(key, value, time or 0)
