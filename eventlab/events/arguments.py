"""Hold the arguments of a call to what they may be, each with one clear UsageError."""

from datetime import UTC, datetime, timedelta
from numbers import Integral, Real

from eventlab.errors import UsageError

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


def whole_number(name: str, found: object, *, at_least: int) -> int:
    """Return a whole number as int; raise UsageError unless it is one, and large enough."""
    if isinstance(found, Integral) and not isinstance(found, bool) and found >= at_least:
        return int(found)
    raise _refused(name, found, f"a whole number, {at_least} or more")


def seed_number(found: object) -> int:
    """Return a seed; raise UsageError unless it is a whole number from zero on."""
    return whole_number("seed", found, at_least=0)


def positive_number(name: str, found: object, *, at_most: float) -> float:
    """Return a number above zero as float; raise UsageError unless it is one."""
    if _is_number(found) and 0 < found <= at_most:
        return float(found)
    raise _refused(name, found, f"a number above 0, {at_most:,.0f} at most")


def probability_number(found: object) -> float:
    """Return a probability as float; raise UsageError unless it lies between 0 and 1."""
    if _is_number(found) and 0 <= found <= 1:
        return float(found)
    raise _refused("probability", found, "a number from 0 to 1")


def positive_duration(name: str, found: object) -> timedelta:
    """Return a duration; raise UsageError unless it is a timedelta of a sensible length."""
    if isinstance(found, timedelta) and timedelta(milliseconds=1) <= found <= timedelta(days=365):
        return found
    raise _refused(name, found, "a timedelta from a millisecond to a year")


def utc_moment(name: str, found: object) -> datetime:
    """Return a moment; raise UsageError unless it is a datetime in UTC that Kafka can hold."""
    if isinstance(found, datetime) and found.utcoffset() == timedelta(0) and found >= _FIRST:
        return found
    raise _refused(name, found, "a datetime in UTC from 1970 on, with tzinfo=UTC")


def _is_number(found: object) -> bool:
    return isinstance(found, Real) and not isinstance(found, bool)


def _refused(name: str, found: object, expected: str) -> UsageError:
    return UsageError(
        f"{name} is not as it should be",
        expected=expected,
        found=f"{found!r:.60}",
        remedy=f"Call it again with another {name}.",
    )
