"""Aggregate functions that add up: sums and averages; INT and BIGINT wrap round as Java's do."""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.registry import Folding

# Digits enough for any sum of DECIMALs, which have 38 at most.
_EXACT = Context(prec=76)

Add = Callable[[Any, Any], Any]


def _wrapping(bits: int) -> Add:
    """Return an addition that wraps round at so many bits."""
    half = 1 << (bits - 1)

    def add(one: int, other: int) -> int:
        return (one + other + half) % (2 * half) - half

    return add


_add_int = _wrapping(32)
_add_bigint = _wrapping(64)


def _add_double(one: float, other: float) -> float:
    return one + other


@aggregate("SUM", "(value INT) INT", "The sum of the values.")
def sum_int() -> Folding:
    """Add up values of 32 bits."""
    return _sum(_add_int, 0)


@aggregate("SUM", "(value BIGINT) BIGINT")
def sum_bigint() -> Folding:
    """Add up values of 64 bits."""
    return _sum(_add_bigint, 0)


@aggregate("SUM", "(value DOUBLE) DOUBLE")
def sum_double() -> Folding:
    """Add up doubles."""
    return _sum(_add_double, 0.0)


@aggregate("SUM", "(value DECIMAL) DECIMAL")
def sum_decimal() -> Folding:
    """Add up decimal numbers, without rounding."""
    return _sum(_EXACT.add, Decimal(0))


@aggregate("SUM_LIST", "(values ARRAY<INT>) INT", "The sum of all elements of the arrays.")
def sum_int_list() -> Folding:
    """Add up arrays of values of 32 bits."""
    return _sum(_add_int, 0, _total_of(_add_int, 0))


@aggregate("SUM_LIST", "(values ARRAY<BIGINT>) BIGINT")
def sum_bigint_list() -> Folding:
    """Add up arrays of values of 64 bits."""
    return _sum(_add_bigint, 0, _total_of(_add_bigint, 0))


@aggregate("SUM_LIST", "(values ARRAY<DOUBLE>) DOUBLE")
def sum_double_list() -> Folding:
    """Add up arrays of doubles."""
    return _sum(_add_double, 0.0, _total_of(_add_double, 0.0))


@aggregate("AVG", "(value INT) DOUBLE", "The average of the values, 0 where there are none.")
def average_int() -> Folding:
    """Average values of 32 bits, whose sum wraps round."""
    return _average(_add_int, 0)


@aggregate("AVG", "(value BIGINT) DOUBLE")
def average_bigint() -> Folding:
    """Average values of 64 bits, whose sum wraps round."""
    return _average(_add_bigint, 0)


@aggregate("AVG", "(value DOUBLE) DOUBLE")
def average_double() -> Folding:
    """Average doubles."""
    return _average(_add_double, 0.0)


def _sum(add: Add, zero: Any, total: Callable[[Any], Any] = lambda value: value) -> Folding:
    return Folding(
        lambda: zero,
        lambda state, value: add(state, total(value)),
        lambda state: state,
        add,
        lambda state, value: add(state, -total(value)),
    )


def _total_of(add: Add, zero: Any) -> Callable[[list[Any]], Any]:
    def total(values: list[Any]) -> Any:
        found = zero
        for value in values:
            found = found if value is None else add(found, value)
        return found

    return total


def _average(add: Add, zero: Any) -> Folding:
    """Return the average; its state is the sum and the number of values."""
    return Folding(
        lambda: (zero, 0),
        lambda state, value: (add(state[0], value), state[1] + 1),
        lambda state: float(state[0]) / state[1] if state[1] else 0.0,
        lambda one, other: (add(one[0], other[0]), one[1] + other[1]),
        lambda state, value: (add(state[0], -value), state[1] - 1),
    )
