"""Declare the functions of the dialect: decorators that stack, for several signatures and names.

```python
@scalar("UCASE", "(text STRING) STRING", "Return the text in capitals.")
def upper(text: str) -> str:
    return text.upper()
```

What stands on top is looked at first. The line that says what a function does is needed once for
a name.
"""

import pkgutil
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Protocol, TypeVar

from eventlab.sql import functions
from eventlab.sql.functions.registry import FunctionKind, Functions, Returns, Variant
from eventlab.sql.functions.signature_texts import signature_from

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class Decorator(Protocol):
    """What declares a function and returns it as it is."""

    def __call__(self, function: AnyFunction, /) -> AnyFunction: ...  # noqa: D102  the class says it


_DECLARED = Functions()


def scalar(
    name: str,
    signature: str,
    description: str = "",
    *,
    takes_null: bool = False,
    returns: Returns | None = None,
    by_types: bool = False,
    needs_type: bool = False,
) -> Decorator:
    """Declare a function from values to a value; the rest is as in registry.Variant."""
    return _declared(
        name, "scalar", signature, description, takes_null, returns, by_types, needs_type
    )


def aggregate(
    name: str,
    signature: str,
    description: str = "",
    *,
    takes_null: bool = False,
    returns: Returns | None = None,
) -> Decorator:
    """Declare a function over the rows of a group: called with what is written out, a Folding."""
    return _declared(name, "aggregate", signature, description, takes_null, returns)


def table_function(
    name: str,
    signature: str,
    description: str = "",
    *,
    takes_null: bool = False,
    returns: Returns | None = None,
) -> Decorator:
    """Declare a function from values to rows; its signature says the type of one of them."""
    return _declared(name, "table", signature, description, takes_null, returns)


@cache
def gathered() -> Functions:
    """Return all functions that the modules beside this one declare."""
    for module in pkgutil.iter_modules(functions.__path__):
        import_module(f"{functions.__name__}.{module.name}")
    return _DECLARED


def _declared(
    name: str,
    kind: FunctionKind,
    signature: str,
    description: str,
    takes_null: bool,
    returns: Returns | None,
    by_types: bool = False,
    needs_type: bool = False,
) -> Decorator:
    parsed = signature_from(signature)

    def declare(function: AnyFunction) -> AnyFunction:
        variant = Variant(parsed, function, takes_null, returns, by_types, needs_type)
        _DECLARED.add(name, kind, variant, description)
        return function

    return declare
