"""Walks through expressions: what is in one, and one with parts of it replaced."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

from eventlab.sql.syntax import Expression, Position


def parts_of(expression: Any) -> Iterator[Any]:
    """Yield an expression, and every expression inside of it, from the outside in."""
    if isinstance(expression, tuple) and not isinstance(expression, Position):
        for one in expression:
            yield from parts_of(one)
        return
    if not is_dataclass(expression):
        return
    yield expression
    for one in fields(expression):
        yield from parts_of(getattr(expression, one.name))


def replaced(expression: Any, replacement: Callable[[Any], Expression | None]) -> Any:
    """Return an expression in which parts are others; `replacement` gives None for what stays."""
    if isinstance(expression, tuple) and not isinstance(expression, Position):
        return tuple(replaced(one, replacement) for one in expression)
    if not is_dataclass(expression):
        return expression
    other = replacement(expression)
    if other is not None:
        return other
    changed = {
        one.name: replaced(getattr(expression, one.name), replacement)
        for one in fields(expression)
        if one.name != "position"
    }
    return replace(expression, **changed)  # type: ignore[type-var]
