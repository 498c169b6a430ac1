"""What ASSERT says of a stream or a table, held against the catalog and against rows.

Source: ksqlDB's documentation, "ksqlDB Testing Tool".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from eventlab.errors import SqlError, shown
from eventlab.sql.catalog import Catalog, Source
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.defining import columns_written
from eventlab.sql.planning.inserting import written_values
from eventlab.sql.planning.properties import NAMES, Properties
from eventlab.sql.planning.rows import ROWTIME, key_reader
from eventlab.sql.syntax import AssertSource, AssertValues, Position, WrittenProperties
from eventlab.sql.texts import writer
from eventlab.sql.types import BIGINT, STRING, SqlType
from eventlab.streams import Arrival

Pair: TypeAlias = tuple[str | None, Arrival]  # a key's text, and the row of it

_OF_TOPICS = ("PARTITIONS", "REPLICAS")


# -- sources ------------------------------------------------------------------------------------


def require_source(statement: AssertSource, catalog: Catalog) -> None:
    """Raise SqlError unless a source is as a statement says; what it does not say may be any."""
    source = catalog.source(statement.name, statement.position)
    if source.kind != statement.kind:
        raise _mismatch(source, statement.position, f"a {statement.kind}", f"a {source.kind}")
    if statement.elements:
        _require_columns(statement, source, catalog)
    allowed = tuple(name for name in NAMES if name not in _OF_TOPICS)
    said = Properties(statement.properties, catalog.settings, allowed=allowed)
    for name in statement.properties:
        expected = _said(said, name)
        found = _found(source, name)
        if expected != found:
            words = (f"{name}={shown(expected)}", f"{name}={shown(found)}")
            raise _mismatch(source, _place(statement, name), *words)


def _place(statement: AssertSource, name: str) -> Position | None:
    said = statement.properties
    places = said.positions if isinstance(said, WrittenProperties) else {}
    return places.get(name, statement.position)


def _require_columns(statement: AssertSource, source: Source, catalog: Catalog) -> None:
    expected = columns_written(statement.elements, catalog)
    order = ["key", "value", "headers"].index
    there = sorted(source.columns, key=lambda one: order(one.role))
    for column, element in sorted(
        zip(expected, statement.elements, strict=True), key=lambda pair: order(pair[0].role)
    ):
        found = there.pop(0) if there else None
        if found != column:
            words = (_column_text(column), "none" if found is None else _column_text(found))
            raise _mismatch(source, element.position, *words)
    if there:
        rest = ", ".join(map(_column_text, there))
        raise _mismatch(source, statement.position, "no further columns", rest)


def _column_text(column: Any) -> str:
    role = "" if column.role == "value" else f" {column.role.upper()}"
    return f"{column.name} {column.kind}{role}"


def _said(properties: Properties, name: str) -> Any:
    """Return what a statement says of a property, as `_found` says it of a source."""
    match name:
        case "TIMESTAMP":
            time = properties.event_time()
            return None if time is None else time.column
        case "WINDOW_TYPE" | "WINDOW_SIZE":
            return properties.window()
        case "WRAP_SINGLE_VALUE":
            return properties.boolean(name)
        case "FORMAT" | "KEY_FORMAT" | "VALUE_FORMAT":
            return str(properties.text(name)).upper()
    return properties.text(name)


def _found(source: Source, name: str) -> Any:
    key = source.key_format
    value = source.value_format
    time = source.event_time
    formats = key.name if key.name == value.name else f"{key.name} and {value.name}"
    found: Mapping[str, Any] = {
        "FORMAT": formats,
        "KAFKA_TOPIC": source.topic,
        "KEY_DELIMITER": key.delimiter,
        "KEY_FORMAT": key.name,
        "KEY_SCHEMA_FULL_NAME": key.full_name,
        "TIMESTAMP": None if time is None else time.column,
        "TIMESTAMP_FORMAT": None if time is None else time.pattern,
        "VALUE_AVRO_SCHEMA_FULL_NAME": value.full_name,
        "VALUE_DELIMITER": value.delimiter,
        "VALUE_FORMAT": value.name,
        "VALUE_SCHEMA_FULL_NAME": value.full_name,
        "WINDOW_SIZE": source.window,
        "WINDOW_TYPE": source.window,
        "WRAP_SINGLE_VALUE": value.is_wrapped is not False,
    }
    return found[name]


def _mismatch(source: Source, position: Position | None, expected: str, found: str) -> SqlError:
    return SqlError(
        f"{source.name} is not what ASSERT says",
        expected=expected,
        found=found,
        remedy=f"DESCRIBE {source.name}; shows what it is.",
        position=position,
    )


# -- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    """The row that ASSERT VALUES says comes next, by the columns that it names."""

    statement: AssertValues
    source: Source
    values: Mapping[str, Any]

    def require(self, pair: Pair) -> None:
        """Raise SqlError unless a row is this one; columns that are not named may be any."""
        found = _values(self.source, pair)
        is_tombstone = pair[1].event is None
        names = list(self.values)
        different = [name for name in names if found.get(name) != self.values[name]]
        if is_tombstone == self.statement.is_tombstone and not different:
            return
        place = names.index(different[0]) if different else 0
        raise SqlError(
            f"The next row of {self.source.name} is not what ASSERT says",
            expected=self._text(self.values, is_tombstone=self.statement.is_tombstone),
            found=self._text(found, is_tombstone=is_tombstone),
            remedy="Correct what ASSERT says, or the query that makes the row.",
            position=self.statement.values[place].position or self.statement.position,
        )

    def missing(self, number: int, why: str = "") -> SqlError:
        """Return the error where there is no row but the `number` that were there before."""
        return SqlError(
            f"{self.source.name} has no further row",
            expected=self._text(self.values, is_tombstone=self.statement.is_tombstone),
            found=f"{number} {'row' if number == 1 else 'rows'} before it, and no other{why}",
            remedy="Each ASSERT VALUES takes the next row, from the first one on.",
            position=self.statement.position,
        )

    def _text(self, values: Mapping[str, Any], *, is_tombstone: bool) -> str:
        kinds = {column.name: column.kind for column in self.source.columns}
        names = [column.name for column in self.source.keys] if is_tombstone else self.values
        texts = [
            f"{name} {_text(values[name], kinds.get(name, BIGINT))}"
            for name in names
            if name in values
        ]
        return f"{'a tombstone of ' if is_tombstone else ''}{', '.join(texts)}"


def expected_row(statement: AssertValues, catalog: Catalog, compiler: Compiler) -> Expected:
    """Return the row that a statement says comes next. Raises SqlError."""
    source = catalog.source(statement.name, statement.position)
    columns = statement.columns
    if statement.is_tombstone:
        keys = tuple(column.name for column in source.keys)
        columns = columns or keys
        others = [name for name in columns if name not in (*keys, ROWTIME)]
        if others:
            raise SqlError(
                "A tombstone has no value",
                expected=f"columns of the key: {', '.join(keys) or 'there are none'}",
                found=", ".join(others),
                remedy=f"ASSERT VALUES {source.name} says what a row has that is there.",
                position=statement.position,
            )
    return Expected(statement, source, written_values(columns, statement, source, compiler))


def _values(source: Source, pair: Pair) -> dict[str, Any]:
    key, item = pair
    if item.event is None:
        names = [column.name for column in source.keys]
        read = key_reader([column.kind for column in source.keys])
        return dict(zip(names, read(key), strict=True)) | {ROWTIME: item.time}
    names = [column.name for column in source.columns]
    return dict(zip(names, item.event, strict=False)) | {ROWTIME: item.time}


def _text(value: Any, kind: SqlType) -> str:
    if value is None:
        return "NULL"
    return f"'{value}'" if kind == STRING else writer(kind)(value)
