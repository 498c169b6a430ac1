"""Plans of joins: which side each condition is of, by what key both are joined, what comes out."""

from dataclasses import dataclass, replace

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.planning.compiler import Compiler, qualified
from eventlab.sql.planning.plans import JoinStreams, JoinTable, JoinTables, Read, Step
from eventlab.sql.planning.rows import ROWTIME, Field, Shape, shape_of, system_field
from eventlab.sql.planning.steps import rekeyed
from eventlab.sql.planning.walking import parts_of
from eventlab.sql.syntax import Column, Comparison, Expression, From, Join, Query
from eventlab.sql.types import SqlType

_SYNTHETIC = "ROWKEY"


@dataclass(frozen=True)
class _Sides:
    """A condition taken apart: what the rows before have, and what the new source has."""

    left: Expression
    right: Expression


def joined(catalog: Catalog, compiler: Compiler, query: Query) -> Step:
    """Return the plan's first steps: the sources of a query, joined one after the other."""
    up: Step = read(catalog, query.source)
    _require_names(query)
    equal: list[Expression] = []
    for join in query.joins:
        right = read(catalog, join.source)
        sides = _sides(compiler, join, up.shape, right.shape)
        up, equal = _joined(compiler, up, right, join, sides, equal)
    return up


def read(catalog: Catalog, source: From) -> Read:
    """Return the rows of a source, by the name that the query gives it."""
    found = catalog.source(source.name, source.position)
    alias = source.alias or source.name
    return Read(found, alias, shape_of(found, alias))


def _joined(
    compiler: Compiler,
    left: Step,
    right: Step,
    join: Join,
    sides: _Sides,
    equal: list[Expression],
) -> tuple[Step, list[Expression]]:
    """Return the join, and which expressions are its key."""
    kinds = (left.shape.kind, right.shape.kind)
    _require_possible(join, left.shape, right.shape, sides)
    _require_same_type(compiler, join, left.shape, right.shape, sides)
    if (
        kinds == ("table", "table")
        and not _is_key(left.shape, sides.left)
        and sides.left not in equal
    ):
        return _by_foreign_key(compiler, left, right, join, sides)
    both = [sides.left, sides.right]
    is_outer = join.kind == "outer"
    now_equal = [] if is_outer else [*(equal if sides.left in equal else []), *both]
    if sides.left not in equal:
        left = _keyed(compiler, left, sides.left)
    if kinds[1] == "stream":
        right = _keyed(compiler, right, sides.right)
    shape = _shape(left.shape, right.shape, now_equal)
    if kinds == ("stream", "stream"):
        if join.within is None:
            raise _without_window(join)
        return JoinStreams(left, right, join.kind, join.within, shape), now_equal
    if join.within is not None:
        raise _with_window(join)
    if kinds == ("stream", "table"):
        how = "left" if join.kind == "left" else "inner"
        return JoinTable(left, right, how, shape), now_equal  # type: ignore[arg-type]
    return JoinTables(left, right, join.kind, None, shape), now_equal


def _by_foreign_key(
    compiler: Compiler, left: Step, right: Step, join: Join, sides: _Sides
) -> tuple[Step, list[Expression]]:
    if join.kind not in ("inner", "left"):
        raise SqlError(
            "A join by a foreign key is an inner or a left join",
            expected="JOIN or LEFT JOIN",
            found=f"{join.kind.upper()} JOIN",
            remedy="Join both tables by their keys, or write LEFT JOIN.",
            position=join.position,
        )
    foreign_key = compiler.compiled(sides.left, left.shape).evaluate
    shape = replace(_shape(left.shape, right.shape, []), keys=left.shape.keys)
    fields = shape.fields[:-1]  # no column of its own is the key: the left table's are
    shape = replace(shape, fields=fields, keys=left.shape.keys)
    return JoinTables(left, right, join.kind, foreign_key, shape), []


def _keyed(compiler: Compiler, up: Step, expression: Expression) -> Step:
    if _is_key(up.shape, expression):
        return up
    keyed = rekeyed(compiler, up, [expression], None)
    return replace(keyed, shape=replace(keyed.shape, former_keys=None))


