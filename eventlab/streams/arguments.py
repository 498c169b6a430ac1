"""What the operators take: lengths of time and kinds, checked before a flow runs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from eventlab.errors import UsageError

_MILLISECOND = timedelta(milliseconds=1)


def required_length(what: str, length: Any, *, least: timedelta = _MILLISECOND) -> int:
    """Return a length in whole milliseconds; raise UsageError if it is none, or below `least`."""
    if isinstance(length, timedelta) and length >= least:
        return length // _MILLISECOND
    raise UsageError(
        f"{what} is too short" if isinstance(length, timedelta) else f"{what} is no length",
        expected="a timedelta of at least a millisecond" if least else "a timedelta, 0 or more",
        found=repr(length),
    )


def required_one_of(what: str, value: Any, choices: Sequence[str]) -> str:
    """Return the value; raise UsageError if it is none of the choices."""
    if value in choices:
        return value
    raise UsageError(f"No such {what}", expected=" or ".join(map(repr, choices)), found=repr(value))
