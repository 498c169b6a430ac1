"""Functions that take a function: arrays and maps transformed, filtered and reduced."""

from collections.abc import Callable
from typing import Any

from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.values import in_hash_order

Array = list[Any]
Map = dict[Any, Any]
Lambda = Callable[..., Any]


@scalar(
    "TRANSFORM",
    "(array ARRAY<T>, f LAMBDA<T, R>) ARRAY<R>",
    "An array or a map with each element changed by a function, the keys of a map by another.",
)
def transform_array(array: Array, change: Lambda) -> Array:
    """Return what a function makes of each element."""
    return [change(value) for value in array]


@scalar("TRANSFORM", "(map MAP<K, V>, key LAMBDA<K, V, R>, value LAMBDA<K, V, S>) MAP<R, S>")
def transform_map(entries: Map, change_key: Lambda, change_value: Lambda) -> Map:
    """Return what two functions make of keys and values.

    Raises ValueError where two keys become one, or a value NULL: Java's maps refuse both.
    """
    changed: Map = {}
    for key, value in entries.items():
        new_key = change_key(key, value)
        if new_key in changed:
            raise ValueError(f"Two keys of the map become {new_key!r}")
        changed[new_key] = _required(change_value(key, value))
    return changed


@scalar(
    "FILTER",
    "(array ARRAY<T>, f LAMBDA<T, BOOLEAN>) ARRAY<T>",
    "The elements of an array, or the entries of a map, for which a condition holds.",
)
def filter_array(array: Array, condition: Lambda) -> Array:
    """Return the elements for which a condition holds. Raises ValueError where it is NULL."""
    return [value for value in array if _required(condition(value))]


@scalar("FILTER", "(map MAP<K, V>, f LAMBDA<K, V, BOOLEAN>) MAP<K, V>")
def filter_map(entries: Map, condition: Lambda) -> Map:
    """Return the entries for which a condition holds.

    Raises ValueError where it is NULL, and where the value of such an entry is.
    """
    return {
        key: _required(value) for key, value in entries.items() if _required(condition(key, value))
    }


@scalar(
    "REDUCE",
    "(array ARRAY<T>, state S, f LAMBDA<S, T, S>) S",
    "What a function makes of a state and each element, or each key and value, in turn.",
    takes_null=True,
)
def reduce_array(array: Array | None, state: Any, change: Lambda) -> Any:
    """Return the state after all elements; what was NULL at first stays so."""
    if state is None:
        return None
    for value in array or []:
        state = change(state, value)
    return state


@scalar("REDUCE", "(map MAP<K, V>, state S, f LAMBDA<S, K, V, S>) S", takes_null=True)
def reduce_map(entries: Map | None, state: Any, change: Lambda) -> Any:
    """Return the state after all entries; what was NULL at first stays so."""
    if state is None:
        return None
    for key, value in in_hash_order(entries or {}).items():
        state = change(state, key, value)
    return state


def _required(value: Any) -> Any:
    if value is None:
        raise ValueError("A value in a map, or a condition, is NULL")
    return value
