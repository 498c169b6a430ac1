"""The signature of a Python function as its annotations say it, for a learner's own functions.

```text
bool BOOLEAN   int BIGINT   float DOUBLE   str STRING   bytes BYTES   Decimal DECIMAL
list[int] ARRAY<BIGINT>     dict[str, float] MAP<STRING, DOUBLE>      Any ANY
```

`| None` says nothing, as every value may be NULL; what has a default may be left out, and
`*values: int` is any number of arguments.
"""

import inspect
import types
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Union, get_args, get_origin, get_type_hints

from eventlab.errors import UsageError, shown
from eventlab.sql.functions.signatures import (
    AnyDecimal,
    AnyType,
    ArrayPattern,
    MapPattern,
    Parameter,
    Pattern,
    Signature,
)
from eventlab.sql.types import BIGINT, BOOLEAN, BYTES, DOUBLE, STRING

_PLAIN: dict[Any, Pattern] = {
    bool: BOOLEAN,
    int: BIGINT,
    float: DOUBLE,
    str: STRING,
    bytes: BYTES,
    Decimal: AnyDecimal(),
    Any: AnyType(),
}


def signature_of(function: Callable[..., Any]) -> Signature:
    """Return the signature that a function's annotations say. Raises UsageError."""
    hints = _hints(function)
    parameters = []
    for one in inspect.signature(function).parameters.values():
        if one.kind in (one.KEYWORD_ONLY, one.VAR_KEYWORD):
            raise _unclear(f"the parameter {one.name}, which is given by name", function)
        kind = _pattern(hints.get(one.name), f"the parameter {one.name}", function)
        is_variadic = one.kind is one.VAR_POSITIONAL
        is_optional = one.default is not one.empty
        parameters.append(Parameter(one.name, kind, is_optional, is_variadic))
    return Signature(tuple(parameters), _pattern(hints.get("return"), "the result", function))


def row_signature_of(function: Callable[..., Any]) -> Signature:
    """Return the signature of a table function, whose result is a list of rows' values.

    Raises UsageError.
    """
    signature = signature_of(function)
    if not isinstance(signature.returns, ArrayPattern):
        raise _unclear(f"{signature.returns} as the result, which is no list", function)
    return Signature(signature.parameters, signature.returns.item)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(function)
    except (NameError, TypeError) as error:
        raise _unclear(str(error), function) from None


def _pattern(annotation: Any, where: str, function: Callable[..., Any]) -> Pattern:
    origin = get_origin(annotation)
    parts = get_args(annotation)
    if origin in (Union, types.UnionType):
        parts = tuple(part for part in parts if part is not type(None))
        if len(parts) == 1:
            return _pattern(parts[0], where, function)
    if origin is list and len(parts) == 1:
        return ArrayPattern(_pattern(parts[0], where, function))
    if origin is dict and len(parts) == 2:
        key = _pattern(parts[0], where, function)
        return MapPattern(key, _pattern(parts[1], where, function))
    found = _PLAIN.get(annotation) if origin is None else None
    if found is None:
        said = "without a type" if annotation is None else f"of the type {shown(annotation)}"
        raise _unclear(f"{where} {said}", function)
    return found


def _unclear(found: str, function: Callable[..., Any]) -> UsageError:
    return UsageError(
        f"The function {shown(getattr(function, '__name__', function))} does not say its types",
        expected="bool, int, float, str, bytes, Decimal, list[…], dict[…, …] or Any for each "
        "parameter and for the result",
        found=found,
        remedy='Annotate it, or give a signature such as "(text STRING, n INT) STRING".',
    )
