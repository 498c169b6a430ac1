"""Calls of built-in functions, as an expression makes them."""

from decimal import Decimal
from typing import Any

from eventlab.sql.functions.registry import Functions
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DOUBLE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    SqlType,
)

BUILTIN = Functions.builtin()

_KINDS = {bool: BOOLEAN, float: DOUBLE, str: STRING, bytes: BYTES}


def kind_of(value: Any) -> SqlType | None:
    """Return the type of a value that is written out, None for NULL."""
    if isinstance(value, Decimal):
        number = value.as_tuple()
        scale = max(0, -int(number.exponent))
        return DecimalType(max(len(number.digits), scale), scale)
    if isinstance(value, list):
        return ArrayType(kind_of(value[0]) or STRING)
    if isinstance(value, int) and not isinstance(value, bool):
        return INTEGER if -(2**31) <= value < 2**31 else BIGINT
    return _KINDS.get(type(value))


def called(name: str, *values: Any, kinds: list[SqlType | None] | None = None) -> Any:
    """Return what a function gives; whole numbers are DOUBLE where it takes that, as in SQL."""
    types = [kind_of(value) for value in values] if kinds is None else kinds
    chosen = BUILTIN.scalar(name, types)
    if not chosen.variant.takes_null and None in values:
        return None
    converted = [
        float(value) if kind == DOUBLE and value is not None else value
        for kind, value in zip(chosen.kinds, values, strict=True)
    ]
    return chosen.variant.compute(*converted)


def result_kind(name: str, *kinds: SqlType | None) -> SqlType | None:
    """Return the type that a function gives for arguments of some types."""
    return BUILTIN.scalar(name, kinds).returns
