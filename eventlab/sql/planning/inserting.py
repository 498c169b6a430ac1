"""What is inserted into a source that is there: the result of a query, or one row."""

from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError, shown
from eventlab.moments import TIMES_OF_RECORDS, is_time_of_record
from eventlab.sql.catalog import Source, SourceColumn, near
from eventlab.sql.expressions.casts import caster
from eventlab.sql.expressions.coercion import wider
from eventlab.sql.formats.serdes import key_serde, value_serde
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.plans import Project, Step
from eventlab.sql.planning.rows import ROWTIME, Shape
from eventlab.sql.syntax import AssertValues, Expression, InsertValues, Position
from eventlab.sql.types import (
    BIGINT,
    BYTES,
    DATE,
    DOUBLE,
    STRING,
    TIME,
    TIMESTAMP,
    Plain,
    SqlType,
    is_number,
)


def insert_plan(plan: Step, target: Source) -> Step:
    """Return a plan whose result has the columns of a source, in their order. Raises SqlError."""
    if target.is_read_only:
        raise _read_only(target)
    if target.kind == "table":
        raise _into_table(target)
    assert isinstance(plan, Project)
    shape = plan.shape
    _require_columns(target, shape)
    number = len(shape.keys)
    for field, key in zip(shape.fields[:number], target.keys, strict=True):
        _require_fitting(field.kind, key, target)
    names = [field.name for field in shape.fields]
    by_name = dict(zip(names[number:], plan.values, strict=True))
    values = []
    fields = []
    for column in target.values:
        field = shape.fields[names.index(column.name)]
        values.append(_converted(by_name[column.name], field.kind, column, target))
        fields.append(replace(field, kind=column.kind))
    inserted_shape = replace(shape, fields=(*shape.fields[:number], *fields))
    return Project(plan.up, tuple(values), inserted_shape)


def _require_columns(target: Source, shape: Shape) -> None:
    keys = [shape.fields[place].name for place in shape.keys]
    values = {field.name for place, field in enumerate(shape.fields) if place not in shape.keys}
    is_same = values == {column.name for column in target.values}
    if not is_same or keys != [column.name for column in target.keys]:
        raise SqlError(
            f"The result does not have the columns of {target.name}",
            expected=_described(target),
            found=", ".join(f"{field.name} {field.kind}" for field in shape.fields),
            remedy="Name each column, in the same order: SELECT price AS cents ….",
        )


def inserted(
    statement: InsertValues, target: Source, compiler: Compiler, *, now: int
) -> tuple[bytes | None, bytes | None, int]:
    """Return key, value and time of the record that INSERT … VALUES makes. Raises SqlError."""
    if target.is_read_only:
        raise _read_only(target)
    found = written_values(statement.columns, statement, target, compiler)
    keys = [found.get(column.name) for column in target.keys]
    if target.kind == "table":
        _require_key(target, keys)
    serde = key_serde(target)
    has_key = serde is not None and any(value is not None for value in keys)
    key = serde.write(keys) if serde is not None and has_key else None
    value = value_serde(target).write([found.get(column.name) for column in target.values])
    return key, value, found.get(ROWTIME, now)


def written_values(
    columns: Sequence[str],
    statement: InsertValues | AssertValues,
    source: Source,
    compiler: Compiler,
) -> dict[str, Any]:
    """Return the values that a statement writes out, by the names of their columns.

    No `columns` are all of the source's, in their order. Raises SqlError.
    """
    names = columns or tuple(column.name for column in (*source.keys, *source.values))
    places: Sequence[Position | None] = statement.places
    if not places:
        places = [one.position for one in statement.values]
    _require_a_value_each(names, statement, places)
    return {
        name: _value(compiler, expression, _column(source, name, place))
        for name, expression, place in zip(names, statement.values, places, strict=True)
    }


