"""Plans of queries that group: what a group is, what is computed of it, and what it shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.catalog import WindowedBy
from eventlab.sql.expressions.compiled import Compiled
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.aggregate_calls import (
    aggregate_calls,
    aggregate_of,
    require_no_aggregate,
)
from eventlab.sql.planning.columns import Shown, shown_columns
from eventlab.sql.planning.compiler import Compiler, qualified, required_kind
from eventlab.sql.planning.expression_texts import text_of
from eventlab.sql.planning.naming import Names
from eventlab.sql.planning.plans import Aggregate, Step
from eventlab.sql.planning.rows import (
    ROWTIME,
    SYSTEM_COLUMNS,
    WINDOW_COLUMNS,
    Field,
    Shape,
    system_field,
)
from eventlab.sql.planning.steps import exploded, filtered, projected
from eventlab.sql.planning.walking import parts_of, replaced
from eventlab.sql.syntax import Call, Column, Expression, Lambda, Query, WindowClause

_MOST_WINDOWS = 10_000  # of one record; nothing ends a flow while it makes them
_GROUP = "KSQL_GROUP_"
_AGGREGATE = "KSQL_AGG_VARIABLE_"


@dataclass(frozen=True)
class _Parts:
    """What a query says of groups; every column in it names its source."""

    groups: list[Expression]
    calls: list[Call]
    shown: list[Shown]
    having: Expression | None

    def of_groups(self, expression: Expression, shape: Shape) -> Expression:
        """Return an expression of the groups' rows in place of one of the rows before."""
        stands_for: dict[Any, Column] = {}
        for number, group in enumerate(self.groups):
            stands_for[group] = Column(f"{_GROUP}{number}")
        for number, call in enumerate(self.calls):
            stands_for[call] = Column(f"{_AGGREGATE}{number}")
        found: Expression = replaced(expression, stands_for.get)
        _require_of_groups(found, shape)
        return found


def is_aggregate(functions: Functions, query: Query) -> bool:
    """Tell whether a query groups its rows; raise SqlError if it only half says so."""
    calls = aggregate_calls(functions, (query.items, query.having))
    if query.group_by:
        return True
    if calls:
        raise SqlError(
            f"{calls[0].name} is computed of groups",
            expected="GROUP BY",
            found="a query without groups",
            remedy="Say what a group is, such as GROUP BY customer.",
            position=calls[0].position,
        )
    if query.window is not None:
        raise SqlError(
            "A window is made of groups",
            expected="GROUP BY behind WINDOW",
            found="a query without groups",
            remedy="Say what a group is, such as GROUP BY customer.",
            position=query.window.position,
        )
    return False


