"""A learner's own functions: plain Python, added to the functions that statements may call.

```python
def half(n: int) -> float: ...                    # scalar: from values to a value
def words(text: str) -> list[str]: ...            # table: one row for each of the list

class Longest:                                    # aggregate: over the rows of a group
    def begin(self): return ""
    def add(self, state, text: str): return max(state, text, key=len)
    def result(self, state) -> str: return state
```

The types are read from the annotations, unless a signature says them. The first line of the
docstring is what SHOW FUNCTIONS shows. What such a function raises, or returns of another type than
it says, makes the value NULL and is reported.
"""

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from eventlab.errors import UsageError, shown
from eventlab.sql.functions.annotations import row_signature_of, signature_of
from eventlab.sql.functions.registry import Folding, FunctionKind, Functions, Variant
from eventlab.sql.functions.signature_texts import signature_from
from eventlab.sql.functions.signatures import (
    AnyDecimal,
    ArrayPattern,
    MapPattern,
    Parameter,
    Pattern,
    Signature,
)
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    BYTES,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    DecimalType,
)

_CLASSES: dict[Pattern, type] = {
    **dict.fromkeys((INTEGER, BIGINT, DATE, TIME, TIMESTAMP), int),
    BOOLEAN: bool,
    DOUBLE: float,
    STRING: str,
    BYTES: bytes,
}


def add_own(
    functions: Functions,
    kind: FunctionKind,
    function: Callable[..., Any],
    *,
    name: str | None = None,
    signature: str | None = None,
    takes_null: bool = False,
) -> None:
    """Add a learner's function, or a class for an aggregate, by its own name or another one.

    Raises UsageError where its types are not said, and SqlError where the name is a function of
    another kind.
    """
    called = name or str(getattr(function, "__name__", ""))
    if not called.isidentifier():
        raise UsageError(
            "A function needs a name",
            expected="a name of letters, digits and _, or a function that has one",
            found=shown(called),
            remedy='Give it one: name="HALF".',
        )
    made = _VARIANTS[kind](function, signature, takes_null)
    lines = (inspect.getdoc(function) or "").splitlines()
    functions.add(called, kind, made, lines[0] if lines else f"Compute {called}.")


def _scalar(function: Callable[..., Any], text: str | None, takes_null: bool) -> Variant:
    signature = signature_from(text) if text else signature_of(function)
    return Variant(signature, _guarded(function, signature.returns), takes_null)


def _table(function: Callable[..., Any], text: str | None, takes_null: bool) -> Variant:
    signature = signature_from(text) if text else row_signature_of(function)
    rows = ArrayPattern(signature.returns)
    return Variant(signature, _guarded(function, rows), takes_null)


def _aggregate(function: Callable[..., Any], text: str | None, takes_null: bool) -> Variant:
    missing = [one for one in ("begin", "add", "result") if not hasattr(function, one)]
    if not inspect.isclass(function) or missing:
        raise UsageError(
            "An aggregate function is a class",
            expected="a class with begin(), add(state, …) and result(state)",
            found=f"{shown(function)} without {', '.join(missing) or 'being a class'}",
            remedy="Write these methods; merge(one, other) and subtract(state, …) may be there.",
        )
    signature = signature_from(text) if text else _folded(function)
    one: Any = function()
    folding = Folding(
        one.begin,
        _guarded(one.add),
        _guarded(one.result, signature.returns),
        getattr(one, "merge", None),
        getattr(one, "subtract", None),
    )
    return Variant(signature, lambda: folding, takes_null)


def _folded(cls: type) -> Signature:
    """Return the signature of an aggregate: the parameters of add, and what result returns."""
    # The state may be anything, and says no type.
    added = signature_of(_without_state(cls.add))  # type: ignore[attr-defined]
    returned = signature_of(_without_state(cls.result, keep_return=True))  # type: ignore[attr-defined]
    parameters: tuple[Parameter, ...] = added.parameters
    return Signature(parameters, returned.returns)


def _without_state(method: Callable[..., Any], *, keep_return: bool = False) -> Callable[..., Any]:
    """Return a function with the annotations of a method, without `self` and the state."""
    found = inspect.signature(method)
    places = list(found.parameters.values())[2:]
    hints = inspect.get_annotations(method, eval_str=True)

    def described() -> None: ...

    described.__name__ = method.__qualname__
    described.__signature__ = found.replace(parameters=places)  # type: ignore[attr-defined]
    described.__annotations__ = {one.name: hints[one.name] for one in places if one.name in hints}
    described.__annotations__["return"] = hints.get("return") if keep_return else Any
    return described


def _guarded(function: Callable[..., Any], returns: Pattern | None = None) -> Callable[..., Any]:
    """Return a function that raises ValueError for all that can go wrong in a learner's own."""

    def computed(*values: Any) -> Any:
        try:
            found = function(*values)
        except Exception as error:  # whatever it is, one row must not end the query
            raise ValueError(f"{type(error).__name__}: {error}") from error
        return found if returns is None else _fitting(found, returns)

    return computed


def _fitting(found: Any, wanted: Pattern) -> Any:
    """Return a value of a type. Raises ValueError for one of another type."""
    if found is None:
        return None
    if isinstance(wanted, ArrayPattern) and isinstance(found, list | tuple):
        return [_fitting(one, wanted.item) for one in found]
    if isinstance(wanted, MapPattern) and isinstance(found, dict):
        return {key: _fitting(one, wanted.value) for key, one in found.items()}
    if wanted == DOUBLE and isinstance(found, int) and not isinstance(found, bool):
        return float(found)
    cls = _class_of(wanted)
    is_truth = isinstance(found, bool) and cls is not bool
    if cls is not None and (is_truth or not isinstance(found, cls)):
        raise ValueError(f"{shown(found)} is no {wanted}, which it should be")
    return found


def _class_of(wanted: Pattern) -> type | None:
    if isinstance(wanted, AnyDecimal | DecimalType):
        return Decimal
    if isinstance(wanted, ArrayPattern):
        return list
    if isinstance(wanted, MapPattern):
        return dict
    return _CLASSES.get(wanted)


_VARIANTS: dict[FunctionKind, Callable[[Callable[..., Any], str | None, bool], Variant]] = {
    "scalar": _scalar,
    "aggregate": _aggregate,
    "table": _table,
}