def _require_a_value_each(
    names: Sequence[str],
    statement: InsertValues | AssertValues,
    places: Sequence[Position | None],
) -> None:
    if len(names) != len(statement.values):
        raise SqlError(
            "The numbers of columns and of values differ",
            expected=f"{len(names)} values: {', '.join(names)}",
            found=f"{len(statement.values)}",
            remedy="Give each column its value.",
            position=places[0],
        )
    twice = [number for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise SqlError(
            f"The column {names[twice[0]]} is named twice",
            expected="each column once",
            found=f"{names[twice[0]]} again",
            remedy="Leave one of the two out.",
            position=places[twice[0]],
        )


def _column(target: Source, name: str, position: Position | None) -> SourceColumn:
    columns = {column.name: column for column in (*target.keys, *target.values)}
    if name == ROWTIME:
        return SourceColumn(ROWTIME, BIGINT)
    if name in columns:
        return columns[name]
    raise SqlError(
        f"{target.name} has no column {name}",
        expected=", ".join(columns),
        found=near(name, columns) or name,
        remedy="Name one of these.",
        position=position,
    )


def _value(compiler: Compiler, expression: Expression, column: SourceColumn) -> Any:
    """Return a value that is written out, as one of its column."""
    compiled = compiler.compiled(expression, Shape("stream", (), ()))
    value = compiled.evaluate(())
    if column.name == ROWTIME:
        if not isinstance(value, int):
            found = "NULL" if value is None else str(compiled.kind)
            raise _no_time("The time of a row is a number", found, expression)
        if not is_time_of_record(value):
            raise _no_time("A row cannot have this time", str(value), expression)
    if value is None or compiled.kind is None or compiled.kind == column.kind:
        return value
    return _as_of_column(value, compiled.kind, expression, column)


def _no_time(message: str, found: str, expression: Expression) -> SqlError:
    return SqlError(
        message,
        expected=TIMES_OF_RECORDS,
        found=found,
        remedy="Write for example 1700000000000, or leave ROWTIME out.",
        position=expression.position,
    )


def _as_of_column(value: Any, kind: SqlType, expression: Expression, column: SourceColumn) -> Any:
    """Return a value of another type as one of its column, if nothing of it is lost."""
    wanted = column.kind
    if kind == STRING and wanted == BYTES:
        return _from_base64(value, expression, column)
    if _is_of_family(kind, wanted):
        try:
            converted = caster(kind, wanted, expression.position)(value)
        except (ValueError, ArithmeticError):
            converted = None
        if converted is not None and (converted == value or not _is_exact(wanted)):
            return converted
    raise SqlError(
        f"The column {column.name} cannot hold this value",
        expected=str(wanted),
        found=f"{shown(value)}, of type {kind}",
        remedy="Write a value of the column's type, or CAST(… AS …) what is to be another one.",
        position=expression.position,
    )


def _from_base64(text: str, expression: Expression, column: SourceColumn) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise SqlError(
            f"The column {column.name} cannot hold this value",
            expected="BYTES, as a text in base64",
            found=shown(text),
            remedy="Write for example 'a2Fma2E=', or TO_BYTES('kafka', 'utf8').",
            position=expression.position,
        ) from None


def _is_of_family(kind: SqlType, wanted: SqlType) -> bool:
    """Tell whether values of a type are taken for those of a column without a CAST."""
    if is_number(kind):
        return is_number(wanted)
    if kind == STRING:
        return wanted in (DATE, TIME, TIMESTAMP)
    return not isinstance(kind, Plain) and type(kind) is type(wanted)


def _is_exact(kind: SqlType) -> bool:
    return is_number(kind) and kind != DOUBLE


def _require_key(target: Source, keys: Sequence[Any]) -> None:
    if None in keys:
        raise SqlError(
            f"A row of the table {target.name} needs its key",
            expected=", ".join(column.name for column in target.keys),
            found="NULL",
            remedy="Give the key's column a value.",
        )


def _converted(evaluate: Any, kind: SqlType, column: SourceColumn, target: Source) -> Any:
    if kind == column.kind:
        return evaluate
    _require_fitting(kind, column, target)
    cast = caster(kind, column.kind)

    def converted(row: tuple[Any, ...]) -> Any:
        value = evaluate(row)
        return None if value is None else cast(value)

    return converted


def _require_fitting(kind: SqlType, column: SourceColumn, target: Source) -> None:
    if kind != column.kind and wider(kind, column.kind) != column.kind:
        raise SqlError(
            f"A column of the result is of another type than in {target.name}",
            expected=f"{column.name} {column.kind}",
            found=f"{column.name} {kind}",
            remedy=f"Cast it: CAST({column.name} AS {column.kind}).",
        )


def _described(source: Source) -> str:
    return ", ".join(f"{column.name} {column.kind}" for column in (*source.keys, *source.values))


def _read_only(target: Source) -> SqlError:
    return SqlError(
        f"Nobody may write to {target.name}",
        expected="a source that was created without SOURCE",
        found="a SOURCE, which is only read",
        remedy="Create another stream or table over the topic.",
    )


def _into_table(target: Source) -> SqlError:
    return SqlError(
        f"The result of a query cannot be inserted into the table {target.name}",
        expected="a stream",
        found="a table",
        remedy="Make a table of the query: CREATE TABLE … AS SELECT ….",
    )
