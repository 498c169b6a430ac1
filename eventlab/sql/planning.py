"""From a query to its plan: what is read, filtered, joined, grouped and shown, in which order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.coercion import Typed
from eventlab.sql.compiled import Compiled, Context
from eventlab.sql.conversions import converted
from eventlab.sql.expressions import compile_expression
from eventlab.sql.functions.registry import Functions
from eventlab.sql.naming import Names
from eventlab.sql.plans import Evaluate, Explode, Extend, Project, Read, Rekey, Step, Where
from eventlab.sql.rows import SYSTEM_COLUMNS, WINDOW_COLUMNS, Field, Shape, shape_of
from eventlab.sql.scope import Place, Scope
from eventlab.sql.syntax import (
    Call,
    Column,
    Constant,
    Expression,
    Item,
    Lambda,
    Position,
    Query,
    Star,
)
from eventlab.sql.syntax import Field as StructField
from eventlab.sql.types import BOOLEAN, SqlType, StructType
from eventlab.sql.walking import parts_of, replaced

Report: TypeAlias = Callable[[str], None]

_WHOLE = ""  # the source of a column that is of the whole row


@dataclass(frozen=True)
class Shown:
    """One column of the result: its name, and the expression that it shows."""

    name: str
    expression: Expression
    position: Position | None = None

    def replaced(self, stands_for: dict[Any, Column], shape: Shape) -> "Shown":
        """Return the same with a column in place of each expression for which it stands."""
        if not stands_for:
            return self
        expression = qualified(self.expression, shape)
        return replace(self, expression=replaced(expression, stands_for.get))


@dataclass(frozen=True)
class Planner:
    """Plan queries over the sources of a catalog."""

    catalog: Catalog
    functions: Functions
    report: Report

    def plan(self, query: Query, *, is_persistent: bool) -> Step:
        """Return the plan of a query. Raises SqlError for what it asks for wrongly.

        A query that is kept in a topic keeps its key beside the values; what a push query shows are
        values alone.
        """
        from eventlab.sql import aggregate_planning, join_planning

        up = join_planning.joined(self, query) if query.joins else self.read(query)
        if query.where is not None:
            up = self.filtered(up, query.where)
        if aggregate_planning.is_aggregate(self.functions, query):
            return aggregate_planning.aggregated(self, up, query, is_persistent=is_persistent)
        _require_no_having(query)
        names = Names(field.name for field in up.shape.fields)
        up, stands_for = self._partitioned(up, query)
        shown = self.shown(up.shape, query, names)
        shown = [one.replaced(stands_for, up.shape) for one in shown]
        up, shown = self.exploded(up, shown)
        return self.projected(up, shown, is_persistent=is_persistent)

    # -- steps ----------------------------------------------------------------------------------

    def read(self, query: Query) -> Step:
        """Return the plan's first step: the rows of the query's first source."""
        source = self.catalog.source(query.source.name, query.source.position)
        alias = query.source.alias or query.source.name
        return Read(source, alias, shape_of(source, alias))

    def filtered(self, up: Step, condition: Expression) -> Step:
        """Return the rows for which a condition holds."""
        compiled = self.compiled(condition, up.shape)
        if compiled.kind != BOOLEAN:
            raise SqlError(
                "A condition is not true or false",
                expected="a BOOLEAN, such as a comparison",
                found=str(compiled.kind or "NULL"),
                remedy="Compare it with something.",
                position=getattr(condition, "position", None),
            )
        return Where(up, compiled.evaluate, "", up.shape)

    def rekeyed(self, up: Step, expressions: Sequence[Expression], names: Names | None) -> Step:
        """Return the rows by another key, made of expressions; without names it stays hidden."""
        shape = up.shape
        added: list[tuple[Field, Evaluate]] = []
        places: list[int] = []
        for expression in expressions:
            if isinstance(expression, Column):
                places.append(shape.place(expression.name, expression.source, expression.position))
                continue
            compiled = self.compiled(expression, shape)
            places.append(len(shape.fields) + len(added))
            kind = required_kind(compiled, expression)
            field = Field("", kind).hidden if names is None else Field(names.of(expression), kind)
            added.append((field, compiled.evaluate))
        if added:
            fields = [one for one, _ in added]
            shape = shape.with_fields(fields)
            up = Extend(up, tuple(evaluate for _, evaluate in added), shape)
        return Rekey(up, replace(shape, keys=tuple(places), alike=()))

    def exploded(self, up: Step, shown: list[Shown]) -> tuple[Step, list[Shown]]:
        """Return a row for each value of the table functions in the result, and what shows them."""
        calls: list[Call] = []
        for one in shown:
            calls += self._table_calls(one.expression)
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
            compiled = self._table_list(call, up.shape)
            names[call] = f"KSQL_SYNTH_{len(fields)}"
            fields.append(Field(names[call], required_kind(compiled, call)))
            lists.append(compiled.evaluate)
        up = Explode(up, tuple(lists), up.shape.with_fields(fields))

        def as_column(part: Any) -> Expression | None:
            return Column(names[part]) if isinstance(part, Call) and part in names else None

        return up, [replace(one, expression=replaced(one.expression, as_column)) for one in shown]

    def projected(self, up: Step, shown: list[Shown], *, is_persistent: bool) -> Step:
        """Return the columns of the result; the key's are those that show a column of the key."""
        _require_different_names(shown)
        shape = up.shape
        keys = self._key_columns(shape, shown) if is_persistent else {}
        compiled = [
            (one, self.compiled(one.expression, shape)) for one in shown if one not in keys.values()
        ]
        if is_persistent and not compiled:
            raise SqlError(
                "The result has no columns but those of its key",
                expected="at least one column of the value",
                found=", ".join(one.name for one in shown),
                remedy="Show a further column, or a copy of the key: AS_VALUE(…).",
            )
        key_fields = [Field(keys[place].name, shape.fields[place].kind) for place in keys]
        value_fields = [
            Field(one.name, required_kind(made, one.expression)) for one, made in compiled
        ]
        result = replace(
            shape,
            fields=(*key_fields, *value_fields),
            keys=tuple(range(len(key_fields))),
            alike=(),
        )
        return Project(up, tuple(made.evaluate for _, made in compiled), result)

    # -- columns --------------------------------------------------------------------------------

    def compiled(self, expression: Expression, shape: Shape) -> Compiled:
        """Return what computes an expression of a row, and its type."""
        scope = _scope(shape)
        of_scope = replaced(expression, lambda part: _of_whole_row(part, shape))
        return compile_expression(of_scope, scope, self.functions, self.report)

    def arguments(
        self, call: Call, found: Sequence[Compiled], kinds: Sequence[Any], shape: Shape
    ) -> list[Compiled]:
        """Return the arguments of a call, each converted to what its function takes."""
        context = Context(_scope(shape), self.functions, self.report, _no_compiler)
        return [
            one if kind is None or kind == one.kind else converted(one, kind, expression, context)
            for one, kind, expression in zip(found, kinds, call.arguments, strict=True)
        ]

    def shown(self, shape: Shape, query: Query, names: Names) -> list[Shown]:
        """Return the columns that a query shows, each with its name; `*` is taken apart."""
        is_join = bool(query.joins)
        found: list[Shown] = []
        for item in query.items:
            if isinstance(item, Star):
                found += self._all_of(item, shape, is_join=is_join)
            else:
                found.append(_shown(item, shape, names, is_join=is_join))
        return found

    def _all_of(self, star: Star, shape: Shape, *, is_join: bool) -> list[Shown]:
        if star.struct is not None:
            return self._fields_of(star, shape)
        sources = {field.source for field in shape.fields}
        if star.source is not None and star.source not in sources:
            raise SqlError(
                f"The query reads nothing that is called {star.source}",
                expected=", ".join(sorted(filter(None, sources))),
                found=star.source,
                remedy="Write the name, or the alias, that stands behind FROM or JOIN.",
                position=star.position,
            )
        rest = [place for place in range(len(shape.fields)) if place not in shape.keys]
        found: list[Shown] = []
        for place in (*shape.keys, *rest) if not is_join else range(len(shape.fields)):
            field = shape.fields[place]
            is_shown = not field.is_system or (place in shape.keys and field.source is not None)
            if not is_shown or (star.source is not None and field.source != star.source):
                continue
            name = f"{field.source}_{field.name}" if is_join and field.source else field.name
            found.append(Shown(name, Column(field.name, field.source), star.position))
        return found

    def _fields_of(self, star: Star, shape: Shape) -> list[Shown]:
        assert star.struct is not None
        kind = self.compiled(star.struct, shape).kind
        if not isinstance(kind, StructType):
            raise SqlError(
                "Only a struct has fields",
                expected="a STRUCT before ->*",
                found=str(kind),
                remedy="Write the column's name alone.",
                position=star.position,
            )
        return [
            Shown(name, StructField(star.struct, name), star.position) for name, _ in kind.fields
        ]

    def _key_columns(self, shape: Shape, shown: list[Shown]) -> dict[int, Shown]:
        """Return which column of the result is each of the key's, by its place."""
        found: dict[int, Shown] = {}
        for place in shape.keys:
            matching: list[Shown] = []
            for candidate in (place, *(one for one in shape.alike if one != place)):
                matching = [one for one in shown if _is_column_at(one.expression, shape, candidate)]
                if matching:
                    break
            if not matching:
                raise _key_missing(shape, place)
            if len(matching) > 1:
                raise _key_twice(matching)
            found[place] = matching[0]
        return found

    def _partitioned(self, up: Step, query: Query) -> tuple[Step, dict[Any, Column]]:
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
            return Rekey(up, replace(up.shape, keys=(), alike=())), {}
        names = Names(field.name for field in up.shape.fields)
        keyed = self.rekeyed(up, query.partition_by, names)
        fields = [keyed.shape.fields[place] for place in keyed.shape.keys]
        stands_for = {
            qualified(expression, up.shape): Column(field.name, field.source)
            for expression, field in zip(query.partition_by, fields, strict=True)
            if not isinstance(expression, Column)
        }
        return keyed, stands_for

    # -- table functions ------------------------------------------------------------------------

    def _table_calls(self, expression: Expression) -> list[Call]:
        calls = [
            part
            for part in parts_of(expression)
            if isinstance(part, Call) and self.functions.kind_of(part.name) == "table"
        ]
        for call in calls:
            if any(self._table_calls(argument) for argument in call.arguments):
                raise SqlError(
                    "A table function stands within another one",
                    expected="a table function of a row's columns",
                    found=call.name,
                    remedy="Make a stream of the inner one first.",
                    position=call.position,
                )
        return calls

    def _table_list(self, call: Call, shape: Shape) -> Compiled:
        found = [self.compiled(one, shape) for one in call.arguments]
        chosen = self.functions.table(
            call.name, [one.kind for one in found], position=call.position
        )
        arguments = self.arguments(call, found, chosen.kinds, shape)
        evaluates = [one.evaluate for one in arguments]
        compute = chosen.variant.compute
        takes_null = chosen.variant.takes_null

        def evaluate(row: tuple[Any, ...]) -> list[Any]:
            values = [one(row) for one in evaluates]
            if not takes_null and any(value is None for value in values):
                return []
            return compute(*values) or []

        return Compiled(Typed(chosen.returns), evaluate)


