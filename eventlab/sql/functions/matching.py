"""Whether the arguments of a call fit a signature, and how well.

A signature that fits without converting anything is better than one that does not; then one with a
fixed number of parameters, then one with fewer types that stand for several, then the one whose
arguments are converted least. Source: ksqlDB's reference, "Implicit type coercion".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from eventlab.sql.functions.signatures import (
    AnyDecimal,
    AnyType,
    ArgumentType,
    ArrayPattern,
    Generic,
    LambdaType,
    MapPattern,
    Parameter,
    Pattern,
    StructPattern,
)
from eventlab.sql.types import (
    BIGINT,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
    is_number,
)

MOST_DIGITS = 38

Bindings: TypeAlias = dict[str, SqlType]

_WHOLE: dict[SqlType, DecimalType] = {INTEGER: DecimalType(10, 0), BIGINT: DecimalType(19, 0)}
_READ_FROM_TEXT = (DATE, TIME, TIMESTAMP, BYTES)
_DECIMAL = "DECIMAL"  # what a signature calls DECIMAL is one type, as a letter is


@dataclass
class Fit:
    """How well arguments fit, and what the letters of the signature stand for."""

    converted: int = 0
    generic: int = 0
    variadic: int = 0
    bindings: Bindings = field(default_factory=dict)

    def rank(self) -> tuple[bool, int, int, int]:
        """Return what is smaller, the better the fit."""
        return self.converted > 0, self.variadic, self.generic, self.converted


def matched(parameters: Sequence[Parameter], arguments: Sequence[ArgumentType]) -> Fit | None:
    """Return how well as many arguments fit parameters, None if one of them does not."""
    fit = Fit(variadic=sum(parameter.is_variadic for parameter in parameters))
    for parameter, argument in zip(parameters, arguments, strict=True):
        if not _fits(parameter.kind, argument, fit):
            return None
    return fit


def bound(pattern: Pattern | None, bindings: Bindings) -> ArgumentType:
    """Return the type that a pattern stands for, None where that is not known."""
    if isinstance(pattern, LambdaType):
        inputs = tuple(bound(one, bindings) or AnyType() for one in pattern.inputs)
        return LambdaType(inputs, bound(pattern.output, bindings))
    return bound_type(pattern, bindings)


def bound_type(pattern: Pattern | None, bindings: Bindings) -> SqlType | None:
    """Return the type of the values that a pattern stands for, None where that is not known."""
    if isinstance(pattern, Generic):
        return bindings.get(pattern.letter)
    if isinstance(pattern, AnyDecimal):
        return bindings.get(_DECIMAL)
    if isinstance(pattern, ArrayPattern):
        item = bound_type(pattern.item, bindings)
        return None if item is None else ArrayType(item)
    if isinstance(pattern, MapPattern):
        key = bound_type(pattern.key, bindings)
        value = bound_type(pattern.value, bindings)
        return None if key is None or value is None else MapType(key, value)
    if isinstance(pattern, StructPattern):
        return _bound_struct(pattern, bindings)
    if isinstance(pattern, AnyType | LambdaType):
        return None
    return pattern


def common_type(one: SqlType, other: SqlType) -> SqlType | None:
    """Return the type that holds the values of both, None if there is none."""
    if one == other:
        return one
    if isinstance(one, ArrayType) and isinstance(other, ArrayType):
        item = common_type(one.item, other.item)
        return None if item is None else ArrayType(item)
    if isinstance(one, MapType) and isinstance(other, MapType):
        key = common_type(one.key, other.key)
        value = common_type(one.value, other.value)
        return None if key is None or value is None else MapType(key, value)
    if is_number(one) and is_number(other):
        return _common_number(one, other)
    return None


def _common_number(one: SqlType, other: SqlType) -> SqlType:
    if DOUBLE in (one, other):
        return DOUBLE
    first = _as_decimal(one)
    second = _as_decimal(other)
    if first is None or second is None or {one, other} == {INTEGER, BIGINT}:
        return BIGINT
    scale = max(first.scale, second.scale)
    whole = max(first.precision - first.scale, second.precision - second.scale)
    return DecimalType(min(whole + scale, MOST_DIGITS), scale)


def _as_decimal(kind: SqlType) -> DecimalType | None:
    return kind if isinstance(kind, DecimalType) else _WHOLE.get(kind)


def _bound_struct(pattern: StructPattern, bindings: Bindings) -> SqlType | None:
    fields = []
    for name, kind in pattern.fields:
        found = bound_type(kind, bindings)
        if found is None:
            return None
        fields.append((name, found))
    return StructType(tuple(fields))


def _fits(pattern: Pattern, argument: ArgumentType, fit: Fit) -> bool:
    """Tell whether an argument fits a parameter, and count in `fit` what that costs."""
    if isinstance(pattern, LambdaType):
        return _fits_lambda(pattern, argument, fit)
    if isinstance(argument, LambdaType):
        return False
    if argument is None:
        return True
    if isinstance(pattern, AnyType):
        fit.generic += 2
        return True
    if isinstance(pattern, Generic):
        fit.generic += 1
        return _binds(pattern.letter, argument, fit)
    if isinstance(pattern, AnyDecimal):
        return _fits_decimal(argument, fit)
    if isinstance(pattern, ArrayPattern):
        return isinstance(argument, ArrayType) and _fits(pattern.item, argument.item, fit)
    if isinstance(pattern, MapPattern):
        return _fits_map(pattern, argument, fit)
    if isinstance(pattern, StructPattern):
        return _fits_struct(pattern, argument, fit)
    return _fits_type(pattern, argument, fit)


def _fits_lambda(pattern: LambdaType, argument: ArgumentType, fit: Fit) -> bool:
    if not isinstance(argument, LambdaType) or len(argument.inputs) != len(pattern.inputs):
        return False
    if argument.output is None or pattern.output is None:
        return True
    output = bound(argument.output, {})
    return _fits(pattern.output, output, fit)


def _fits_map(pattern: MapPattern, argument: SqlType, fit: Fit) -> bool:
    if not isinstance(argument, MapType):
        return False
    return _fits(pattern.key, argument.key, fit) and _fits(pattern.value, argument.value, fit)


def _fits_struct(pattern: StructPattern, argument: SqlType, fit: Fit) -> bool:
    if not isinstance(argument, StructType) or len(argument.fields) != len(pattern.fields):
        return False
    return all(_fits(kind, argument.field(name), fit) for name, kind in pattern.fields)


def _fits_decimal(argument: SqlType, fit: Fit) -> bool:
    found = _as_decimal(argument)
    if found is None:
        return False
    if found != argument:
        fit.converted += 2
    return _binds(_DECIMAL, found, fit)


def _binds(letter: str, argument: SqlType, fit: Fit) -> bool:
    before = fit.bindings.setdefault(letter, argument)
    both = common_type(before, argument)
    if both is None:
        return False
    if before != argument:
        fit.converted += 1
    fit.bindings[letter] = both
    return True


def _fits_type(wanted: SqlType, found: SqlType, fit: Fit) -> bool:
    cost = _conversion(found, wanted)
    fit.converted += cost or 0
    return cost is not None


def _conversion(found: SqlType, wanted: SqlType) -> int | None:
    """Return how far a type is from one that its values can stand for, None if they cannot."""
    if found == wanted:
        return 0
    if found == INTEGER and wanted == BIGINT:
        return 1
    if isinstance(wanted, DecimalType):
        return 2 if common_type(found, wanted) == wanted else None
    if wanted == DOUBLE and is_number(found):
        return 4
    if found == STRING and wanted in _READ_FROM_TEXT:
        return 8
    return None
