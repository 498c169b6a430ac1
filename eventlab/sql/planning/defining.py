"""From CREATE statements to sources: their columns, formats, topic and windows."""

from collections.abc import Sequence
from dataclasses import replace

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog, Format, Source, SourceColumn
from eventlab.sql.planning.column_rules import (
    require_columns,
    require_header_type,
    require_possible,
)
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.planning.properties import Properties
from eventlab.sql.planning.rows import Shape
from eventlab.sql.syntax import ColumnDefinition, CreateAs, CreateSource, Position, Query

# What a query knows is kept in files that are named by its id, with its number and its part in it;
# a file system takes names of 255 bytes.
_MOST_LETTERS = 255 - len("CSAS__1234567890-1234567890.arriving")

_ROLES = {"key": "key", "primary key": "key", "value": "value", "headers": "headers"}


def defined(statement: CreateSource, catalog: Catalog, text: str) -> Source:
    """Return the source that a CREATE statement makes over a topic. Raises SqlError."""
    properties = Properties(statement.properties, catalog.settings, schemas=catalog.schemas)
    value_format = properties.value_format(None)
    require_columns(statement, value_format.name)
    source = Source(
        kind=statement.kind,
        name=statement.name,
        columns=columns_written(statement.elements, catalog),
        topic=_topic(statement, properties),
        key_format=properties.key_format(None),
        value_format=value_format,
        window=properties.window(),
        event_time=properties.event_time(),
        partitions=properties.number("PARTITIONS"),
        replicas=properties.number("REPLICAS"),
        is_read_only=statement.is_source,
        text=text,
    )
    require_possible(source, properties, _place_of_keys(statement))
    return source


def defined_as(statement: CreateAs, plan: Step, catalog: Catalog, text: str) -> Source:
    """Return the source that a CREATE … AS SELECT statement makes of its plan. Raises SqlError.

    What its properties do not say is as in the first source that the query reads.
    """
    _require_short(statement)
    properties = Properties(statement.properties, catalog.settings, schemas=catalog.schemas)
    shape = plan.shape
    first = sources_of(plan)[0]
    _require_kind(statement, shape)
    source = Source(
        kind=statement.kind,
        name=statement.name,
        columns=columns_of(shape),
        topic=properties.topic_of_result(statement.name),
        key_format=properties.key_format(_inherited_key(first, shape, properties)),
        value_format=properties.value_format(replace(first.value_format, is_wrapped=None)),
        window=shape.window,
        event_time=properties.event_time(),
        partitions=properties.number("PARTITIONS") or first.partitions,
        replicas=properties.number("REPLICAS"),
        is_derived=True,
        text=text,
    )
    _require_key_if_stated(source, properties)
    require_possible(source, properties, _place_of_groups(statement.query))
    return source


def columns_written(
    elements: Sequence[ColumnDefinition], catalog: Catalog
) -> tuple[SourceColumn, ...]:
    """Return columns as a statement writes them. Raises SqlError."""
    return tuple(_column(one, catalog) for one in elements)


def _column(definition: ColumnDefinition, catalog: Catalog) -> SourceColumn:
    kind = catalog.resolved(definition.kind, definition.position)
    role = _ROLES[definition.role]
    column = SourceColumn(definition.name, kind, role, definition.header)  # type: ignore[arg-type]
    require_header_type(column, definition.position)
    return column


def _place_of_keys(statement: CreateSource) -> Position | None:
    return next((one.position for one in statement.elements if _ROLES[one.role] == "key"), None)


def _place_of_groups(query: Query) -> Position | None:
    """Return where a query says what the key of its result is."""
    return next((one.position for one in (*query.group_by, *query.partition_by)), query.position)


def _topic(statement: CreateSource, properties: Properties) -> str:
    topic = properties.text("KAFKA_TOPIC")
    if topic is not None:
        return topic
    raise SqlError(
        f"The statement does not name the topic of {statement.name}",
        expected="KAFKA_TOPIC among the properties",
        found="none",
        remedy="Write WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON').",
        position=statement.position,
    )


def _inherited_key(first: Source, shape: Shape, properties: Properties) -> Format:
    """Return the format of a result's key: the first source's, unless that has no key."""
    if first.key_format.name == "NONE" and shape.keys:
        return properties.default_key_format()
    return first.key_format


def _require_short(statement: CreateAs) -> None:
    if len(statement.name) > _MOST_LETTERS:
        raise SqlError(
            f"The name of this {statement.kind} is too long for the files of its query",
            expected=f"up to {_MOST_LETTERS} letters",
            found=f"{len(statement.name)}",
            remedy="Choose a shorter name.",
            position=statement.position,
        )


def _require_kind(statement: CreateAs, shape: Shape) -> None:
    if statement.kind != shape.kind:
        raise SqlError(
            f"What the query gives is a {shape.kind}",
            expected=f"CREATE {shape.kind.upper()} … AS SELECT",
            found=f"CREATE {statement.kind.upper()}",
            remedy=f"Write {shape.kind.upper()} in place of {statement.kind.upper()}.",
            position=statement.position,
        )


def columns_of(shape: Shape) -> tuple[SourceColumn, ...]:
    """Return the columns of a result: those of its key, and the others."""
    return tuple(
        SourceColumn(field.name, field.kind, "key" if place in shape.keys else "value")
        for place, field in enumerate(shape.fields)
    )


def _require_key_if_stated(source: Source, properties: Properties) -> None:
    if properties.has("KEY_FORMAT") and source.key_format.name != "NONE" and not source.keys:
        raise SqlError(
            f"{source.name} has a format for its key, and no key",
            expected="a KEY column, or no KEY_FORMAT",
            found=f"KEY_FORMAT='{source.key_format.name}'",
            remedy="Leave KEY_FORMAT out.",
        )