def _scope(shape: Shape) -> Scope:
    return Scope(
        Place(field.name, field.kind, place, field.source or _WHOLE)
        for place, field in enumerate(shape.fields)
    )


def _of_whole_row(part: Any, shape: Shape) -> Expression | None:
    """Let ROWTIME of a join be that of the joined row, not one of its sides'."""
    if not isinstance(part, Column) or part.source is not None or part.name not in SYSTEM_COLUMNS:
        return None
    owners = [field for field in shape.fields if field.name == part.name]
    if len(owners) > 1 and any(field.source is None for field in owners):
        return replace(part, source=_WHOLE)
    return None


def _no_compiler(expression: Expression, context: Context) -> Compiled:
    raise AssertionError("what is converted is compiled already")


def required_kind(compiled: Compiled, expression: Expression) -> SqlType:
    """Return the type of a column; raise SqlError for a bare NULL, which has none."""
    if compiled.kind is not None:
        return compiled.kind
    raise SqlError(
        "It is not clear of which type a column is",
        expected="a value with a type",
        found="NULL",
        remedy="Say its type: CAST(NULL AS STRING).",
        position=getattr(expression, "position", None),
    )


def qualified(expression: Any, shape: Shape) -> Any:
    """Return an expression whose columns all name their source, so that equal ones are equal."""

    def with_source(part: Any) -> Expression | None:
        if isinstance(part, Lambda):
            return part  # its parameters are no columns
        if isinstance(part, Column):
            if part.name in WINDOW_COLUMNS and shape.window is None:
                return None  # of the groups that will be made
            return Column(part.name, shape.fields[shape.place(*_named(part))].source, part.position)
        return None

    return replaced(expression, with_source)


