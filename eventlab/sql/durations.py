"""Durations as statements write them: a number and a unit."""

from eventlab.arguments import LONGEST
from eventlab.moments import duration_milliseconds

LONGEST_MILLISECONDS = duration_milliseconds(LONGEST)
MOST_DIGITS = 18
_UNITS = {
    "MILLISECOND": 1,
    "SECOND": 1_000,
    "MINUTE": 60_000,
    "HOUR": 3_600_000,
    "DAY": 86_400_000,
}
# How many milliseconds a unit has, by its name in the singular and in the plural.
UNITS = _UNITS | {f"{name}S": length for name, length in _UNITS.items()}


def milliseconds_of(text: str) -> int | None:
    """Return a duration in milliseconds, None where it is no number and no unit, or too long.

    Examples:
        >>> milliseconds_of("10 SECONDS"), milliseconds_of("1 hour"), milliseconds_of("soon")
        (10000, 3600000, None)
    """
    words = text.split()
    if len(words) != 2 or not words[0].isdecimal() or len(words[0]) > MOST_DIGITS:
        return None
    unit = UNITS.get(words[1].upper())
    if unit is None or int(words[0]) * unit > LONGEST_MILLISECONDS:
        return None
    return int(words[0]) * unit
