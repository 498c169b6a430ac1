"""Moments as Kafka writes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from eventlab.errors import UsageError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(at: datetime) -> int:
    """Return a moment as Kafka writes it: milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def required_moment(name: str, moment: Any) -> datetime:
    """Return an aware datetime, or raise UsageError."""
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment
    raise UsageError(
        f"{name} is no moment",
        expected="a datetime with its time zone, such as datetime(2026, 1, 31, tzinfo=UTC)",
        found=repr(moment),
    )
