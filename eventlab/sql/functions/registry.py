"""The functions that statements may call: one registry, which SHOW and DESCRIBE FUNCTION read too.

A function is a Python function and a signature; several of one name are its variants, of which the
one is taken that needs the least converting. Each has one line that says what it does.
"""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from eventlab.errors import SqlError
from eventlab.sql.functions.matching import Fit, bound, bound_type, matched
from eventlab.sql.functions.signatures import ArgumentType, LambdaType, Parameter, Signature
from eventlab.sql.syntax import Position
from eventlab.sql.types import SqlType

FunctionKind: TypeAlias = Literal["scalar", "aggregate", "table"]
# Where a signature cannot say it: the type of the result by the types of the arguments.
Returns: TypeAlias = Callable[[Sequence[ArgumentType]], SqlType | None]
_Fitting: TypeAlias = tuple["Variant", tuple[Parameter, ...], Fit]


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

    Where it is made `by_types`, `compute` is first called with the types of the arguments and
    returns what is called with their values: whoever chooses a variant gets that one. It raises
    SqlError where they do not go together. Where it `needs_type`, arguments that are NULL and
    nothing else do not fit: they have none.
    """

    signature: Signature
    compute: Callable[..., Any]
    takes_null: bool = False
    returns: Returns | None = None
    by_types: bool = False
    needs_type: bool = False


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


class Functions:
    """Functions by name, in capitals or not; one name is one kind of function."""

    def __init__(self) -> None:
        self._by_name: dict[str, Function] = {}

    @classmethod
    def builtin(cls) -> "Functions":
        """Return the functions that are always there, to which a user's own can be added."""
        # The modules that declare them need what is in this one.
        from eventlab.sql.functions.declaring import gathered

        return gathered().copy()

    def copy(self) -> "Functions":
        """Return the same functions; what is added to one of the two is not in the other."""
        twin = Functions()
        for function in self._by_name.values():
            for variant in reversed(function.variants):
                twin.add(function.name, function.kind, variant, function.description)
        return twin

    def add(self, name: str, kind: FunctionKind, variant: Variant, description: str = "") -> None:
        """Add a variant; one with the same parameters takes the place of that before.

        Raises SqlError where the name is a function of another kind.
        """
        function = self._by_name.setdefault(name.upper(), Function(name.upper(), kind, ""))
        if function.kind != kind:
            raise SqlError(
                f"{function.name} is a function already",
                expected=f"a name that no {function.kind} function has",
                found=f"{'an' if kind == 'aggregate' else 'a'} {kind} function of that name",
                remedy="Give it a name of its own.",
            )
        same = variant.signature.parameters
        others = [one for one in function.variants if one.signature.parameters != same]
        function.variants = [variant, *others]
        function.description = description or function.description

    def described(self) -> list[Function]:
        """Return every function, by name."""
        return sorted(self._by_name.values(), key=lambda function: function.name)

    def function(self, name: str, position: Position | None = None) -> Function:
        """Return a function by its name. Raises SqlError with the nearest names."""
        found = self._by_name.get(name.upper())
        if found is None:
            near = difflib.get_close_matches(name.upper(), self._by_name, n=3)
            raise SqlError(
                f"There is no function {name.upper()}",
                expected=f"one such as {', '.join(near)}" if near else "a function that is there",
                found=name,
                remedy="SHOW FUNCTIONS lists all that there are.",
                position=position,
            )
        return found

    def kind_of(self, name: str) -> FunctionKind | None:
        """Return what kind of function a name is, None where there is none."""
        found = self._by_name.get(name.upper())
        return None if found is None else found.kind

    def scalar(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> Chosen:
        """Return the variant of a scalar function that fits. Raises SqlError."""
        return self._chosen(name, "scalar", argument_types, position)

    def aggregate(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> Chosen:
        """Return the variant of an aggregate function that fits. Raises SqlError."""
        return self._chosen(name, "aggregate", argument_types, position)

    def table(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> Chosen:
        """Return the variant of a table function that fits. Raises SqlError."""
        return self._chosen(name, "table", argument_types, position)

    def lambda_inputs(
        self, name: str, argument_types: Sequence[ArgumentType], position: Position | None = None
    ) -> list[tuple[SqlType, ...] | None]:
        """Return the types of the parameters of each lambda, by the arguments that are none.

        None for an argument that is no lambda. A lambda whose body has no type yet is given as
        `unread_lambda(number of its parameters)`. Raises SqlError, also where the types of
        parameters cannot be known since the other arguments are NULL.
        """
        function = self.function(name, position)
        _, parameters, fit = _best(function, argument_types, position)
        return [
            _lambda_inputs(function, parameter.kind, fit, position)
            if isinstance(parameter.kind, LambdaType)
            else None
            for parameter in parameters
        ]

    def _chosen(
        self,
        name: str,
        kind: FunctionKind,
        argument_types: Sequence[ArgumentType],
        position: Position | None,
    ) -> Chosen:
        function = self.function(name, position)
        if function.kind != kind:
            raise _wrong_kind(function, kind, position)
        variant, parameters, fit = _best(function, argument_types, position)
        kinds = tuple(bound(parameter.kind, fit.bindings) for parameter in parameters)
        if variant.returns is None:
            returns = bound_type(variant.signature.returns, fit.bindings)
        else:
            returns = variant.returns(argument_types)
        if variant.by_types:
            compute = _by_types(variant, argument_types, position)
            variant = replace(variant, compute=compute, by_types=False)
        return Chosen(variant, parameters, kinds, returns)


def _by_types(
    variant: Variant, argument_types: Sequence[ArgumentType], position: Position | None
) -> Callable[..., Any]:
    """Return what computes for arguments of some types; what it refuses is refused in its place."""
    try:
        compute: Callable[..., Any] = variant.compute(argument_types)
    except SqlError as error:
        raise SqlError(
            error.summary,
            expected=error.expected,
            found=error.found,
            remedy=error.remedy,
            position=position,
        ) from None
    return compute


def _best(
    function: Function, argument_types: Sequence[ArgumentType], position: Position | None
) -> _Fitting:
    """Return the variant that fits best; of two that fit alike the one added last."""
    fitting = []
    has_type = any(kind is not None for kind in argument_types)
    for variant in function.variants:
        if variant.needs_type and not has_type:
            continue
        parameters = variant.signature.parameters_for(len(argument_types))
        fit = None if parameters is None else matched(parameters, argument_types)
        if parameters is not None and fit is not None:
            fitting.append((variant, parameters, fit))
    if not fitting:
        raise _misfit(function, argument_types, position)
    return min(fitting, key=lambda one: one[2].rank())


def _lambda_inputs(
    function: Function, kind: LambdaType, fit: Fit, position: Position | None
) -> tuple[SqlType, ...]:
    inputs = []
    for pattern in kind.inputs:
        found = bound_type(pattern, fit.bindings)
        if found is None:
            raise SqlError(
                f"The lambda of {function.name} has parameters of no type",
                expected="an array or a map whose type is known",
                found="NULL",
                remedy="CAST it to the type that it is meant to have.",
                position=position,
            )
        inputs.append(found)
    return tuple(inputs)


def _wrong_kind(function: Function, wanted: FunctionKind, position: Position | None) -> SqlError:
    places = {
        "scalar": "anywhere in an expression",
        "aggregate": "in SELECT and HAVING of a query with GROUP BY",
        "table": "by itself as an item of SELECT",
    }
    return SqlError(
        f"{function.name} cannot be called here",
        expected=f"a {wanted} function" if wanted != "aggregate" else "an aggregate function",
        found=f"the {function.kind} function {function.name}",
        remedy=f"It stands {places[function.kind]}.",
        position=position,
    )


def _misfit(
    function: Function, argument_types: Sequence[ArgumentType], position: Position | None
) -> SqlError:
    signatures = [f"{function.name}{variant.signature}" for variant in function.variants]
    found = ", ".join("NULL" if kind is None else str(kind) for kind in argument_types)
    return SqlError(
        f"{function.name} does not take such arguments",
        expected=" or ".join(signatures),
        found=f"({found})",
        remedy=f"CAST what is of another type; DESCRIBE FUNCTION {function.name} says more.",
        position=position,
    )
