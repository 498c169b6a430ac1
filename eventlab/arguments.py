"""Hold the arguments of a call to what they may be, each with one clear UsageError.

Every function takes the argument's name as the caller wrote it and what was found there. It returns
a plain value of Python, or raises UsageError with an example of what would be taken.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from numbers import Integral, Real
from typing import TypeGuard, TypeVar

from eventlab.errors import UsageError, shown
from eventlab.moments import MILLISECOND, duration_milliseconds, duration_words

Choice = TypeVar("Choice", bound=str)
Item = TypeVar("Item")

_INFINITY = float("inf")
_MOST_LETTERS = 200  # of a name: Kafka takes 249 for a topic, of which a prefix has some
LONGEST = timedelta(days=100_000)  # what is longer overflows where it is added to a moment


def required_whole_number(
    name: str, found: object, *, at_least: int, at_most: float = _INFINITY
) -> int:
    """Return a whole number as int; raise UsageError unless it is one, within the bounds."""
    if is_whole_number(found) and at_least <= found <= at_most:
        return int(found)
    expected = f"a whole number, {at_least} or more{_limit(at_most)}"
    raise refused(name, found, expected, f"{min(max(at_least, 1), at_most):.0f}")


def required_seed(found: object) -> int:
    """Return a seed; raise UsageError unless it is a whole number from zero on."""
    return required_whole_number("seed", found, at_least=0)


def required_number(
    name: str, found: object, *, at_least: float, at_most: float = _INFINITY
) -> float:
    """Return a finite number as float; raise UsageError unless it is one, within the bounds."""
    number = _as_float(found)
    if at_least <= number <= at_most and number < _INFINITY:
        return number
    expected = f"a number, {at_least:g} or more{_limit(at_most)}"
    raise refused(name, found, expected, f"{min(max(at_least, 1), at_most):g}")


def required_positive_number(name: str, found: object, *, at_most: float = _INFINITY) -> float:
    """Return a finite number above zero as float; raise UsageError unless it is one."""
    number = _as_float(found)
    if 0 < number <= at_most and number < _INFINITY:
        return number
    raise refused(name, found, f"a number above 0{_limit(at_most)}", "1")


def required_probability(found: object) -> float:
    """Return a probability as float; raise UsageError unless it lies between 0 and 1."""
    number = _as_float(found)
    if 0 <= number <= 1:
        return number
    raise refused("probability", found, "a number from 0 to 1", "0.1")


def required_duration(
    name: str,
    found: object,
    *,
    at_least: timedelta = MILLISECOND,
    at_most: timedelta = LONGEST,
) -> timedelta:
    """Return a duration; raise UsageError unless it is a timedelta within the bounds."""
    if isinstance(found, timedelta) and at_least <= found <= at_most:
        return found
    lower = duration_words(duration_milliseconds(at_least)) if at_least else "0"
    upper = duration_words(duration_milliseconds(at_most))
    limit = "" if at_most == LONGEST else f", {upper} at most"
    raise refused(name, found, f"a timedelta, {lower} or more{limit}", "timedelta(seconds=10)")


def required_milliseconds(name: str, found: object, *, at_least: timedelta = MILLISECOND) -> int:
    """Return a duration in whole milliseconds; raise UsageError as `required_duration` does."""
    return duration_milliseconds(required_duration(name, found, at_least=at_least))


def required_moment(name: str, found: object, *, at_least: datetime | None = None) -> datetime:
    """Return a moment; raise UsageError unless it is an aware datetime, and late enough."""
    if is_moment(found) and (at_least is None or found >= at_least):
        return found
    limit = "" if at_least is None else f", {at_least:%Y-%m-%d} or later"
    expected = f"a datetime with its time zone{limit}"
    raise refused(name, found, expected, "datetime(2026, 1, 31, tzinfo=UTC)")


def required_one_of(name: str, found: object, choices: Sequence[Choice]) -> Choice:
    """Return one of the choices; raise UsageError if it is none of them."""
    for choice in choices:
        if choice == found:
            return choice
    raise refused(name, found, " or ".join(map(repr, choices)), repr(choices[0]))


def required_name(name: str, found: str, *, example: str) -> str:
    """Return what names something; raise UsageError when it is empty, too long or unreadable."""
    if found.strip() and found.isprintable() and len(found) <= _MOST_LETTERS:
        return found
    raise refused(name, found, f"1 to {_MOST_LETTERS} letters that can be read", example)


def required_items(name: str, found: Iterable[Item], *, example: str) -> Iterable[Item]:
    """Return what holds items; raise UsageError for a single one: a text, a dict, an event."""
    if isinstance(found, Iterable) and not isinstance(found, str | bytes | dict):
        return found
    raise refused(name, found, "a list, a generator or the like", example)


def is_whole_number(found: object) -> TypeGuard[int]:
    """Tell whether it is a whole number, of Python's or of numpy's, and no truth value."""
    return isinstance(found, Integral) and not isinstance(found, bool)


def is_moment(found: object) -> TypeGuard[datetime]:
    """Tell whether it is a datetime that knows its time zone."""
    # pandas' NaT is a datetime too, by its class.
    return isinstance(found, datetime) and not is_missing(found) and found.utcoffset() is not None


def is_text(found: object) -> TypeGuard[str]:
    """Tell whether it is text that can be written: no half of a character."""
    return isinstance(found, str) and _is_whole(found)


def is_truth_value(found: object) -> bool:
    """Tell whether it is a truth value, of Python's or of numpy's."""
    return isinstance(found, bool) or type(found).__name__ in ("bool_", "bool")


def is_finite_number(found: object) -> bool:
    """Tell whether it is a number that a float can hold."""
    return -_INFINITY < _as_float(found) < _INFINITY


def is_missing(found: object) -> bool:
    """Tell whether it says that there is nothing: None, NaN, or pandas' NaT and NA."""
    if found is None or type(found).__name__ in ("NAType", "NaTType"):
        return True
    is_scalar = isinstance(found, Real) or type(found).__name__ in ("datetime64", "timedelta64")
    return is_scalar and bool(found != found)


def _as_float(found: object) -> float:
    """Return a number as float, and what is none as NaN, which lies within no bounds."""
    if isinstance(found, Real) and not isinstance(found, bool):
        with suppress(OverflowError):
            return float(found)
    return float("nan")


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _limit(at_most: float) -> str:
    return "" if at_most == _INFINITY else f", {at_most:,.0f} at most"


def refused(name: str, found: object, expected: str, example: str) -> UsageError:
    """Return the error of an argument that is not what it should be."""
    return UsageError(
        f"The argument {name} is not valid",
        expected=expected,
        found=shown(found),
        remedy=f"Pass for example {name}={example}.",
    )
