"""Reading what should be so: ASSERT, of topics and schemas, of sources, and of what is in them."""

from eventlab.sql import syntax
from eventlab.sql.grammar.cursor import alternatives
from eventlab.sql.grammar.reading import Reader
from eventlab.sql.grammar.reading_sources import (
    read_elements,
    read_names,
    read_properties,
    read_source_kind,
)

_WORDS = ["VALUES", "NULL VALUES", "STREAM", "TABLE", "TOPIC", "SCHEMA"]


def read_assert(reader: Reader) -> syntax.Assertion:
    """Take what stands behind ASSERT."""
    place = reader.position
    if reader.take("NULL"):
        return _tombstone(reader, place)
    if reader.take("VALUES"):
        return _values(reader, place)
    if reader.at_any(("STREAM", "TABLE")):
        return _source(reader, place)
    is_negated = reader.take("NOT", "EXISTS")
    if reader.take("TOPIC"):
        return _topic(reader, is_negated, place)
    if not reader.take("SCHEMA"):
        reader.example = "ASSERT VALUES totals (id, total) VALUES (1, 9.5);"
        words = _WORDS[-2:] if is_negated else _WORDS
        reader.refuse(alternatives(words), words)
    return _schema(reader, is_negated, place)


def _values(reader: Reader, place: syntax.Position) -> syntax.AssertValues:
    reader.example = "ASSERT VALUES totals (id, total) VALUES (1, 9.5);"
    name = reader.source_name("the name of a stream or a table")
    columns, places = read_names(reader)
    reader.expect("VALUES")
    values = reader.wrapped(reader.read_value)
    return syntax.AssertValues(name, columns, values, position=place, places=places)


def _tombstone(reader: Reader, place: syntax.Position) -> syntax.AssertValues:
    reader.example = "ASSERT NULL VALUES totals (id) KEY (1);"
    reader.expect("VALUES")
    name = reader.source_name("the name of a stream or a table")
    columns, places = read_names(reader)
    reader.expect("KEY")
    values = reader.wrapped(reader.read_value)
    return syntax.AssertValues(
        name, columns, values, is_tombstone=True, position=place, places=places
    )


def _source(reader: Reader, place: syntax.Position) -> syntax.AssertSource:
    reader.example = "ASSERT TABLE totals (id INT PRIMARY KEY, total DOUBLE);"
    kind = read_source_kind(reader)
    name = reader.source_name(f"the name of the {kind}")
    elements = read_elements(reader)
    return syntax.AssertSource(kind, name, elements, read_properties(reader), place)


def _topic(reader: Reader, is_negated: bool, place: syntax.Position) -> syntax.AssertTopic:
    reader.example = "ASSERT TOPIC orders WITH (PARTITIONS = 4) TIMEOUT 10 SECONDS;"
    topic = reader.resource("the name of a topic")
    properties = read_properties(reader)
    return syntax.AssertTopic(topic, properties, is_negated, _timeout(reader), place)


def _schema(reader: Reader, is_negated: bool, place: syntax.Position) -> syntax.AssertSchema:
    reader.example = "ASSERT SCHEMA SUBJECT 'orders-value' TIMEOUT 10 SECONDS;"
    subject = reader.resource("the name of a subject") if reader.take("SUBJECT") else None
    schema_id = reader.whole_number("the id of a schema") if reader.take("ID") else None
    if subject is None and schema_id is None:
        reader.refuse("`SUBJECT` or `ID`", ["SUBJECT", "ID"])
    return syntax.AssertSchema(subject, schema_id, is_negated, _timeout(reader), place)


def _timeout(reader: Reader) -> int | None:
    return reader.duration("a length of time") if reader.take("TIMEOUT") else None
