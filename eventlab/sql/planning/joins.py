"""Plans of joins: by what key both sides are joined, and what comes out."""

from dataclasses import dataclass, replace

from eventlab.sql.catalog import Catalog
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.expression_texts import text_of
from eventlab.sql.planning.join_conditions import Sides, is_key, sides_of
from eventlab.sql.planning.join_rules import (
    require_different_sources,
    require_first,
    require_inner_or_left,
    require_possible,
    require_same_partitions,
    require_same_type,
    require_same_windows,
)
from eventlab.sql.planning.plans import JoinStreams, JoinTable, JoinTables, Read, Step
from eventlab.sql.planning.rows import ROWTIME, Field, Shape, shape_of, system_field
from eventlab.sql.planning.steps import rekeyed
from eventlab.sql.settings import STRICT_TIMES
from eventlab.sql.syntax import Column, Expression, From, Join, Query

_SYNTHETIC = "ROWKEY"


@dataclass(frozen=True)
class _Joined:
    """Rows of one source or more, and the expressions that are all equal to their key."""

    step: Step
    equal: tuple[Expression, ...] = ()


def joined(catalog: Catalog, compiler: Compiler, query: Query) -> Step:
    """Return the plan's first steps: the sources of a query, joined one after the other."""
    before = _Joined(read(catalog, query.source))
    require_different_sources(query)
    for join in query.joins:
        before = _joined(compiler, before, read(catalog, join.source), join)
    return before.step


def read(catalog: Catalog, source: From) -> Read:
    """Return the rows of a source, by the name that the query gives it."""
    found = catalog.source(source.name, source.position)
    if found.event_time is not None and catalog.settings.boolean(STRICT_TIMES):
        found = replace(found, event_time=replace(found.event_time, is_strict=True))
    alias = source.alias or source.name
    return Read(found, alias, shape_of(found, alias))


def _joined(compiler: Compiler, before: _Joined, right: Read, join: Join) -> _Joined:
    left = before.step
    sides = sides_of(join, left.shape, right.shape)
    require_possible(join, left.shape, right.shape, sides)
    require_same_type(compiler, join, left.shape, right.shape, sides)
    require_same_windows(join, left.shape, right.shape, sides)
    is_by_key = sides.left in before.equal or is_key(left.shape, sides.left)
    if left.shape.kind == "table" and not is_by_key:
        require_first(join, left)
        require_inner_or_left(join)
        return _Joined(_by_foreign_key(compiler, left, right, join, sides))
    return _by_key(compiler, before, right, join, sides)


def _by_key(compiler: Compiler, before: _Joined, right: Read, join: Join, sides: Sides) -> _Joined:
    left = before.step
    if sides.left not in before.equal:
        left = _keyed(compiler, left, sides.left)
    other = _keyed(compiler, right, sides.right) if right.shape.kind == "stream" else right
    require_same_partitions(join, left, other)
    equal = _equal(before, join, sides)
    return _Joined(_by_kinds(left, other, join, _shape(left.shape, other.shape, equal)), equal)


def _equal(before: _Joined, join: Join, sides: Sides) -> tuple[Expression, ...]:
    """Return what is equal to the key of joined rows; of an outer join each side can be NULL."""
    if join.kind == "outer":
        return ()
    still = before.equal if sides.left in before.equal else ()
    return (*still, sides.left, sides.right)


def _by_kinds(left: Step, right: Step, join: Join, shape: Shape) -> Step:
    words = text_of(join.condition)
    if join.within is not None:
        return JoinStreams(left, right, join.kind, join.within, shape, words)
    if left.shape.kind == "stream":
        return JoinTable(left, right, "left" if join.kind == "left" else "inner", shape, words)
    return JoinTables(left, right, join.kind, None, shape, words)


def _by_foreign_key(compiler: Compiler, left: Step, right: Step, join: Join, sides: Sides) -> Step:
    foreign_key = compiler.compiled(sides.left, left.shape).evaluate
    shape = _shape(left.shape, right.shape, ())
    fields = shape.fields[:-1]  # no column of its own is the key: the left table's are
    shape = replace(shape, fields=fields, keys=left.shape.keys)
    return JoinTables(left, right, join.kind, foreign_key, shape, text_of(join.condition))


def _keyed(compiler: Compiler, up: Step, expression: Expression) -> Step:
    if is_key(up.shape, expression):
        return up
    keyed = rekeyed(compiler, up, [expression], None)
    return replace(keyed, shape=replace(keyed.shape, former_keys=None))


def _shape(left: Shape, right: Shape, equal: tuple[Expression, ...]) -> Shape:
    """Return the shape of joined rows: both sides, the row's own time, and a key where none is."""
    # What an earlier join has of its own is of no further use.
    lefts = [field if field.source is not None else field.hidden for field in left.fields]
    fields = [*lefts, *right.fields, system_field(ROWTIME)]
    kind = "table" if left.kind == right.kind == "table" else "stream"
    window = left.window or right.window
    both = Shape(kind, tuple(fields), (), window)  # type: ignore[arg-type]
    columns = [one for one in equal if isinstance(one, Column)]
    alike = tuple(both.place(one.name, one.source) for one in columns)
    alike = tuple(sorted(dict.fromkeys(alike)))
    if alike:
        return replace(both, keys=alike[:1], alike=alike)
    key_type = left.fields[left.keys[0]].kind
    fields.append(Field(_synthetic_name(both), key_type))
    return replace(both, fields=tuple(fields), keys=(len(fields) - 1,))


def _synthetic_name(shape: Shape) -> str:
    taken = {field.name for field in shape.fields if field.source is not None}
    number = 0
    while (name := f"{_SYNTHETIC}_{number}" if number else _SYNTHETIC) in taken:
        number += 1
    return name
