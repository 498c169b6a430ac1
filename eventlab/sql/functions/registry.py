"""The functions that statements may call: one registry, which SHOW and DESCRIBE FUNCTION read too.

A function is a Python function and a signature; several of one name are its variants, of which the
one is taken that needs the least converting. Each has one line that says what it does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from eventlab.sql.functions.signatures import (
    ArgumentType,
    Parameter,
    Signature,
)
from eventlab.sql.types import SqlType

FunctionKind: TypeAlias = Literal["scalar", "aggregate", "table"]
# Where a signature cannot say it: the type of the result by the types of the arguments.
Returns: TypeAlias = Callable[[Sequence[ArgumentType]], SqlType]


@dataclass(frozen=True)
class Folding:
    """How an aggregate function is computed; `state` is any value that can be pickled.

    `begin` makes the state of a group without rows. `add` returns the state with one row's
    arguments, and never changes the one it was given; `result` makes the value of a state. `merge`
    makes one state of those of two sessions, `subtract` takes a row's arguments back where a table
    is aggregated; None where the function cannot.
    """

    begin: Callable[[], Any]
    add: Callable[..., Any]
    result: Callable[[Any], Any]
    merge: Callable[[Any, Any], Any] | None = None
    subtract: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Variant:
    """One signature of a function, and what computes it.

    `compute` of a scalar function is called with the arguments and returns the value; of a table
    function it returns a list of values; of an aggregate function it is called with those arguments
    that are written out and returns a Folding. Unless it `takes_null`, a scalar function gives NULL
    where one of its arguments is NULL and is not called, a table function no rows, and an aggregate
    leaves the row out. What `compute` raises as ValueError, ArithmeticError, LookupError or
    TypeError makes the value NULL, and is reported beside the query.
    """

    signature: Signature
    compute: Callable[..., Any]
    takes_null: bool = False
    returns: Returns | None = None


@dataclass
class Function:
    """What statements call by one name."""

    name: str
    kind: FunctionKind
    description: str
    variants: list[Variant] = field(default_factory=list)


@dataclass(frozen=True)
class Chosen:
    """The variant that fits a call: to what its arguments are converted, and what it gives."""

    variant: Variant
    parameters: tuple[Parameter, ...]
    kinds: tuple[ArgumentType, ...]  # what each argument is converted to; None: left as it is
    returns: SqlType | None  # None where it gives NULL whatever it is called with
