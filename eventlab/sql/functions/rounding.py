"""Functions that make numbers rounder: to whole ones, or to some digits.

Halves are rounded up, towards the positive numbers, as Java's Math.round does it.
Source: ksqlDB's reference, "Scalar functions".
"""

import math
from collections.abc import Sequence
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_UP,
    Context,
    Decimal,
)

from eventlab.sql.functions.declaring import scalar
from eventlab.sql.functions.signatures import ArgumentType
from eventlab.sql.types import DecimalType, SqlType

# A double has at most so many digits in front of the point and behind it that are asked for.
_WIDE = Context(prec=1000)
_LONGS = range(-(2**63), 2**63)


def whole_decimal(kinds: Sequence[ArgumentType]) -> SqlType | None:
    """Return the type of a decimal number without what is behind the point."""
    kind = kinds[0]
    if not isinstance(kind, DecimalType):
        return None
    return DecimalType(max(kind.precision - kind.scale, 1), 0)


@scalar("CEIL", "(x DECIMAL) DECIMAL", "Take the least whole number that is not below a number.")
def decimal_ceiling(x: Decimal) -> Decimal:
    """Return a whole number with as many digits behind the point as before."""
    return _digits(x, 0, ROUND_CEILING)


@scalar("CEIL", "(x DOUBLE) DOUBLE")
def ceiling(x: float) -> float:
    """Return a whole number, or what is no number as it is."""
    return float(math.ceil(x)) if math.isfinite(x) else x


@scalar("FLOOR", "(x DECIMAL) DECIMAL", "Take the greatest whole number that is not above one.")
def decimal_floor(x: Decimal) -> Decimal:
    """Return a whole number with as many digits behind the point as before."""
    return _digits(x, 0, ROUND_FLOOR)


@scalar("FLOOR", "(x DOUBLE) DOUBLE")
def floor(x: float) -> float:
    """Return a whole number, or what is no number as it is."""
    return float(math.floor(x)) if math.isfinite(x) else x


@scalar("CEIL", "(x INT) INT")
@scalar("CEIL", "(x BIGINT) BIGINT")
@scalar("FLOOR", "(x INT) INT")
@scalar("FLOOR", "(x BIGINT) BIGINT")
@scalar("ROUND", "(x INT) BIGINT", "Round a number, halves up, to whole ones or to some digits.")
@scalar("ROUND", "(x BIGINT) BIGINT")
@scalar("TRUNC", "(x INT) BIGINT", "Cut a number off at the point, or behind some digits.")
@scalar("TRUNC", "(x BIGINT) BIGINT")
def whole(x: int) -> int:
    """Return a number that is whole already."""
    return x


@scalar("ROUND", "(x DOUBLE) BIGINT")
def rounded(x: float) -> int:
    """Return the nearest whole number that a BIGINT can be, 0 for what is no number."""
    return _long(math.floor(Decimal(x) + Decimal("0.5"))) if math.isfinite(x) else _limit(x)


@scalar("ROUND", "(x DOUBLE, digits INT) DOUBLE")
def rounded_to(x: float, digits: int) -> float:
    """Return a number rounded to digits behind the point, before it where they are below 0."""
    return float(_rounded(Decimal(repr(x)), digits))


@scalar("ROUND", "(x DECIMAL) DECIMAL", returns=whole_decimal)
def rounded_decimal(x: Decimal) -> Decimal:
    """Return the nearest whole number."""
    return _rounded(x, 0)


@scalar("ROUND", "(x DECIMAL, digits INT) DECIMAL")
def rounded_decimal_to(x: Decimal, digits: int) -> Decimal:
    """Return a number rounded to some digits, written with as many as before."""
    return _rescaled(_rounded(x, digits), x)


@scalar("TRUNC", "(x DOUBLE) BIGINT")
def cut(x: float) -> int:
    """Return what is in front of the point, 0 for what is no number."""
    return _long(math.trunc(x)) if math.isfinite(x) else _limit(x)


@scalar("TRUNC", "(x DOUBLE, digits INT) DOUBLE")
def cut_to(x: float, digits: int) -> float:
    """Return a number cut off behind some digits, before the point where they are below 0."""
    return float(_digits_of(Decimal(repr(x)), digits, ROUND_DOWN))


@scalar("TRUNC", "(x DECIMAL) DECIMAL", returns=whole_decimal)
def cut_decimal(x: Decimal) -> Decimal:
    """Return what is in front of the point."""
    return _digits_of(x, 0, ROUND_DOWN)


@scalar("TRUNC", "(x DECIMAL, digits INT) DECIMAL")
def cut_decimal_to(x: Decimal, digits: int) -> Decimal:
    """Return a number cut off behind some digits, written with as many as before."""
    return _rescaled(_digits_of(x, digits, ROUND_DOWN), x)


def _rounded(x: Decimal, digits: int) -> Decimal:
    return _digits_of(x, digits, ROUND_HALF_DOWN if x.is_signed() else ROUND_HALF_UP)


def _digits(x: Decimal, digits: int, rounding: str) -> Decimal:
    return _rescaled(_digits_of(x, digits, rounding), x)


def _digits_of(x: Decimal, digits: int, rounding: str) -> Decimal:
    """Return a number with just so many digits. Raises ValueError for what is no number."""
    if not x.is_finite():
        raise ValueError(f"{x} cannot be rounded")
    unit = Decimal(1).scaleb(-digits, _WIDE)
    return _WIDE.plus(x.quantize(unit, rounding=rounding, context=_WIDE))  # no zero below zero


def _rescaled(x: Decimal, before: Decimal) -> Decimal:
    return x.quantize(before, rounding=ROUND_DOWN, context=_WIDE)


def _long(x: int) -> int:
    return min(max(x, _LONGS[0]), _LONGS[-1])


def _limit(x: float) -> int:
    if math.isnan(x):
        return 0
    return _LONGS[-1] if x > 0 else _LONGS[0]
