"""Arrays: what is in them, joined, compared, cut and sorted."""

from decimal import Decimal
from typing import Any

from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.values import distinct, greatest, identity, least, order
from eventlab.sql.texts import double_text

Array = list[Any]

_ASCENDING = ("ASC", "ASCENDING")
_DESCENDING = ("DESC", "DESCENDING")
# One row cannot take all memory.
_LONGEST_SERIES = 1_000_000


@scalar(
    "ARRAY_CONTAINS",
    "(array ARRAY<T>, value T) BOOLEAN",
    "Whether a value is in an array; NULL may be, and nothing is in NULL.",
    takes_null=True,
)
def array_contains(array: Array | None, value: Any) -> bool:
    """Tell whether a value is in an array."""
    return array is not None and value in array


@scalar(
    "ARRAY_CONCAT",
    "(first ARRAY<T>, second ARRAY<T>) ARRAY<T>",
    "The elements of one array and then of another; NULL has none.",
    takes_null=True,
)
def array_concat(first: Array | None, second: Array | None) -> Array | None:
    """Return two arrays as one, None where both are."""
    if first is None and second is None:
        return None
    return (first or []) + (second or [])


@scalar("ARRAY_DISTINCT", "(array ARRAY<T>) ARRAY<T>", "Each element once, where it first stands.")
def array_distinct(array: Array) -> Array:
    """Return an array without what is in it already."""
    return distinct(array)


@scalar(
    "ARRAY_EXCEPT",
    "(array ARRAY<T>, exceptions ARRAY<T>) ARRAY<T>",
    "Each element of the first array once, without those of the second.",
)
def array_except(array: Array, exceptions: Array) -> Array:
    """Return what is in the first of two arrays only."""
    unwanted = set(map(identity, exceptions))
    return [value for value in distinct(array) if identity(value) not in unwanted]


@scalar(
    "ARRAY_INTERSECT",
    "(first ARRAY<T>, second ARRAY<T>) ARRAY<T>",
    "Each element once that is in both arrays, in the order of the first.",
)
def array_intersect(first: Array, second: Array) -> Array:
    """Return what is in both of two arrays."""
    wanted = set(map(identity, second))
    return [value for value in distinct(first) if identity(value) in wanted]


@scalar(
    "ARRAY_UNION",
    "(first ARRAY<T>, second ARRAY<T>) ARRAY<T>",
    "Each element once that is in one of two arrays, those of the first before the others.",
)
def array_union(first: Array, second: Array) -> Array:
    """Return what is in one of two arrays, or in both."""
    return distinct(first + second)


@scalar(
    "ARRAY_REMOVE",
    "(array ARRAY<T>, value T) ARRAY<T>",
    "The elements that are not equal to a value; NULL may be one.",
    takes_null=True,
)
def array_remove(array: Array | None, value: Any) -> Array | None:
    """Return an array without a value."""
    return None if array is None else [one for one in array if one != value]


@scalar("ARRAY_LENGTH", "(array ARRAY<T>) INT", "How many elements an array has.")
def array_length(array: Array) -> int:
    """Return how many elements an array has."""
    return len(array)


@scalar("ARRAY_MAX", "(array ARRAY<T>) T", "The greatest element that is not NULL.")
def array_max(array: Array) -> Any:
    """Return the greatest element, None where there is none."""
    return greatest(array)


@scalar("ARRAY_MIN", "(array ARRAY<T>) T", "The least element that is not NULL.")
def array_min(array: Array) -> Any:
    """Return the least element, None where there is none."""
    return least(array)


@scalar(
    "ARRAY_SORT",
    "(array ARRAY<T>, direction STRING?) ARRAY<T>",
    "The elements in ascending (ASC) or descending (DESC) order, NULLs last.",
)
def array_sort(array: Array, direction: str = "ASC") -> Array | None:
    """Return an array sorted, None where the direction is neither."""
    if direction.upper() not in _ASCENDING + _DESCENDING:
        return None
    values = [value for value in array if value is not None]
    values.sort(key=order, reverse=direction.upper() in _DESCENDING)
    return values + [None] * (len(array) - len(values))


@scalar(
    "ARRAY_JOIN",
    "(array ARRAY<T>, delimiter STRING?) STRING",
    "The elements as one text, with a comma or another delimiter between them.",
    takes_null=True,
)
def array_join(array: Array | None, delimiter: str | None = ",") -> str | None:
    """Return the elements as one text; raise TypeError where they have parts themselves."""
    return None if array is None else (delimiter or "").join(map(_text, array))


@scalar(
    "SLICE",
    "(array ARRAY<T>, first INT, last INT) ARRAY<T>",
    "The elements from one place to another, both from 1; NULL is the end of the array.",
    takes_null=True,
)
def array_slice(array: Array | None, first: int | None, last: int | None) -> Array | None:
    """Return a part of an array, None where the array does not have it."""
    if array is None:
        return None
    start = 0 if first is None else first - 1
    end = len(array) if last is None else last
    return array[start:end] if 0 <= start <= end <= len(array) else None


@scalar(
    "GENERATE_SERIES",
    "(first INT, last INT, step INT?) ARRAY<INT>",
    "The numbers from one to another, both included, one or another step apart.",
)
@scalar("GENERATE_SERIES", "(first BIGINT, last BIGINT, step INT?) ARRAY<BIGINT>")
def generate_series(first: int, last: int, step: int | None = None) -> list[int]:
    """Return numbers in a row; raise ValueError where the step leads away, or is none."""
    if step is None:
        step = 1 if last > first else -1
    if step == 0 or (last - first) * step < 0:
        raise ValueError(f"Steps of {step} do not lead from {first} to {last}")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    if len(numbers) > _LONGEST_SERIES:
        raise ValueError(f"A series has at most {_LONGEST_SERIES} numbers")
    return list(numbers)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, int | str | Decimal):
        return str(value)
    raise TypeError("Only texts, numbers and truth values can be joined")
