"""The steps of a plan that every query has: filter, key, lists taken apart, result."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.expressions.coercion import Typed
from eventlab.sql.expressions.compiled import Compiled
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.columns import (
    Shown,
    key_columns,
    require_different_names,
    require_own_names,
)
from eventlab.sql.planning.compiler import Compiler, named, qualified, required_kind
from eventlab.sql.planning.expression_texts import text_of
from eventlab.sql.planning.naming import Names
from eventlab.sql.planning.plans import Evaluate, Explode, Project, Rekey, Step, Where
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.planning.walking import parts_of, replaced
from eventlab.sql.syntax import (
    Call,
    Column,
    Constant,
    Expression,
    Lambda,
    Query,
)
from eventlab.sql.types import BOOLEAN


def filtered(compiler: Compiler, up: Step, condition: Expression, words: str) -> Step:
    """Return the rows for which a condition holds, which the statement says in `words`."""
    compiled = compiler.compiled(condition, up.shape)
    if compiled.kind != BOOLEAN:
        raise SqlError(
            "A condition is not true or false",
            expected="a BOOLEAN, such as a comparison",
            found=str(compiled.kind or "NULL"),
            remedy="Compare it with something.",
            position=getattr(condition, "position", None),
        )
    return Where(up, compiled.evaluate, up.shape, words)


def rekeyed(
    compiler: Compiler, up: Step, expressions: Sequence[Expression], names: Names | None
) -> Step:
    """Return the rows by another key, made of expressions; without names it stays hidden."""
    shape = up.shape
    fields: list[Field] = []
    columns: list[Evaluate] = []
    are_of_key: list[bool] = []
    places: list[int] = []
    for expression in expressions:
        if isinstance(expression, Column):
            places.append(shape.place(expression.name, expression.source, expression.position))
            continue
        compiled = compiler.compiled(expression, shape)
        places.append(len(shape.fields) + len(fields))
        kind = required_kind(compiled, expression)
        fields.append(
            Field("", kind).hidden if names is None else Field(names.of(expression), kind)
        )
        columns.append(compiled.evaluate)
        are_of_key.append(_is_of_key(shape, expression))
    keyed = replace(
        shape.with_fields(fields),
        keys=tuple(places),
        alike=(),
        former_keys=shape.keys,
    )
    words = ", ".join(map(text_of, expressions))
    return Rekey(up, tuple(columns), tuple(are_of_key), keyed, words)


def partitioned(compiler: Compiler, up: Step, query: Query) -> tuple[Step, dict[Any, Column]]:
    """Return the rows by the key that is asked for, and which columns stand for expressions."""
    if not query.partition_by:
        return up, {}
    if up.shape.kind == "table":
        raise SqlError(
            "A table is partitioned by its key",
            expected="PARTITION BY on a stream",
            found="PARTITION BY on a table",
            remedy="Use GROUP BY to make a table by another key.",
            position=query.position,
        )
    nulls = [one for one in query.partition_by if isinstance(one, Constant) and not one.kind]
    if nulls and len(query.partition_by) == 1:
        keyless = replace(up.shape, keys=(), alike=(), former_keys=up.shape.keys)
        return Rekey(up, (), (), keyless), {}
    names = Names(field.name for field in up.shape.fields)
    keyed = rekeyed(compiler, up, query.partition_by, names)
    fields = [keyed.shape.fields[place] for place in keyed.shape.keys]
    stands_for = {
        qualified(expression, up.shape): Column(field.name, field.source)
        for expression, field in zip(query.partition_by, fields, strict=True)
        if not isinstance(expression, Column)
    }
    return keyed, stands_for


def exploded(compiler: Compiler, up: Step, shown: list[Shown]) -> tuple[Step, list[Shown]]:
    """Return a row for each value of the table functions in the result, and what shows them."""
    calls: list[Call] = []
    for one in shown:
        calls += table_calls(compiler.functions, one.expression)
    if not calls:
        return up, shown
    if up.shape.kind == "table":
        raise SqlError(
            "A table function is used on a table",
            expected="a stream",
            found=f"{calls[0].name} on a table",
            remedy="Use it on the stream that the table is made of.",
            position=calls[0].position,
        )
    lists: list[Evaluate] = []
    fields: list[Field] = []
    names: dict[Call, str] = {}
    for call in dict.fromkeys(calls):
        compiled = _table_list(compiler, call, up.shape)
        names[call] = f"KSQL_SYNTH_{len(fields)}"
        fields.append(Field(names[call], required_kind(compiled, call)))
        lists.append(compiled.evaluate)
    words = ", ".join(map(text_of, names))
    up = Explode(up, tuple(lists), up.shape.with_fields(fields), words)

    def as_column(part: Any) -> Expression | None:
        return Column(names[part]) if isinstance(part, Call) and part in names else None

    return up, [replace(one, expression=replaced(one.expression, as_column)) for one in shown]


def projected(compiler: Compiler, up: Step, shown: list[Shown], *, is_persistent: bool) -> Step:
    """Return the columns of the result; the key's are those that show a column of the key."""
    require_different_names(shown)
    shape = up.shape
    keys = key_columns(shape, shown) if is_persistent else {}
    if is_persistent:
        require_own_names(shown, [one for at, one in keys.items() if shape.is_called(at, one.name)])
    compiled = [
        (one, compiler.compiled(one.expression, shape)) for one in shown if one not in keys.values()
    ]
    if is_persistent and not compiled:
        raise SqlError(
            "The result has no columns but those of its key",
            expected="at least one column of the value",
            found=", ".join(one.name for one in shown),
            remedy="Show a further column, or a copy of the key: AS_VALUE(…).",
        )
    key_fields = [Field(keys[place].name, shape.fields[place].kind) for place in keys]
    value_fields = [Field(one.name, required_kind(made, one.expression)) for one, made in compiled]
    result = replace(
        shape,
        fields=(*key_fields, *value_fields),
        keys=tuple(range(len(key_fields))),
        alike=(),
    )
    return Project(up, tuple(made.evaluate for _, made in compiled), result)


