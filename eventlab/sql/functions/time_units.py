"""Durations as a number of one unit, which is written out: DAYS, HOURS, …, NANOSECONDS."""

from eventlab.errors import shown

_NANOSECONDS = {
    "NANOSECONDS": 1,
    "MICROSECONDS": 1_000,
    "MILLISECONDS": 1_000_000,
    "SECONDS": 1_000_000_000,
    "MINUTES": 60_000_000_000,
    "HOURS": 3_600_000_000_000,
    "DAYS": 86_400_000_000_000,
}


def nanoseconds(unit: str, number: int) -> int:
    """Return so many of a unit in nanoseconds. Raises ValueError where it is no unit."""
    name = unit.upper()
    length = _NANOSECONDS.get(name) or _NANOSECONDS.get(f"{name}S")
    if length is None:
        raise ValueError(f"{shown(unit)} is no unit of time: one of {', '.join(_NANOSECONDS)}")
    return number * length


def whole_milliseconds(unit: str, number: int) -> int:
    """Return so many of a unit in milliseconds, what is shorter cut off. Raises ValueError."""
    length = nanoseconds(unit, number)
    whole = abs(length) // 1_000_000
    return -whole if length < 0 else whole
