"""Hold a call to its signature before anything is done, with one clear UsageError.

What a public verb is given has to be what its annotations say, or a slip shows far from its place:
a topic that is None, in a thread, after something was stopped. How large a number may be, and which
names there are, each verb says itself.
"""

import inspect
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from eventlab.arguments import refused
from eventlab.kinds import ANYTHING, Kind, kind_of

Verb = TypeVar("Verb", bound=Callable[..., Any])


def checked(verb: Verb) -> Verb:
    """Let a function or a class refuse what its annotations do not allow, before it does anything.

    Its signature stays as it is, for `help` and for mypy.
    """
    if isinstance(verb, type):
        setattr(verb, "__init__", checked(vars(verb)["__init__"]))  # noqa: B010  mypy's own rule
        return verb
    signature = inspect.signature(verb)
    kinds: dict[str, Kind] = {}

    @wraps(verb)
    def held(*arguments: Any, **options: Any) -> Any:
        try:
            given = signature.bind(*arguments, **options).arguments
        except TypeError:  # Python itself says best what is missing, or one too many
            return verb(*arguments, **options)
        for name, found in given.items():
            if name not in kinds:  # not before: what an annotation names may come later
                kinds[name] = _kind_of(signature.parameters[name], verb)
            _require(kinds[name], _each(signature.parameters[name], found))
        return verb(*arguments, **options)

    return cast("Verb", held)


def _require(kind: Kind, given: Iterable[tuple[str, Any]]) -> None:
    for name, found in given:
        if not kind.takes(found):
            raise refused(name, found, kind.words, kind.example)


def _each(parameter: inspect.Parameter, found: Any) -> Iterable[tuple[str, Any]]:
    """Return what a parameter was given, each with its name; some take several at once."""
    if parameter.kind is parameter.VAR_KEYWORD:
        return list(found.items())
    if parameter.kind is parameter.VAR_POSITIONAL:
        return [(parameter.name, one) for one in found]
    return [(parameter.name, found)]


def _kind_of(parameter: inspect.Parameter, verb: Callable[..., Any]) -> Kind:
    if parameter.annotation is parameter.empty:
        return ANYTHING
    return kind_of(parameter.annotation, inspect.unwrap(verb).__globals__)