def _named(column: Column) -> tuple[str, str | None, Position | None]:
    return column.name, column.source, column.position


def _shown(item: Item, shape: Shape, names: Names, *, is_join: bool) -> Shown:
    name = item.alias or names.of(item.expression)
    if item.alias is None and is_join and isinstance(item.expression, Column):
        column = item.expression
        owners = [field for field in shape.fields if field.name == column.name and field.source]
        if len(owners) > 1 and column.source is not None:
            name = f"{column.source}_{column.name}"
    return Shown(name, item.expression, item.position)


def _is_column_at(expression: Expression, shape: Shape, place: int) -> bool:
    if not isinstance(expression, Column):
        return False
    return shape.place(expression.name, expression.source, expression.position) == place


def _require_no_having(query: Query) -> None:
    if query.having is not None:
        raise SqlError(
            "HAVING stands in a query without groups",
            expected="GROUP BY before HAVING",
            found="HAVING alone",
            remedy="Write the condition behind WHERE.",
            position=query.position,
        )


def _require_different_names(shown: list[Shown]) -> None:
    seen: set[str] = set()
    for one in shown:
        if one.name in seen:
            raise SqlError(
                f"Two columns of the result are called {one.name}",
                expected="names that are different",
                found=one.name,
                remedy="Give one of them another name: … AS other.",
                position=one.position,
            )
        seen.add(one.name)


def _key_missing(shape: Shape, place: int) -> SqlError:
    field = shape.fields[place]
    return SqlError(
        "The result lacks a column of its key",
        expected=f"the column {field.name} among those behind SELECT",
        found="a result without it",
        remedy="Show it too: without its key a result could not be found in its topic.",
    )


def _key_twice(shown: list[Shown]) -> SqlError:
    return SqlError(
        "The result shows a column of its key more than once",
        expected="each once",
        found=", ".join(one.name for one in shown),
        remedy="Make the others copies in the value: AS_VALUE(…).",
        position=shown[1].position,
    )
