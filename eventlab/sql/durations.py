"""Durations as statements write them: a number and a unit."""

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
    """Return a duration in milliseconds, None where it is no number and no unit.

    Examples:
        >>> milliseconds_of("10 SECONDS"), milliseconds_of("1 hour"), milliseconds_of("soon")
        (10000, 3600000, None)
    """
    words = text.split()
    if len(words) != 2 or not words[0].isdecimal():
        return None
    unit = UNITS.get(words[1].upper())
    return None if unit is None else int(words[0]) * unit
