"""Aggregate functions that count."""

from typing import Any

from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.hyperloglog import Registers, added, cardinality, merged
from eventlab.sql.functions.registry import Folding

_MOST_VALUES = 1000

Pairs = tuple[tuple[Any, int], ...]


@aggregate("COUNT", "(value T) BIGINT", "How many rows there are, or how many have a value.")
@aggregate("COUNT", "() BIGINT")
def count() -> Folding:
    """Count the rows, of a table too."""
    return Folding(
        int,
        lambda number, *_: number + 1,
        lambda number: number,
        lambda one, other: one + other,
        lambda number, *_: number - 1,
    )


@aggregate("COUNT_DISTINCT", "(value T) BIGINT", "About how many different values there are.")
def count_distinct() -> Folding:
    """Count different values: to the number if they are few, within about one in a hundred."""
    return Folding(Registers, added, cardinality, merged)


@aggregate("HISTOGRAM", "(value STRING) MAP<STRING, BIGINT>", "How often each text occurs.")
def histogram() -> Folding:
    """Count each text; a thousand of them, and no further ones."""
    return Folding(
        dict,
        lambda counts, value: _counted(counts, value, 1),
        dict,
        _merged_counts,
        _taken_back,
    )


@aggregate(
    "ATTR", "(value T) T", "The value that all rows have, NULL if they differ.", takes_null=True
)
def attr() -> Folding:
    """Count each value, NULL as one of them, and return the only one."""
    return Folding(
        tuple,
        lambda pairs, value: _changed(pairs, value, 1),
        _only,
        _merged_pairs,
        lambda pairs, value: _changed(pairs, value, -1),
    )


def _counted(counts: dict[str, int], value: str, number: int) -> dict[str, int]:
    if value not in counts and len(counts) >= _MOST_VALUES:
        return counts
    return {**counts, value: counts.get(value, 0) + number}


def _merged_counts(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    for value, number in other.items():
        one = _counted(one, value, number)
    return one


def _taken_back(counts: dict[str, int], value: str) -> dict[str, int]:
    left = {**counts, value: counts.get(value, 0) - 1}
    return {text: number for text, number in left.items() if number > 0}


def _changed(pairs: Pairs, value: Any, number: int) -> Pairs:
    """Return pairs of values and their numbers with one of them changed; values may be lists."""
    found = sum(times for one, times in pairs if one == value)
    others = tuple(pair for pair in pairs if pair[0] != value)
    return (*others, (value, found + number)) if found + number > 0 else others


def _merged_pairs(one: Pairs, other: Pairs) -> Pairs:
    for value, number in other:
        one = _changed(one, value, number)
    return one


def _only(pairs: Pairs) -> Any:
    return pairs[0][0] if len(pairs) == 1 else None
