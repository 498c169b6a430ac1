"""Columns that a statement does not write: taken from the newest schemas of its topic.

Source: ksqlDB's documentation, "Schema inference".
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.grammar.parsing import Parsed
from eventlab.sql.planning.properties import Properties
from eventlab.sql.schemas import Part, Schemas
from eventlab.sql.syntax import ColumnDefinition, CreateSource

_KEYS = ("key", "primary key")
_SINGLE = {"key": "ROWKEY", "value": "ROWVAL"}


def with_columns(statement: CreateSource, catalog: Catalog) -> CreateSource:
    """Return a statement with the columns that it leaves to the schemas of its topic, if any.

    Key and value are looked at for themselves: which of the two has no columns, and a format with
    schemas, gets those of its newest one. Raises SqlError where there is no such schema.
    """
    properties = Properties(statement.properties, catalog.settings, schemas=catalog.schemas)
    topic = properties.text("KAFKA_TOPIC")
    elements = statement.elements
    if topic is None:
        return statement
    if not any(one.role in _KEYS for one in elements):
        schemas = properties.key_format(None).schemas
        if schemas is not None:
            elements = (*_inferred(statement, schemas, topic, "key", is_wrapped=False), *elements)
    if not any(one.role == "value" for one in statement.elements):
        value_format = properties.value_format(None)
        if value_format.schemas is not None:
            is_wrapped = value_format.is_wrapped is not False
            found = _inferred(
                statement, value_format.schemas, topic, "value", is_wrapped=is_wrapped
            )
            elements = (*elements, *found)
    return statement if elements == statement.elements else replace(statement, elements=elements)


def written_out(parsed: Parsed, catalog: Catalog) -> Parsed:
    """Return a statement as it is to be run again later: with columns that were inferred now.

    A schema may have newer versions by then. Raises SqlError.
    """
    statement = parsed.statement
    if not isinstance(statement, CreateSource):
        return parsed
    if statement.if_not_exists and statement.name in catalog.sources:
        return parsed
    complete = with_columns(statement, catalog)
    if complete is statement:
        return parsed
    return replace(parsed, statement=complete, text=_text(complete))


def _inferred(
    statement: CreateSource, schemas: Schemas, topic: str, part: Part, *, is_wrapped: bool
) -> Sequence[ColumnDefinition]:
    from eventlab.sql.formats.avro_types import NoSuchType, columns_of, schema_of

    subject = schemas.subject(topic, part)
    if not schemas.has(subject):
        raise _no_schema(statement, subject, part)
    try:
        schema = schema_of(schemas.newest(subject).form)
        columns = columns_of(schema, single=None if is_wrapped else _SINGLE[part])
    except NoSuchType as error:
        raise SqlError(
            f"The columns of {statement.name} cannot be taken from the schema of {subject}",
            expected="a record, with fields of the types that there are here",
            found=f"a schema that is none: {error}",
            remedy="WRAP_SINGLE_VALUE=false takes a value for one column; or write the columns.",
            position=statement.position,
        ) from None
    role = "value" if part == "value" else "primary key" if statement.kind == "table" else "key"
    return [ColumnDefinition(name, kind, role) for name, kind in columns]  # type: ignore[arg-type]


def _no_schema(statement: CreateSource, subject: str, part: Part) -> SqlError:
    remedy = f"Write its columns: {statement.name} (item STRING, price INT)."
    if part == "key":
        key = "id INT PRIMARY KEY" if statement.kind == "table" else "id INT KEY"
        remedy = f"Write the key's column, {key}; or for rows without a key KEY_FORMAT='NONE'."
    return SqlError(
        f"{statement.name} has no columns for its {part}, and there is no schema to take them from",
        expected=f"a schema of the subject {subject}",
        found="none",
        remedy=remedy,
        position=statement.position,
    )


# -- as text ------------------------------------------------------------------------------------


def _text(statement: CreateSource) -> str:
    words = [
        "CREATE",
        "OR REPLACE" if statement.or_replace else "",
        "SOURCE" if statement.is_source else "",
        statement.kind.upper(),
        "IF NOT EXISTS" if statement.if_not_exists else "",
        f"`{statement.name}`",
        f"({', '.join(map(_column, statement.elements))})",
        f"WITH ({', '.join(map(_property, statement.properties.items()))})",
    ]
    return " ".join(word for word in words if word)


def _column(one: ColumnDefinition) -> str:
    role = "" if one.role == "value" else f" {one.role.upper()}"
    if one.header:
        role = f" HEADER({_quoted(one.header)})"
    return f"`{one.name}` {one.kind}{role}"


def _property(pair: tuple[str, Any]) -> str:
    name, value = pair
    return f"{name}={_quoted(value) if isinstance(value, str) else str(value).upper()}"


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