def _require_few_windows(window: WindowClause) -> None:
    advance = window.advance or window.size
    number = -(-window.size // advance)
    if number > _MOST_WINDOWS:
        raise SqlError(
            "Each record would be in too many windows",
            expected=f"a SIZE of at most {_MOST_WINDOWS:,} times ADVANCE BY",
            found=f"{number:,} windows: SIZE {window.size:,} ms, ADVANCE BY {advance:,} ms",
            remedy="Let the windows advance by more, or make them smaller.",
            position=window.position,
        )


def aggregated(compiler: Compiler, up: Step, query: Query, *, is_persistent: bool) -> Step:
    """Return the plan of a query's groups and of what it shows of them."""
    _require_possible(query)
    if query.window is not None:
        _require_few_windows(query.window)
    names = Names(field.name for field in up.shape.fields)
    up, shown = exploded(compiler, up, shown_columns(compiler, up.shape, query, names))
    parts = _parts(compiler, up.shape, query, shown)
    grouped = _grouped(compiler, up, query, parts)
    step: Step = replace(grouped, words=_words(compiler, query, shown))
    if parts.having is not None and query.having is not None:
        having = parts.of_groups(parts.having, step.shape)
        step = filtered(compiler, step, having, text_of(query.having))
    shape = step.shape
    of_groups = [
        replace(one, expression=parts.of_groups(one.expression, shape)) for one in parts.shown
    ]
    if is_persistent:
        _require_groups_shown(parts.groups, of_groups, names)
    return projected(compiler, step, of_groups, is_persistent=is_persistent)


def _parts(compiler: Compiler, shape: Shape, query: Query, shown: list[Shown]) -> _Parts:
    groups = [qualified(one, shape) for one in query.group_by]
    _require_different(groups)
    for group in groups:
        require_no_aggregate(compiler.functions, group)
    columns = [replace(one, expression=qualified(one.expression, shape)) for one in shown]
    having = None if query.having is None else qualified(query.having, shape)
    everywhere = (tuple(one.expression for one in columns), having)
    for part in parts_of(everywhere):
        if isinstance(part, Call):  # a name that is none may be meant for an aggregate function
            compiler.functions.function(part.name, part.position)
    calls = aggregate_calls(compiler.functions, everywhere)
    return _Parts(groups, calls, columns, having)


def _words(compiler: Compiler, query: Query, shown: list[Shown]) -> str:
    """Return the calls of aggregate functions as the statement says them, each once."""
    expressions = (tuple(one.expression for one in shown), query.having)
    calls = aggregate_calls(compiler.functions, expressions)
    return ", ".join(dict.fromkeys(map(text_of, calls)))


def _grouped(compiler: Compiler, up: Step, query: Query, parts: _Parts) -> Aggregate:
    """Return a row for each group: its values, and the results of the aggregate functions."""
    compiled = [compiler.compiled(one, up.shape) for one in parts.groups]
    made = [aggregate_of(compiler, call, up.shape, query.window) for call in parts.calls]
    fields = _group_fields(parts.groups, compiled)
    fields += [Field(f"{_AGGREGATE}{number}", kind) for number, (_, kind) in enumerate(made)]
    return Aggregate(
        up,
        tuple(one.evaluate for one in compiled),
        tuple(aggregate for aggregate, _ in made),
        query.window,
        query.emit == "final",
        _grouped_shape(fields, len(parts.groups), query.window),
        by=", ".join(map(text_of, query.group_by)),
        keeps_key=_has_whole_key(up.shape, parts.groups),
    )


def _has_whole_key(shape: Shape, groups: Sequence[Expression]) -> bool:
    """Tell whether groups name all columns of the key; that of a window has its bounds besides."""
    places = {shape.place(one.name, one.source) for one in groups if isinstance(one, Column)}
    return bool(shape.keys) and shape.window is None and places >= set(shape.keys)


def _group_fields(groups: Sequence[Expression], compiled: Sequence[Compiled]) -> list[Field]:
    return [
        Field(f"{_GROUP}{number}", required_kind(made, group))
        for number, (group, made) in enumerate(zip(groups, compiled, strict=True))
    ]


def _grouped_shape(fields: list[Field], number_of_keys: int, window: WindowClause | None) -> Shape:
    keys = tuple(range(number_of_keys))
    if window is None:
        return Shape("table", (*fields, system_field(ROWTIME)), keys)
    size = None if window.kind == "session" else window.size
    bounds = [system_field(name) for name in WINDOW_COLUMNS]
    windowed_by = WindowedBy(window.kind, size)
    return Shape("table", (*fields, *bounds, system_field(ROWTIME)), keys, windowed_by)


def _require_possible(query: Query) -> None:
    if query.partition_by:
        raise SqlError(
            "A query that groups is partitioned by its groups",
            expected="GROUP BY alone",
            found="PARTITION BY too",
            remedy="Leave PARTITION BY out.",
            position=query.position,
        )
    if query.emit == "final" and query.window is None:
        raise SqlError(
            "A group without a window has no final result",
            expected="WINDOW with EMIT FINAL",
            found="EMIT FINAL alone",
            remedy="Write EMIT CHANGES, or a window: WINDOW TUMBLING (SIZE 1 HOUR).",
            position=query.position,
        )


def _require_different(groups: list[Expression]) -> None:
    if len(set(groups)) < len(groups):
        raise SqlError(
            "GROUP BY names something twice",
            expected="each once",
            found="the same expression twice",
            remedy="Leave one of them out.",
            position=groups[-1].position,
        )


def _require_of_groups(expression: Expression, shape: Shape) -> None:
    """Raise SqlError for a column that is neither grouped by nor within an aggregate function."""
    known = {field.name for field in shape.fields}
    parameters: set[str] = set()
    for part in parts_of(expression):
        if isinstance(part, Lambda):
            parameters.update(part.parameters)
    for part in parts_of(expression):
        if isinstance(part, Column) and part.name not in known | parameters:
            if part.name in SYSTEM_COLUMNS:
                continue
            raise SqlError(
                f"The column {part.name} has many values in a group",
                expected="columns behind GROUP BY, or aggregate functions",
                found=part.name,
                remedy=f"Add it to GROUP BY, or take one of them: LATEST_BY_OFFSET({part.name}).",
                position=part.position,
            )


def _require_groups_shown(groups: list[Expression], shown: list[Shown], names: Names) -> None:
    """Raise SqlError for a result that lacks a part of its key."""
    there = {one.expression for one in shown}
    for number, group in enumerate(groups):
        if Column(f"{_GROUP}{number}") not in there:
            raise SqlError(
                "The result lacks a column of its key",
                expected=f"the column {names.of(group)} of GROUP BY among those behind SELECT",
                found="a result without it",
                remedy="Show it too: without its key a result could not be found in its topic.",
                position=group.position,
            )
