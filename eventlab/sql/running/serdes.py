"""Which serde a stream's or a table's keys have, and its values."""

from collections.abc import Sequence

from eventlab.errors import SqlError
from eventlab.sql.catalog import Format, Source, SourceColumn
from eventlab.sql.formats.delimited import delimited_serde
from eventlab.sql.formats.json_format import json_serde
from eventlab.sql.formats.kafka_format import kafka_serde
from eventlab.sql.formats.serde import Columns, Serde


def key_serde(source: Source) -> Serde | None:
    """Return how the keys of a topic are written, None where rows have no key. Raises SqlError."""
    columns = _columns(source.keys)
    if not columns:
        return None
    if source.key_format.name == "NONE":
        raise SqlError(
            f"{source.name} has a key, and no format for it",
            expected="a KEY_FORMAT, such as KAFKA or JSON",
            found="NONE",
            remedy="Leave the key's columns out, or choose another format.",
        )
    # A single column of a key stands by itself, as ksqlDB writes it.
    return _serde(source.key_format, columns, is_wrapped=len(columns) > 1)


def value_serde(source: Source) -> Serde:
    """Return how the values of a topic are written. Raises SqlError."""
    columns = _columns(source.values)
    stated = source.value_format.is_wrapped
    return _serde(source.value_format, columns, is_wrapped=len(columns) != 1 or stated is not False)


def _columns(columns: Sequence[SourceColumn]) -> Columns:
    return [(column.name, column.kind) for column in columns]


def _serde(format_: Format, columns: Columns, *, is_wrapped: bool) -> Serde:
    if format_.name == "JSON":
        return json_serde(columns, is_wrapped=is_wrapped)
    if format_.name == "DELIMITED":
        return delimited_serde(columns, format_.delimiter)
    if format_.name == "KAFKA":
        return kafka_serde(columns)
    raise SqlError(
        f"The format {format_.name} needs a registry",
        expected="JSON, DELIMITED or KAFKA",
        found=format_.name,
        remedy="Choose one of these.",
    )
