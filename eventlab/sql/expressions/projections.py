"""Rows made of rows: several expressions computed for each, in one call."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.sql.expressions.compiled import Evaluate, Row

Make: TypeAlias = Callable[[Row], tuple[Any, ...]]


def values_maker(evaluates: Sequence[Callable[[Any], Any]]) -> Make:
    """Return what makes a row of what these functions give for a row."""
    unrolled = _UNROLLED.get(len(evaluates))
    if unrolled is not None:
        return unrolled(*evaluates)
    return lambda row: tuple([evaluate(row) for evaluate in evaluates])


# Written out for the usual numbers of columns: a loop takes twice as long.
def _one(a: Evaluate) -> Make:
    return lambda row: (a(row),)


def _two(a: Evaluate, b: Evaluate) -> Make:
    return lambda row: (a(row), b(row))


def _three(a: Evaluate, b: Evaluate, c: Evaluate) -> Make:
    return lambda row: (a(row), b(row), c(row))


def _four(a: Evaluate, b: Evaluate, c: Evaluate, d: Evaluate) -> Make:
    return lambda row: (a(row), b(row), c(row), d(row))


def _five(a: Evaluate, b: Evaluate, c: Evaluate, d: Evaluate, e: Evaluate) -> Make:
    return lambda row: (a(row), b(row), c(row), d(row), e(row))


_UNROLLED: dict[int, Callable[..., Make]] = {
    1: _one,
    2: _two,
    3: _three,
    4: _four,
    5: _five,
}