def _shape(left: Shape, right: Shape, equal: list[Expression]) -> Shape:
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


# -- conditions ---------------------------------------------------------------------------------


def _sides(compiler: Compiler, join: Join, left: Shape, right: Shape) -> _Sides:
    condition = join.condition
    if not isinstance(condition, Comparison) or condition.operator != "=":
        raise _no_equality(join)
    one = _qualified(condition.left, left, right)
    other = _qualified(condition.right, left, right)
    one_sources = _sources_of(one)
    other_sources = _sources_of(other)
    new = {field.source for field in right.fields}
    if other_sources and other_sources <= new and one_sources and not one_sources & new:
        return _Sides(one, other)
    if one_sources and one_sources <= new and other_sources and not other_sources & new:
        return _Sides(other, one)
    raise _no_equality(join)


def _qualified(expression: Expression, left: Shape, right: Shape) -> Expression:
    both = Shape("stream", (*left.fields, *right.fields), ())
    found: Expression = qualified(expression, both)
    return found


def _sources_of(expression: Expression) -> set[str | None]:
    return {part.source for part in parts_of(expression) if isinstance(part, Column)}


def _is_key(shape: Shape, expression: Expression) -> bool:
    """Tell whether an expression is the whole key of rows."""
    if not isinstance(expression, Column) or len(shape.keys) != 1:
        return False
    return shape.place(expression.name, expression.source) in (*shape.keys, *shape.alike)


def _require_names(query: Query) -> None:
    names = [query.source.alias or query.source.name]
    for join in query.joins:
        name = join.source.alias or join.source.name
        if name in names:
            raise SqlError(
                f"Two sources of the query are called {name}",
                expected="names that are different",
                found=name,
                remedy=f"Give one of them another: {join.source.name} AS other.",
                position=join.source.position,
            )
        names.append(name)


def _require_possible(join: Join, left: Shape, right: Shape, sides: _Sides) -> None:
    kinds = (left.kind, right.kind)
    if kinds == ("table", "stream"):
        raise SqlError(
            "A table cannot be joined with a stream",
            expected="the stream before the table",
            found="the table before the stream",
            remedy="Turn the two round: FROM stream JOIN table ON ….",
            position=join.position,
        )
    if kinds == ("stream", "table") and join.kind not in ("inner", "left"):
        raise SqlError(
            "A stream and a table are joined for each event of the stream",
            expected="JOIN or LEFT JOIN",
            found=f"{join.kind.upper()} JOIN",
            remedy="Write LEFT JOIN to keep events without a row.",
            position=join.position,
        )
    if right.kind == "table" and not _is_key(right, sides.right):
        raise SqlError(
            "A table is found by its key",
            expected="the primary key of the table behind JOIN in the condition",
            found="another column, or an expression",
            remedy="Join by the table's key, or make a table with that key: GROUP BY.",
            position=join.position,
        )


def _require_same_type(
    compiler: Compiler, join: Join, left: Shape, right: Shape, sides: _Sides
) -> None:
    one: SqlType | None = compiler.compiled(sides.left, left).kind
    other: SqlType | None = compiler.compiled(sides.right, right).kind
    if one != other:
        raise SqlError(
            "The two sides of a join's condition are of different types",
            expected="the same type on both",
            found=f"{one} and {other}",
            remedy="Cast one of them: CAST(… AS BIGINT).",
            position=join.position,
        )


def _no_equality(join: Join) -> SqlError:
    return SqlError(
        "A join is made where two things are equal",
        expected="ON left.column = right.column, a column of each side",
        found="another condition",
        remedy="Put further conditions behind WHERE.",
        position=join.position,
    )


def _without_window(join: Join) -> SqlError:
    return SqlError(
        "Two streams are joined within a window of time",
        expected="WITHIN, such as WITHIN 1 HOUR",
        found="none",
        remedy="Say how far apart the two events may be: JOIN … WITHIN 1 HOUR ON ….",
        position=join.position,
    )


def _with_window(join: Join) -> SqlError:
    return SqlError(
        "A table has no window of time",
        expected="WITHIN between two streams alone",
        found="WITHIN, and a table",
        remedy="Leave WITHIN out.",
        position=join.position,
    )
