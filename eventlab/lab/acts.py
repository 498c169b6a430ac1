"""What an act takes and returns: a function that does an experiment with the lab of one run."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from inspect import Parameter
from typing import Any, NamedTuple

from eventlab.arguments import refused
from eventlab.errors import UsageError, shown
from eventlab.live.values import in_words
from eventlab.live.widget import LiveWidget
from eventlab.moments import duration_milliseconds, duration_words
from eventlab.pictures.picture import Picture

Act = Callable[..., Picture | LiveWidget]
Counts = dict[str, Any]

BREAK = "Break it"

_EXAMPLE = "ten_readers"
_BY_NAME = {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}


class Kind(NamedTuple):
    """One way to run an act: what its names begin with, its arguments, and words for them."""

    name: str
    arguments: dict[str, Any]
    caption: str


def kinds_of(act: Act, broken: Mapping[str, Any], *, is_broken: bool) -> list[Kind]:
    """Return how an act runs as it is, and with the arguments that break it.

    With `is_broken` the first one is broken too. Raises UsageError for an act that takes no lab,
    for switches that it does not have, and for switches without a default.
    """
    defaults = defaults_of(act)
    if not isinstance(broken, Mapping):
        raise refused("broken", broken, "a dict of the arguments that break the act", "{...}")
    unknown = [name for name in broken if name not in defaults]
    if unknown:
        some = ", ".join(defaults) or "none"
        raise refused(
            "broken", broken, f"arguments of the act that have a default: {some}", "{...}"
        )
    first = broken if is_broken else {name: defaults[name] for name in broken}
    return [
        Kind("", dict(first), _caption(first)),
        Kind("broken", dict(broken), _caption(broken)),
    ]


def with_arguments(kind: Kind, arguments: Mapping[str, Any]) -> Kind:
    """Return the same run with some arguments changed, in its caption too."""
    changed = {**kind.arguments, **arguments}
    return Kind(kind.name, changed, _caption({name: changed[name] for name in kind.arguments}))


def require_picture(found: Any) -> None:
    """Raise UsageError for what an act returned in place of its picture."""
    if isinstance(found, Picture | LiveWidget):
        return
    raise UsageError(
        "The act of an experiment returns its picture",
        expected="a picture of eventlab.pictures, or a live widget",
        found=f"{type(found).__name__} {shown(found)}",
        remedy="End the function with, for example, return Lanes(orders, readers=10).",
    )


def required_counts(found: Any, whose: str) -> Counts:
    """Return what was counted, by name; raise UsageError for anything but a dict of texts."""
    counts = f"What {whose} returns cannot stand on the scoreboard"
    return _named(found, counts, "a dict of what was counted, by its name", '{"lost": 3}')


def required_buttons(found: Any, whose: str) -> dict[str, Callable[[], object]]:
    """Return what buttons do, by their words; raise UsageError for anything but such a dict."""
    buttons = f"What {whose} returns cannot be buttons of a stage"
    expected = "a dict of functions, by the words of their button"
    example = '{"Stop the reader": reader.stop}'
    named = _named(found, buttons, expected, example)
    if all(callable(act) for act in named.values()):
        return named
    raise _misnamed(found, buttons, expected, example)


def require_free_names(names: Iterable[str], whose: str) -> None:
    """Raise UsageError where a button has the name of the stage's own switch."""
    if BREAK in names:
        raise UsageError(
            f"The stage has a button of its own that is called {BREAK!r}",
            expected=f"another name in {whose}",
            found=repr(BREAK),
            remedy="Name it otherwise; what breaks the experiment is said by broken={...}.",
        )


def value_words(value: Any) -> str:
    """Return a value as a learner reads it: yes and no, one hour, 1,026, the name of a function."""
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "none"}[value]
    if isinstance(value, timedelta):
        return duration_words(duration_milliseconds(value))
    if isinstance(value, int | float):
        return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"
    return getattr(value, "__name__", in_words(value))


def defaults_of(act: Act) -> dict[str, Any]:
    """Return the defaults of an act's arguments but the first, which is the lab."""
    try:
        first, *others = inspect.signature(act).parameters.values()
    except (TypeError, ValueError):  # no function, one without parameters, or one of C's
        raise refused(
            "act", act, "a function of the lab that returns a picture", _EXAMPLE
        ) from None
    if first.kind is Parameter.KEYWORD_ONLY:
        raise refused("act", act, "a function whose first argument is the lab", _EXAMPLE)
    required = [one.name for one in others if one.default is one.empty and one.kind in _BY_NAME]
    if required:
        named = ", ".join(required)
        raise refused("act", act, f"a function of the lab with a default for {named}", _EXAMPLE)
    return {one.name: one.default for one in others if one.kind in _BY_NAME}


def _named(found: Any, summary: str, expected: str, example: str) -> dict[str, Any]:
    if isinstance(found, Mapping) and all(isinstance(name, str) for name in found):
        return dict(found)
    raise _misnamed(found, summary, expected, example)


def _misnamed(found: Any, summary: str, expected: str, example: str) -> UsageError:
    kind = f"{type(found).__name__} {shown(found)}"
    remedy = f"Return for example {example}."
    return UsageError(summary, expected=expected, found=kind, remedy=remedy)


def _caption(arguments: Mapping[str, Any]) -> str:
    words = {name.replace("_", " "): value_words(value) for name, value in arguments.items()}
    return ", ".join(f"{name}: {value}" for name, value in words.items())
