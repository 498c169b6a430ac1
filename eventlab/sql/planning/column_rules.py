"""What the columns of a stream or a table may be: their roles, names and types, by its formats."""

from collections.abc import Collection, Sequence

from eventlab.errors import SqlError
from eventlab.sql.catalog import FormatName, Source, SourceColumn
from eventlab.sql.formats.serdes import key_serde, value_serde
from eventlab.sql.planning.event_times import event_time_reader
from eventlab.sql.planning.properties import Properties
from eventlab.sql.planning.rows import SYSTEM_COLUMNS
from eventlab.sql.syntax import ColumnDefinition, CreateSource, Position
from eventlab.sql.types import BYTES, STRING, ArrayType, MapType, StructType, types_within

_ALL_HEADERS = ArrayType(StructType((("KEY", STRING), ("VALUE", BYTES))))


def require_columns(statement: CreateSource, value_format: FormatName) -> None:
    """Raise SqlError for columns that a statement gives no role, or no name, that they can have."""
    if not statement.elements:
        raise SqlError(
            f"{statement.name} has no columns",
            expected="columns, each with a name and a type: only AVRO has schemas that have them",
            found=f"none, and the format {value_format}",
            remedy=f"Write them behind its name: {statement.name} (item STRING, price INT).",
            position=statement.position,
        )
    _require_keys(statement)
    require_new_names(statement.elements)


def require_header_type(column: SourceColumn, position: Position | None) -> None:
    """Raise SqlError for headers in a column of another type than they are of."""
    if column.role != "headers":
        return
    wanted = BYTES if column.header else _ALL_HEADERS
    if column.kind != wanted:
        raise SqlError(
            f"The column {column.name} cannot hold {'a header' if column.header else 'headers'}",
            expected=str(wanted),
            found=str(column.kind),
            remedy=f"Write {column.name} {wanted}.",
            position=position,
        )


def require_possible(
    source: Source, properties: Properties, place_of_key: Position | None = None
) -> None:
    """Raise SqlError for a source whose formats cannot hold its columns, or whose time is none.

    `place_of_key` is where the statement says what the key is.
    """
    _require_key_of_windows(source)
    _require_room_for_key(source, place_of_key)
    _require_single_if_stated(source, properties)
    for column in source.keys:
        _require_no_map(column)
    _require_texts_as_map_keys(source)
    key_serde(source)
    value_serde(source)
    event_time_reader(source)


def _require_key_of_windows(source: Source) -> None:
    if source.window is not None and not source.keys:
        raise SqlError(
            f"The rows of {source.name} are of windows, and have no key",
            expected="a column that is its KEY, whose windows they are",
            found="none",
            remedy="Write for example id INT KEY, or leave WINDOW_TYPE out.",
        )


def _require_room_for_key(source: Source, position: Position | None) -> None:
    if source.key_format.name == "KAFKA" and len(source.keys) > 1:
        names = ", ".join(column.name for column in source.keys)
        raise SqlError(
            f"The key of {source.name} has {len(source.keys)} columns",
            expected="a format for keys that holds several: KAFKA, the usual one, holds one",
            found=names,
            remedy="Write WITH (KEY_FORMAT='JSON').",
            position=position,
        )


def _require_single_if_stated(source: Source, properties: Properties) -> None:
    if properties.has("WRAP_SINGLE_VALUE") and len(source.values) != 1:
        raise SqlError(
            "WRAP_SINGLE_VALUE is said of values with a single column",
            expected="one column beside the key",
            found=f"{len(source.values)}",
            remedy="Leave WRAP_SINGLE_VALUE out.",
        )


def _require_no_map(column: SourceColumn) -> None:
    if any(isinstance(kind, MapType) for kind in types_within(column.kind)):
        raise SqlError(
            f"The column {column.name} cannot be a key",
            expected="a type without a MAP: equal maps can be written differently",
            found=str(column.kind),
            remedy="Take some of its values for the key, such as stock['pen'].",
        )


def _require_texts_as_map_keys(source: Source) -> None:
    """Raise SqlError for maps that a format has no place for."""
    name = source.value_format.name
    for column in source.values if name in ("JSON", "AVRO") else ():
        for kind in types_within(column.kind):
            if isinstance(kind, MapType) and kind.key != STRING:
                raise SqlError(
                    f"{name} cannot hold the column {column.name}",
                    expected="maps whose keys are of type STRING",
                    found=str(kind),
                    remedy="Make the keys texts: CAST(… AS STRING).",
                )


def _require_keys(statement: CreateSource) -> None:
    roles = [one.role for one in statement.elements]
    if statement.kind == "table" and "primary key" not in roles:
        raise SqlError(
            f"The table {statement.name} has no key",
            expected="a column that is its PRIMARY KEY",
            found="none" if "key" not in roles else "KEY, which is a stream's",
            remedy="Write for example id INT PRIMARY KEY.",
            position=statement.position,
        )
    wrong = "key" if statement.kind == "table" else "primary key"
    if wrong in roles:
        raise SqlError(
            f"A {statement.kind} has no {wrong.upper()} column",
            expected="PRIMARY KEY for a table, KEY for a stream",
            found=wrong.upper(),
            remedy="Take the other one of the two.",
            position=statement.position,
        )


def require_new_names(elements: Sequence[ColumnDefinition], taken: Collection[str] = ()) -> None:
    """Raise SqlError for a column whose name another one has, or every row."""
    seen = set(taken)
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
                found=f"{one.name} again",
                remedy="Give one of them another name.",
                position=one.position,
            )
        seen.add(one.name)