def table_calls(functions: Functions, expression: Expression) -> list[Call]:
    """Return the calls of table functions; raise SqlError for one within another."""
    calls = [
        part
        for part in parts_of(expression)
        if isinstance(part, Call) and functions.kind_of(part.name) == "table"
    ]
    for call in calls:
        if any(table_calls(functions, argument) for argument in call.arguments):
            raise SqlError(
                "A table function stands within another one",
                expected="a table function of a row's columns",
                found=call.name,
                remedy="Make a stream of the inner one first.",
                position=call.position,
            )
    return calls


def _is_of_key(shape: Shape, expression: Expression) -> bool:
    """Tell whether an expression reads nothing but columns of the key."""
    columns = [part for part in parts_of(expression) if isinstance(part, Column)]
    parameters = {
        name
        for part in parts_of(expression)
        if isinstance(part, Lambda)
        for name in part.parameters
    }
    read = [column for column in columns if column.name not in parameters]
    return all(shape.place(*named(column)) in shape.keys for column in read)


def _table_list(compiler: Compiler, call: Call, shape: Shape) -> Compiled:
    found = [compiler.compiled(one, shape) for one in call.arguments]
    chosen = compiler.functions.table(
        call.name, [one.kind for one in found], position=call.position
    )
    arguments = compiler.arguments(call, found, chosen.kinds, shape)
    evaluates = [one.evaluate for one in arguments]
    compute = chosen.variant.compute
    takes_null = chosen.variant.takes_null

    def evaluate(row: Sequence[Any]) -> list[Any]:
        values = [one(row) for one in evaluates]
        if not takes_null and any(value is None for value in values):
            return []
        return compute(*values) or []

    return Compiled(Typed(chosen.returns), evaluate)
