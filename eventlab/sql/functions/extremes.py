"""Aggregate functions that keep the greatest or the least values."""

import operator
from collections.abc import Callable, Sequence
from typing import Any

from eventlab.sql.functions.arguments import required_at_least_one
from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.registry import Folding
from eventlab.sql.functions.signatures import ArgumentType
from eventlab.sql.functions.values import order
from eventlab.sql.types import ArrayType, SqlType, StructType

_ORDERED = ("INT", "BIGINT", "DOUBLE", "DECIMAL", "STRING", "DATE", "TIME", "TIMESTAMP", "BYTES")
_SORTED_BY = "sort_col"


def maximum() -> Folding:
    """Keep the greatest value."""
    return _extreme(operator.gt)


def minimum() -> Folding:
    """Keep the least value."""
    return _extreme(operator.lt)


def top(k: int) -> Folding:
    """Keep the k greatest values."""
    return _top(k, lambda value: value)


def top_distinct(k: int) -> Folding:
    """Keep the k greatest values, each once."""
    return _top(k, lambda value: value, is_distinct=True)


def top_rows(k: int) -> Folding:
    """Keep the rows of the k greatest values: structs of `sort_col`, `col0`, `col1`, …."""
    return _top(k, _row)


def rows_type(kinds: Sequence[ArgumentType]) -> SqlType | None:
    """Return the type of the rows that TOPK keeps, None where that of a column is not known."""
    fields = []
    for name, kind in zip(_field_names(len(kinds) - 1), kinds[:-1], strict=True):
        if not isinstance(kind, SqlType):
            return None
        fields.append((name, kind))
    return ArrayType(StructType(tuple(fields)))


def _declare(kind: str) -> None:
    """Declare the functions of this module for values of one type."""
    one = f"(value {kind}) {kind}"
    aggregate("MAX", one, "The greatest of the values.")(maximum)
    aggregate("MIN", one, "The least of the values.")(minimum)
    several = f"(value {kind}, k INT!) ARRAY<{kind}>"
    aggregate(
        "TOPKDISTINCT", several, "The k greatest of the values, each once, the greatest first."
    )(top_distinct)
    aggregate(
        "TOPK", several, "The k greatest of the values, the greatest first, or rows of these."
    )(top)
    rows = f"(value {kind}, column ANY, columns... ANY, k INT!) ARRAY<{kind}>"
    aggregate("TOPK", rows, takes_null=True, returns=rows_type)(top_rows)


def _extreme(is_better: Callable[[Any, Any], bool]) -> Folding:
    def add(one: Any, other: Any) -> Any:
        if one is None or other is None:
            return other if one is None else one
        return other if is_better(order(other), order(one)) else one

    return Folding(lambda: None, add, lambda value: value, add)


def _top(k: int, entry: Callable[..., Any], is_distinct: bool = False) -> Folding:
    """Return the k greatest entries, each made of a row's arguments; one without value is none."""
    required_at_least_one(k, "k")

    def cut(entries: tuple[Any, ...]) -> tuple[Any, ...]:
        wanted = tuple(dict.fromkeys(entries)) if is_distinct else entries
        return tuple(sorted(wanted, key=_rank, reverse=True)[:k])

    def add(state: tuple[Any, ...], value: Any, *columns: Any) -> tuple[Any, ...]:
        if value is None or (len(state) == k and order(value) <= _rank(state[-1])):
            return state
        return cut((*state, entry(value, *columns)))

    return Folding(tuple, add, list, lambda one, other: cut(one + other))


def _row(*values: Any) -> dict[str, Any]:
    return dict(zip(_field_names(len(values)), values, strict=True))


def _field_names(number: int) -> list[str]:
    return [_SORTED_BY, *(f"col{place}" for place in range(number - 1))]


def _rank(entry: Any) -> Any:
    return order(entry[_SORTED_BY] if isinstance(entry, dict) else entry)


for _kind in _ORDERED:
    _declare(_kind)
