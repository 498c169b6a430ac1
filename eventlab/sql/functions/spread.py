"""Aggregate functions on how values spread: deviations and correlation.

The sum of squares is kept as Youngs and Cramer do (1971, "Some Results Relevant to Choice of Sum
and Sum-of-Product Algorithms"), which loses few digits and can be taken back.
"""

import math
from collections.abc import Callable
from typing import TypeAlias

from eventlab.sql.functions.declaring import aggregate
from eventlab.sql.functions.registry import Folding

# How many values there are, their sum, and the squares of how far they are from the mean.
Spread: TypeAlias = tuple[int, float, float]
# Of pairs: their number, the sums of x and y, of their squares and of their products.
Sums: TypeAlias = tuple[float, ...]


@aggregate(
    "STDDEV_SAMP",
    "(value DOUBLE) DOUBLE",
    "The sample variance: ksqlDB keeps this name for the square of the standard deviation.",
)
@aggregate("STDDEV_SAMP", "(value BIGINT) DOUBLE")
@aggregate("STDDEV_SAMP", "(value INT) DOUBLE")
def sample_variance() -> Folding:
    """Return the squares by one less than their number."""
    return _spread(lambda number, squares: squares / (number - 1))


@aggregate(
    "STDDEV_SAMPLE", "(value DOUBLE) DOUBLE", "The standard deviation of a sample, 0 of one value."
)
@aggregate("STDDEV_SAMPLE", "(value BIGINT) DOUBLE")
@aggregate("STDDEV_SAMPLE", "(value INT) DOUBLE")
def sample_deviation() -> Folding:
    """Return the root of the sample variance."""
    return _spread(lambda number, squares: math.sqrt(squares / (number - 1)))


@aggregate(
    "STDDEV_POP", "(value DOUBLE) DOUBLE", "The standard deviation of all values, 0 of one value."
)
@aggregate("STDDEV_POP", "(value BIGINT) DOUBLE")
@aggregate("STDDEV_POP", "(value INT) DOUBLE")
def population_deviation() -> Folding:
    """Return the root of the variance."""
    return _spread(lambda number, squares: math.sqrt(squares / number))


@aggregate(
    "CORRELATION",
    "(x DOUBLE, y DOUBLE) DOUBLE",
    "Pearson's coefficient of two columns; NaN where one of them never changes.",
)
def correlation() -> Folding:
    """Correlate the pairs without NULL."""
    return Folding(
        lambda: (0, 0.0, 0.0, 0.0, 0.0, 0.0),
        lambda sums, x, y: _added(sums, _pair(x, y), 1),
        _coefficient,
        lambda one, other: _added(one, other, 1),
        lambda sums, x, y: _added(sums, _pair(x, y), -1),
    )


def _spread(compute: Callable[[int, float], float]) -> Folding:
    def result(spread: Spread) -> float:
        number, _, squares = spread
        return compute(number, max(0.0, squares)) if number > 1 else 0.0

    return Folding(lambda: (0, 0, 0.0), _with_value, result, _merged, _without_value)


def _with_value(spread: Spread, value: float) -> Spread:
    number, total, squares = spread
    return number + 1, total + value, squares + _square(value, number + 1, total + value)


def _without_value(spread: Spread, value: float) -> Spread:
    number, total, squares = spread
    return number - 1, total - value, squares - _square(value, number, total)


def _square(value: float, number: int, total: float) -> float:
    """Return what the last of so many values adds to the squares, `total` being their sum."""
    if number < 2:
        return 0.0
    difference = float(value * number - total)
    return difference * difference / (number * (number - 1))


def _merged(one: Spread, other: Spread) -> Spread:
    number, total, squares = one
    other_number, other_total, other_squares = other
    both = number + other_number
    between = 0.0
    if number and other_number:
        difference = total / number - other_total / other_number
        between = number * other_number * difference * difference / both
    return both, total + other_total, squares + other_squares + between


def _pair(x: float, y: float) -> Sums:
    return (1, x, y, x * x, y * y, x * y)


def _added(one: Sums, other: Sums, sign: int) -> Sums:
    return tuple(first + sign * second for first, second in zip(one, other, strict=True))


def _coefficient(sums: Sums) -> float:
    number, x, y, x_squares, y_squares, products = sums
    spreads = (number * x_squares - x * x) * (number * y_squares - y * y)
    if not spreads > 0:
        return math.nan
    return (number * products - x * y) / math.sqrt(spreads)
