"""Aggregate functions that keep the first or the last values in the order of the log.

Each value is kept with a number that rises from row to row, so that the values of two sessions that
become one are in their order. It goes on rising when a process is started again.
"""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

from eventlab.sql.functions.arguments import required_at_least_one
from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.registry import Folding

Numbered = tuple[int, Any]
Values = tuple[Numbered, ...]

# No process takes a row every nanosecond, so one that is started later begins above.
_numbers = count(time.time_ns())


def earliest(ignores_null: bool = True) -> Folding:
    """Keep the first value."""
    return _first_of(_earliest(1, ignores_null))


def latest(ignores_null: bool = True) -> Folding:
    """Keep the last value."""
    return _first_of(_latest(1, ignores_null))


def earliest_values(number: int, ignores_null: bool = True) -> Folding:
    """Keep the first values."""
    return _earliest(number, ignores_null)


def latest_values(number: int, ignores_null: bool = True) -> Folding:
    """Keep the last values, in the order in which they came."""
    return _latest(number, ignores_null)


def _declare(
    name: str, one: Callable[..., Folding], several: Callable[..., Folding], description: str
) -> None:
    aggregate(name, "(value T, ignoreNulls BOOLEAN?!) T", description, takes_null=True)(one)
    signature = "(value T, number INT!, ignoreNulls BOOLEAN?!) ARRAY<T>"
    aggregate(name, signature, takes_null=True)(several)


def _earliest(number: int, ignores_null: bool) -> Folding:
    required_at_least_one(number, "The number of earliest values")

    def add(values: Values, value: Any) -> Values:
        is_left_out = len(values) == number or (value is None and ignores_null)
        return values if is_left_out else (*values, (next(_numbers), value))

    return Folding(tuple, add, _values, lambda one, other: _in_order(one, other)[:number])


def _latest(number: int, ignores_null: bool) -> Folding:
    required_at_least_one(number, "The number of latest values")

    def add(values: Values, value: Any) -> Values:
        if value is None and ignores_null:
            return values
        return (*values, (next(_numbers), value))[-number:]

    return Folding(tuple, add, _values, lambda one, other: _in_order(one, other)[-number:])


def _first_of(folding: Folding) -> Folding:
    """Return a folding whose result is a value and not an array of one."""
    return Folding(
        folding.begin,
        folding.add,
        lambda state: state[0][1] if state else None,
        folding.merge,
    )


def _values(state: Values) -> list[Any]:
    return [value for _, value in state]


def _in_order(one: Values, other: Values) -> Values:
    return tuple(sorted(one + other, key=lambda numbered: numbered[0]))


_declare(
    "EARLIEST_BY_OFFSET",
    earliest,
    earliest_values,
    "The first value, or the first few; NULL is left out unless ignoreNulls is FALSE.",
)
_declare(
    "LATEST_BY_OFFSET",
    latest,
    latest_values,
    "The last value, or the last few; NULL is left out unless ignoreNulls is FALSE.",
)
