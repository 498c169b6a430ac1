"""Which serde a stream's or a table's keys have, and its values, and which schemas these need."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from eventlab.errors import SqlError
from eventlab.sql.catalog import Format, Source, SourceColumn
from eventlab.sql.formats.delimited import delimited_serde
from eventlab.sql.formats.json_format import json_serde
from eventlab.sql.formats.kafka_format import kafka_serde
from eventlab.sql.formats.serde import Columns, Serde
from eventlab.sql.schemas import PARTS, Part, Schemas

if TYPE_CHECKING:  # Avro's libraries, which other formats never need
    from eventlab.log.schemas.avro_schema import AvroSchema


class Subject(NamedTuple):
    """What a source writes by: its schema, the subject under which it is known, and where."""

    schemas: Schemas
    name: str
    schema: "AvroSchema"


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
    return _serde(source, "key", columns)


def value_serde(source: Source) -> Serde:
    """Return how the values of a topic are written. Raises SqlError."""
    return _serde(source, "value", _columns(source.values))


def subjects_of(source: Source) -> list[Subject]:
    """Return what a registry is to know of the topic of a source. Raises SqlError."""
    return [
        _subject(source, part, schemas)
        for part in PARTS
        if (schemas := _format(source, part).schemas) is not None
        and _columns_of(source, part)
        and not _is_text(source, part)
    ]


def _subject(source: Source, part: Part, schemas: Schemas) -> Subject:
    from eventlab.sql.formats.avro_format import avro_schema

    columns = _columns(_columns_of(source, part))
    is_wrapped = _is_wrapped(source, part)
    schema = avro_schema(columns, _full_name(source, part), is_wrapped=is_wrapped)
    return Subject(schemas, schemas.subject(source.topic, part), schema)


def _columns_of(source: Source, part: Part) -> tuple[SourceColumn, ...]:
    return source.keys if part == "key" else source.values


def _format(source: Source, part: Part) -> Format:
    return source.key_format if part == "key" else source.value_format


def _is_text(source: Source, part: Part) -> bool:
    """Tell whether bytes of a format with schemas are text all the same: the keys of windows are.

    See `wires`: a window stands behind the key's text.
    """
    return part == "key" and source.window is not None


def _is_wrapped(source: Source, part: Part) -> bool:
    if part == "key":
        # A single column of a key stands by itself, as ksqlDB writes it.
        return len(source.keys) > 1
    return len(source.values) != 1 or source.value_format.is_wrapped is not False


def _full_name(source: Source, part: Part) -> str:
    from eventlab.sql.formats.avro_types import VALUE_NAME, key_name

    given = _format(source, part).full_name
    return given or (key_name(source.name) if part == "key" else VALUE_NAME)


def _columns(columns: Sequence[SourceColumn]) -> Columns:
    return [(column.name, column.kind) for column in columns]


def _serde(source: Source, part: Part, columns: Columns) -> Serde:
    format_ = _format(source, part)
    is_wrapped = _is_wrapped(source, part)
    if format_.name == "JSON" or (format_.name == "AVRO" and _is_text(source, part)):
        return json_serde(columns, is_wrapped=is_wrapped)
    if format_.name == "DELIMITED":
        return delimited_serde(columns, format_.delimiter)
    if format_.name == "KAFKA":
        return kafka_serde(columns)
    from eventlab.sql.formats.avro_format import avro_serde

    schemas = format_.schemas or Schemas()
    schemas.require()
    subject = schemas.subject(source.topic, part)
    name = _full_name(source, part)
    return avro_serde(columns, schemas, subject, name, is_wrapped=is_wrapped)
