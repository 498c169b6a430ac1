"""Aggregate functions that collect values in arrays, as many as a query's properties allow."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from eventlab.errors import SqlError, shown
from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.registry import Folding
from eventlab.sql.functions.values import distinct

MOST_VALUES = 1000

_LIST = "ksql.functions.collect_list.limit"
_SET = "ksql.functions.collect_set.limit"
_limits: ContextVar[Mapping[str, Any]] = ContextVar("limits", default={})  # noqa: B039

Values = tuple[Any, ...]


@contextmanager
def limited(properties: Mapping[str, Any]) -> Iterator[None]:
    """Let the properties of a session say how many values arrays collect.

    They are asked where a Folding is made, which keeps to them. A number below 0 is no limit.
    """
    token = _limits.set(properties)
    try:
        yield
    finally:
        _limits.reset(token)


@aggregate(
    "COLLECT_LIST",
    "(value T) ARRAY<T>",
    "All values in the order in which they come, NULL too, up to a thousand.",
    takes_null=True,
)
def collect_list() -> Folding:
    """Collect values; of a table the last one that is equal goes."""
    most = _most(_LIST)
    return Folding(
        tuple,
        lambda values, value: (*values, value) if len(values) < most else values,
        list,
        lambda one, other: (one + other)[:most],
        _without_last,
    )


@aggregate(
    "COLLECT_SET",
    "(value T) ARRAY<T>",
    "Each value once in the order in which they come, NULL too, up to a thousand.",
    takes_null=True,
)
def collect_set() -> Folding:
    """Collect values that are not there yet."""
    most = _most(_SET)

    def add(values: Values, value: Any) -> Values:
        return values if len(values) >= most or value in values else (*values, value)

    return Folding(tuple, add, list, lambda one, other: tuple(distinct(one + other)[:most]))


def _most(name: str) -> int:
    said = _limits.get().get(name, MOST_VALUES)
    try:
        most = int(said)
    except (TypeError, ValueError):
        raise SqlError(
            f"The property {name} is how many values are collected",
            expected="a whole number, or one below 0 for as many as there are",
            found=shown(said),
            remedy=f"SET '{name}' = '{MOST_VALUES}';",
        ) from None
    return most if most >= 0 else 2**63 - 1


def _without_last(values: Values, value: Any) -> Values:
    """Return values without the last that is equal; one beyond the limit was never there."""
    for place in range(len(values) - 1, -1, -1):
        if values[place] == value:
            return values[:place] + values[place + 1 :]
    return values
