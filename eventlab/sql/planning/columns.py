"""The columns that a query shows: their names, and which of them are the key."""

from dataclasses import dataclass, replace
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.planning.compiler import Compiler, qualified
from eventlab.sql.planning.naming import Names
from eventlab.sql.planning.rows import SYSTEM_COLUMNS, WINDOW_COLUMNS, Shape
from eventlab.sql.planning.walking import replaced
from eventlab.sql.syntax import (
    Column,
    Expression,
    Item,
    Position,
    Query,
    Star,
)
from eventlab.sql.syntax import Field as StructField
from eventlab.sql.types import StructType

_OTHER_NAMES = {
    "ROWTIME": "happened_at",
    "ROWPARTITION": "from_partition",
    "ROWOFFSET": "from_offset",
    "WINDOWSTART": "window_start",
    "WINDOWEND": "window_end",
}


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


def shown_columns(
    compiler: Compiler, shape: Shape, query: Query, names: Names, *, with_windows: bool = False
) -> list[Shown]:
    """Return the columns that a query shows, each with its name; `*` is taken apart.

    `with_windows`, `*` shows the bounds of a row's window too, behind its key.
    """
    is_join = bool(query.joins)
    found: list[Shown] = []
    for item in query.items:
        if isinstance(item, Star):
            windows = _window_columns(shape) if with_windows and item.struct is None else []
            every = _all_of(compiler, item, shape, is_join=is_join)
            number = 0 if is_join else len(shape.keys)
            found += [*every[:number], *windows, *every[number:]]
        else:
            found.append(_shown(item, shape, names, is_join=is_join))
    return found


def key_columns(shape: Shape, shown: list[Shown]) -> dict[int, Shown]:
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


def require_different_names(shown: list[Shown]) -> None:
    """Raise SqlError for two columns of one name."""
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


def require_own_names(shown: list[Shown], keys: list[Shown]) -> None:
    """Raise SqlError for a column of a kept result that is called as one that every row has.

    `keys` show a column of the key by its own name; it stays, as in PARTITION BY ROWTIME.
    """
    for one in shown:
        if one.name in SYSTEM_COLUMNS and one not in keys:
            raise SqlError(
                f"A column of the result cannot be called {one.name}",
                expected="a name of its own: every row has a column of that name already",
                found=one.name,
                remedy=f"Give it another name: … AS {_OTHER_NAMES[one.name]}.",
                position=one.position,
            )


def _all_of(compiler: Compiler, star: Star, shape: Shape, *, is_join: bool) -> list[Shown]:
    if star.struct is not None:
        return _fields_of(compiler, star, shape)
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
    rest.sort(key=lambda place: place in (shape.former_keys or ()))  # former keys come last
    found: list[Shown] = []
    for place in (*shape.keys, *rest) if not is_join else range(len(shape.fields)):
        field = shape.fields[place]
        # ksqlDB shows the place of a record where it is the key, or where a join is rekeyed.
        is_rekeyed = place in shape.keys or (is_join and shape.former_keys is not None)
        is_shown = not field.is_system or (is_rekeyed and field.source is not None)
        if not is_shown or (star.source is not None and field.source != star.source):
            continue
        name = f"{field.source}_{field.name}" if is_join and field.source else field.name
        found.append(Shown(name, Column(field.name, field.source), star.position))
    return found


def _window_columns(shape: Shape) -> list[Shown]:
    if shape.window is None:
        return []
    return [Shown(name, Column(name)) for name in WINDOW_COLUMNS]


def _fields_of(compiler: Compiler, star: Star, shape: Shape) -> list[Shown]:
    assert star.struct is not None
    kind = compiler.compiled(star.struct, shape).kind
    if not isinstance(kind, StructType):
        raise SqlError(
            "Only a struct has fields",
            expected="a STRUCT before ->*",
            found=str(kind),
            remedy="Write the column's name alone.",
            position=star.position,
        )
    return [Shown(name, StructField(star.struct, name), star.position) for name, _ in kind.fields]


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
