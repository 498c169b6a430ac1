"""From CREATE statements to sources: their columns, formats, topic and windows."""

from collections.abc import Sequence
from dataclasses import replace

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog, Source, SourceColumn
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.planning.properties import Properties
from eventlab.sql.planning.rows import SYSTEM_COLUMNS, Shape
from eventlab.sql.running.serdes import key_serde, value_serde
from eventlab.sql.syntax import ColumnDefinition, CreateAs, CreateSource

_ROLES = {"key": "key", "primary key": "key", "value": "value", "headers": "headers"}


def defined(statement: CreateSource, catalog: Catalog, text: str) -> Source:
    """Return the source that a CREATE statement makes over a topic. Raises SqlError."""
    properties = Properties(statement.properties)
    topic = properties.text("KAFKA_TOPIC")
    if topic is None:
        raise SqlError(
            f"It is not said in which topic {statement.name} is",
            expected="KAFKA_TOPIC among the properties",
            found="none",
            remedy="Write WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON').",
        )
    _require_keys(statement)
    columns = [
        SourceColumn(
            one.name,
            catalog.resolved(one.kind, one.position),
            _ROLES[one.role],  # type: ignore[arg-type]
            one.header,
        )
        for one in statement.elements
    ]
    _require_names(statement.elements)
    source = Source(
        kind=statement.kind,
        name=statement.name,
        columns=tuple(columns),
        topic=topic,
        key_format=properties.key_format(None),
        value_format=properties.value_format(None),
        window=properties.window(),
        event_time=properties.event_time(),
        partitions=properties.number("PARTITIONS"),
        replicas=properties.number("REPLICAS"),
        is_read_only=statement.is_source,
        text=text,
    )
    return required_formats(source)


def defined_as(statement: CreateAs, plan: Step, text: str) -> Source:
    """Return the source that a CREATE … AS SELECT statement makes of its plan. Raises SqlError.

    What its properties do not say is as in the first source that the query reads.
    """
    properties = Properties(statement.properties)
    shape = plan.shape
    first = sources_of(plan)[0]
    if statement.kind != shape.kind:
        raise SqlError(
            f"What the query gives is a {shape.kind}",
            expected=f"CREATE {shape.kind.upper()} … AS SELECT",
            found=f"CREATE {statement.kind.upper()}",
            remedy=f"Write {shape.kind.upper()} in place of {statement.kind.upper()}.",
        )
    inherited = first.key_format
    if inherited.name == "NONE" and shape.keys:
        inherited = replace(inherited, name="KAFKA")
    if not shape.keys and not first.keys:
        inherited = first.key_format
    source = Source(
        kind=statement.kind,
        name=statement.name,
        columns=columns_of(shape),
        topic=properties.text("KAFKA_TOPIC") or statement.name,
        key_format=properties.key_format(inherited),
        value_format=properties.value_format(replace(first.value_format, is_wrapped=None)),
        window=shape.window,
        event_time=properties.event_time(),
        partitions=properties.number("PARTITIONS") or first.partitions,
        replicas=properties.number("REPLICAS"),
        text=text,
    )
    return required_formats(source)


def columns_of(shape: Shape) -> tuple[SourceColumn, ...]:
    """Return the columns of a result: those of its key, and the others."""
    return tuple(
        SourceColumn(field.name, field.kind, "key" if place in shape.keys else "value")
        for place, field in enumerate(shape.fields)
    )


def required_formats(source: Source) -> Source:
    """Return the source; raise SqlError if its formats cannot hold its columns."""
    key_serde(source)
    value_serde(source)
    return source


def _require_keys(statement: CreateSource) -> None:
    roles = [one.role for one in statement.elements]
    if statement.kind == "table" and "primary key" not in roles:
        raise SqlError(
            f"The table {statement.name} has no key",
            expected="a column that is its PRIMARY KEY",
            found="none" if "key" not in roles else "KEY, which is a stream's",
            remedy="Write for example id INT PRIMARY KEY.",
        )
    wrong = "key" if statement.kind == "table" else "primary key"
    if wrong in roles:
        raise SqlError(
            f"A {statement.kind} has no {wrong.upper()} column",
            expected="PRIMARY KEY for a table, KEY for a stream",
            found=wrong.upper(),
            remedy="Take the other one of the two.",
        )


def _require_names(elements: Sequence[ColumnDefinition]) -> None:
    seen: set[str] = set()
    for one in elements:
        if one.name in SYSTEM_COLUMNS:
            raise SqlError(
                f"Every row has a column {one.name} already",
                expected="another name",
                found=one.name,
                remedy="Leave the column out: SELECT shows it all the same.",
                position=one.position,
            )
        if one.name in seen:
            raise SqlError(
                f"Two columns are called {one.name}",
                expected="names that are different",
                found=one.name,
                remedy="Give one of them another name.",
                position=one.position,
            )
        seen.add(one.name)
