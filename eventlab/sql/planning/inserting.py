"""What is inserted into a source that is there: the result of a query, or one row."""

from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source, SourceColumn, near
from eventlab.sql.expressions.casts import caster
from eventlab.sql.expressions.coercion import wider
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.plans import Project, Step
from eventlab.sql.planning.rows import Shape
from eventlab.sql.running.serdes import key_serde, value_serde
from eventlab.sql.syntax import InsertValues
from eventlab.sql.types import SqlType


def insert_plan(plan: Step, target: Source) -> Step:
    """Return a plan whose result has the columns of a source, in their order. Raises SqlError."""
    if target.is_read_only:
        raise _read_only(target)
    if target.kind == "table":
        raise _into_table(target)
    assert isinstance(plan, Project)
    shape = plan.shape
    wanted = [*target.keys, *target.values]
    names = [field.name for field in shape.fields]
    missing = [column.name for column in wanted if column.name not in names]
    further = [name for name in names if name not in {column.name for column in wanted}]
    keys = [shape.fields[place].name for place in shape.keys]
    if missing or further or keys != [column.name for column in target.keys]:
        raise SqlError(
            f"The result does not have the columns of {target.name}",
            expected=_described(target),
            found=", ".join(f"{field.name} {field.kind}" for field in shape.fields),
            remedy="Name each column, in the same order: SELECT price AS cents ….",
        )
    number = len(shape.keys)
    by_name = dict(zip(names[number:], plan.values, strict=True))
    values = []
    for column in target.values:
        kind = shape.fields[names.index(column.name)].kind
        values.append(_converted(by_name[column.name], kind, column, target))
    fields = [
        *shape.fields[:number],
        *(replace(shape.fields[names.index(c.name)], kind=c.kind) for c in target.values),
    ]
    return Project(plan.up, tuple(values), replace(shape, fields=tuple(fields)))


def inserted(
    statement: InsertValues, target: Source, compiler: Compiler, *, now: int
) -> tuple[bytes | None, bytes | None, int]:
    """Return key, value and time of the record that INSERT … VALUES makes. Raises SqlError."""
    if target.is_read_only:
        raise _read_only(target)
    columns = {column.name: column for column in (*target.keys, *target.values)}
    names = statement.columns or tuple(column.name for column in (*target.keys, *target.values))
    if len(names) != len(statement.values):
        raise SqlError(
            "The numbers of columns and of values differ",
            expected=f"{len(names)} values: {', '.join(names)}",
            found=f"{len(statement.values)}",
            remedy="Give each column its value.",
        )
    nothing = Shape("stream", (), ())
    found: dict[str, Any] = {}
    time = now
    for name, expression in zip(names, statement.values, strict=True):
        compiled = compiler.compiled(expression, nothing)
        value = compiled.evaluate(())
        if name == "ROWTIME":
            time = int(value)
            continue
        if name not in columns:
            raise SqlError(
                f"{target.name} has no column {name}",
                expected=", ".join(columns),
                found=near(name, columns) or name,
                remedy="Name one of these.",
                position=expression.position,
            )
        kind = columns[name].kind
        if value is not None and compiled.kind is not None and compiled.kind != kind:
            value = caster(compiled.kind, kind, expression.position)(value)
        found[name] = value
    keys = [found.get(column.name) for column in target.keys]
    if target.kind == "table" and None in keys:
        raise SqlError(
            f"A row of the table {target.name} needs its key",
            expected=", ".join(column.name for column in target.keys),
            found="NULL",
            remedy="Give the key's column a value.",
        )
    serde = key_serde(target)
    key = None if serde is None or None in keys else serde.write(keys)
    value = value_serde(target).write([found.get(column.name) for column in target.values])
    return key, value, time


def _converted(evaluate: Any, kind: SqlType, column: SourceColumn, target: Source) -> Any:
    if kind == column.kind:
        return evaluate
    if wider(kind, column.kind) != column.kind:
        raise SqlError(
            f"A column of the result is of another type than in {target.name}",
            expected=f"{column.name} {column.kind}",
            found=f"{column.name} {kind}",
            remedy=f"Cast it: CAST({column.name} AS {column.kind}).",
        )
    cast = caster(kind, column.kind)

    def converted(row: tuple[Any, ...]) -> Any:
        value = evaluate(row)
        return None if value is None else cast(value)

    return converted


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
