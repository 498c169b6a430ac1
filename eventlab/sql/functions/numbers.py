"""Functions of numbers: sizes, signs, roots, powers, logarithms, angles, chance.

What has no result is NaN or Infinity, as in Java, and no error. Source: ksqlDB's reference, "Scalar
functions"; LOG of one number is the natural logarithm there, whatever its text says.
"""

import math
import random
from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from eventlab.sql.expressions.casts import wrapped
from eventlab.sql.functions.declaring import scalar
from eventlab.sql.types import BIGINT, INTEGER

Number = TypeVar("Number", float, Decimal)

_RESULTS = {
    "ACOS": (math.acos, "Find the angle of a cosine, in radians."),
    "ASIN": (math.asin, "Find the angle of a sine, in radians."),
    "ATAN": (math.atan, "Find the angle of a tangent, in radians."),
    "COS": (math.cos, "Take the cosine of an angle in radians."),
    "COSH": (math.cosh, "Take the hyperbolic cosine of a number."),
    "DEGREES": (math.degrees, "Turn radians into degrees."),
    "EXP": (math.exp, "Raise e to a power."),
    "RADIANS": (math.radians, "Turn degrees into radians."),
    "SIN": (math.sin, "Take the sine of an angle in radians."),
    "SQRT": (math.sqrt, "Take the square root of a number."),
    "TAN": (math.tan, "Take the tangent of an angle in radians."),
    "TANH": (math.tanh, "Take the hyperbolic tangent of a number."),
}


@scalar("ABS", "(x DECIMAL) DECIMAL", "Take a number without its sign.")
@scalar("ABS", "(x DOUBLE) DOUBLE")
def absolute(x: Number) -> Number:
    """Return a number that is not below 0."""
    return x.copy_abs() if isinstance(x, Decimal) else abs(x)  # abs() rounds to 28 digits


@scalar("ABS", "(x INT) INT")
def absolute_integer(x: int) -> int:
    """Return a number that is not below 0, save for the least: there is none without its sign."""
    return wrapped(abs(x), INTEGER)


@scalar("ABS", "(x BIGINT) BIGINT")
def absolute_long(x: int) -> int:
    """Return a number that is not below 0, save for the least: there is none without its sign."""
    return wrapped(abs(x), BIGINT)


@scalar("SIGN", "(x DOUBLE) INT", "Take 1, 0 or -1 for a number above, at or below 0.")
@scalar("SIGN", "(x BIGINT) INT")
@scalar("SIGN", "(x INT) INT")
def sign(x: float) -> int:
    """Return 1, 0 or -1; 0 for what is no number."""
    return (x > 0) - (x < 0)


@scalar("LN", "(x DOUBLE) DOUBLE", "Take the natural logarithm of a number.")
@scalar("LOG", "(x DOUBLE) DOUBLE", "Take a logarithm: the natural one, or to a base.")
def logarithm(x: float) -> float:
    """Return the natural logarithm, -Infinity for 0."""
    if x == 0:
        return -math.inf
    return math.log(x) if x > 0 else math.nan


@scalar("LOG", "(base DOUBLE, x DOUBLE) DOUBLE")
def logarithm_to(base: float, x: float) -> float:
    """Return the logarithm to a base, NaN where there is none to such a base."""
    if base <= 0 or base == 1:
        return math.nan
    return logarithm(x) / logarithm(base)


@scalar("CBRT", "(x DOUBLE) DOUBLE", "Take the cube root of a number.")
def cube_root(x: float) -> float:
    """Return the cube root; whole where it is, which not every C library finds."""
    root = math.cbrt(x)
    nearest = round(root, 0)
    return nearest if nearest * nearest * nearest == x else root


@scalar("POWER", "(base DOUBLE, exponent DOUBLE) DOUBLE", "Raise a number to a power.")
def power(base: float, exponent: float) -> float:
    """Return the power, Infinity where it is too great for a DOUBLE."""
    is_odd = exponent % 2 == 1 and math.isfinite(exponent)
    infinity = math.copysign(math.inf, base) if is_odd else math.inf
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return infinity
    except ValueError:  # a root of a negative number, or 1 over 0
        return infinity if base == 0 else math.nan


@scalar("SINH", "(x DOUBLE) DOUBLE", "Take the hyperbolic sine of a number.")
def hyperbolic_sine(x: float) -> float:
    """Return the hyperbolic sine, Infinity with its sign where it is too great."""
    try:
        return math.sinh(x)
    except OverflowError:
        return math.copysign(math.inf, x)


@scalar("COT", "(x DOUBLE) DOUBLE", "Take the cotangent of an angle in radians.")
def cotangent(x: float) -> float:
    """Return the cotangent, Infinity with its sign at 0."""
    if math.isinf(x):
        return math.nan
    tangent = math.tan(x)
    return 1 / tangent if tangent else math.copysign(math.inf, tangent)


@scalar("ATAN2", "(y DOUBLE, x DOUBLE) DOUBLE", "Find the angle of a point (x, y), in radians.")
def angle(y: float, x: float) -> float:
    """Return the angle between the x axis and the line to the point."""
    return math.atan2(y, x)


@scalar("PI", "() DOUBLE", "Take the number pi.")
def pi() -> float:
    """Return the number pi."""
    return math.pi


@scalar("RANDOM", "() DOUBLE", "Draw a number from 0 up to 1, another one each time.")
def drawn() -> float:
    """Return a number from 0 up to 1, without 1 itself."""
    return random.random()


def _without_errors(function: Callable[[float], float]) -> Callable[[float], float]:
    """Return a function that gives NaN where there is no result, Infinity where it is too great."""

    def computed(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return computed


for _name, (_function, _description) in _RESULTS.items():
    scalar(_name, "(x DOUBLE) DOUBLE", _description)(_without_errors(_function))
