"""Conditions of joins: which part of one is of the rows before, and which of the new source."""

from dataclasses import dataclass

from eventlab.errors import SqlError
from eventlab.sql.planning.compiler import qualified
from eventlab.sql.planning.rows import Shape
from eventlab.sql.planning.walking import parts_of
from eventlab.sql.syntax import Column, Comparison, Expression, Join


@dataclass(frozen=True)
class Sides:
    """A condition taken apart: what the rows before have, and what the new source has."""

    left: Expression
    right: Expression


def sides_of(join: Join, left: Shape, right: Shape) -> Sides:
    """Return which side of a join each part of its condition is of. Raises SqlError."""
    condition = join.condition
    if not isinstance(condition, Comparison) or condition.operator != "=":
        raise _no_equality(join)
    one = _qualified(condition.left, left, right)
    other = _qualified(condition.right, left, right)
    one_sources = _sources_of(one)
    other_sources = _sources_of(other)
    new = {field.source for field in right.fields}
    if other_sources and other_sources <= new and one_sources and not one_sources & new:
        return Sides(one, other)
    if one_sources and one_sources <= new and other_sources and not other_sources & new:
        return Sides(other, one)
    raise _no_equality(join)


def is_key(shape: Shape, expression: Expression) -> bool:
    """Tell whether an expression is the whole key of rows."""
    if not isinstance(expression, Column) or len(shape.keys) != 1:
        return False
    return shape.place(expression.name, expression.source) in (*shape.keys, *shape.alike)


def _qualified(expression: Expression, left: Shape, right: Shape) -> Expression:
    both = Shape("stream", (*left.fields, *right.fields), ())
    found: Expression = qualified(expression, both)
    return found


def _sources_of(expression: Expression) -> set[str | None]:
    return {part.source for part in parts_of(expression) if isinstance(part, Column)}


def _no_equality(join: Join) -> SqlError:
    return SqlError(
        "A join is made where two things are equal",
        expected="ON left.column = right.column, a column of each side",
        found="another condition",
        remedy="Put further conditions behind WHERE.",
        position=join.condition.position,
    )
