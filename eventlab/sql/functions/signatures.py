"""Signatures of functions: written as text, matched against the types of a call's arguments.

A signature is `(<parameter> <type>, …) <type>`, such as `(text STRING, length INT) STRING`. A type
of one capital letter stands for any type, the same one wherever the letter is; `DECIMAL` for one of
any precision; `ANY` for any type at all; `LAMBDA<T, R>` for a function from T to R. A parameter
ending in `...` comes any number of times, and one ending in `?` may be left out with those behind
it. `!` behind a type wants a value that is written out, since it is needed before the first row.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from eventlab.sql.types import (
    BIGINT,
    DOUBLE,
    INTEGER,
    ArrayType,
    DecimalType,
    MapType,
    Plain,
    SqlType,
    StructType,
)

_DIGITS = {INTEGER: 10, BIGINT: 19}
_MOST_DIGITS = 38


@dataclass(frozen=True)
class Generic:
    """Any type, the same one wherever the letter is."""

    letter: str

    def __str__(self) -> str:
        return self.letter


@dataclass(frozen=True)
class AnyType:
    """Any type at all."""

    def __str__(self) -> str:
        return "ANY"


@dataclass(frozen=True)
class AnyDecimal:
    """A decimal number of any precision."""

    def __str__(self) -> str:
        return "DECIMAL"


@dataclass(frozen=True)
class LambdaType:
    """A function that is written out; `output` is None as long as its body has no type yet."""

    inputs: tuple["Pattern", ...]
    output: "Pattern | None"

    def __str__(self) -> str:
        return f"LAMBDA<{', '.join(map(str, [*self.inputs, self.output]))}>"


Pattern: TypeAlias = SqlType | Generic | AnyType | AnyDecimal | LambdaType
# What an argument is: its type, a function, or None for NULL.
ArgumentType: TypeAlias = SqlType | LambdaType | None
Bindings: TypeAlias = dict[str, SqlType]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a signature."""

    name: str
    kind: Pattern
    is_optional: bool = False
    is_variadic: bool = False
    is_written_out: bool = False

    def __str__(self) -> str:
        name = f"{self.name}{'...' if self.is_variadic else ''}{'?' if self.is_optional else ''}"
        return f"{name} {self.kind}"


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives."""

    parameters: tuple[Parameter, ...]
    returns: Pattern

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.parameters))}) {self.returns}"

    def parameters_for(self, number: int) -> tuple[Parameter, ...] | None:
        """Return the parameter of each of so many arguments, None if there cannot be so many."""
        needed = [one for one in self.parameters if not one.is_optional and not one.is_variadic]
        variadic = [place for place, one in enumerate(self.parameters) if one.is_variadic]
        if variadic:
            place = variadic[0]
            times = number - (len(self.parameters) - 1)
            if times < 0:
                return None
            repeated = (self.parameters[place],) * times
            return self.parameters[:place] + repeated + self.parameters[place + 1 :]
        if not len(needed) <= number <= len(self.parameters):
            return None
        return self.parameters[:number]


def matched(
    parameters: Sequence[Parameter], arguments: Sequence[ArgumentType]
) -> tuple[int, Bindings] | None:
    """Return how much must be converted and what the letters stand for, None if it does not fit.

    The less must be converted, the better a signature fits: the one with the least is taken.
    """
    bindings: Bindings = {}
    cost = 0
    for parameter, argument in zip(parameters, arguments, strict=True):
        found = _cost(parameter.kind, argument, bindings)
        if found is None:
            return None
        cost += found
    return cost, bindings


def bound(pattern: Pattern, bindings: Bindings) -> SqlType | LambdaType | None:
    """Return a pattern with its letters replaced, None where one of them is not known yet."""
    if isinstance(pattern, Generic):
        return bindings.get(pattern.letter)
    if isinstance(pattern, (AnyType, AnyDecimal)):
        return None
    if isinstance(pattern, ArrayType):
        item = bound(pattern.item, bindings)
        return None if item is None else ArrayType(item)  # type: ignore[arg-type]
    if isinstance(pattern, MapType):
        key = bound(pattern.key, bindings)
        value = bound(pattern.value, bindings)
        return None if key is None or value is None else MapType(key, value)  # type: ignore[arg-type]
    if isinstance(pattern, LambdaType):
        inputs = tuple(bound(one, bindings) for one in pattern.inputs)
        output = None if pattern.output is None else bound(pattern.output, bindings)
        return replace(pattern, inputs=inputs, output=output)  # type: ignore[arg-type]
    return pattern


def _cost(pattern: Pattern, argument: ArgumentType, bindings: Bindings) -> int | None:
    """Return how much an argument must be converted for a parameter, None if it does not fit."""
    if isinstance(pattern, LambdaType):
        return _lambda_cost(pattern, argument, bindings)
    if isinstance(argument, LambdaType):
        return None
    if argument is None:
        return 1
    if isinstance(pattern, AnyType):
        return 50
    if isinstance(pattern, Generic):
        return _generic_cost(pattern, argument, bindings)
    if isinstance(pattern, AnyDecimal):
        return _decimal_cost(argument)
    if isinstance(pattern, ArrayType):
        return (
            _cost(pattern.item, argument.item, bindings)
            if isinstance(argument, ArrayType)
            else None
        )
    if isinstance(pattern, MapType):
        if not isinstance(argument, MapType):
            return None
        costs = [
            _cost(pattern.key, argument.key, bindings),
            _cost(pattern.value, argument.value, bindings),
        ]
        return None if None in costs else sum(filter(None, costs))
    return 0 if pattern == argument else _widening(argument, pattern)


def _generic_cost(pattern: Generic, argument: SqlType, bindings: Bindings) -> int | None:
    before = bindings.setdefault(pattern.letter, argument)
    if before == argument:
        return 20
    widening = _widening(argument, before)
    if widening is not None:
        return 20 + widening
    if _widening(before, argument) is not None:
        bindings[pattern.letter] = argument
        return 21
    return None


def _lambda_cost(pattern: LambdaType, argument: ArgumentType, bindings: Bindings) -> int | None:
    if not isinstance(argument, LambdaType) or len(argument.inputs) != len(pattern.inputs):
        return None
    if argument.output is None or pattern.output is None:
        return 0
    return _cost(pattern.output, argument.output, bindings)  # type: ignore[arg-type]


def _decimal_cost(argument: SqlType) -> int | None:
    if isinstance(argument, DecimalType):
        return 0
    return 3 if argument in _DIGITS else None


def _widening(found: SqlType, wanted: SqlType | StructType) -> int | None:
    """Return how far a type is from one that holds all of its values, None if none does."""
    order: list[SqlType | Plain] = [INTEGER, BIGINT]
    if found == INTEGER and wanted == BIGINT:
        return 1
    if found in order and isinstance(wanted, DecimalType):
        return 2 if wanted.precision - wanted.scale >= _DIGITS[found] else None  # type: ignore[index]
    if isinstance(found, DecimalType) and isinstance(wanted, DecimalType):
        whole = wanted.precision - wanted.scale >= found.precision - found.scale
        return 1 if whole and wanted.scale >= found.scale else None
    if wanted == DOUBLE and (found in order or isinstance(found, DecimalType)):
        return 4
    return None
