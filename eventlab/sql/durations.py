"""Durations as statements write them: a number and a unit."""

_UNITS = {
    "MILLISECOND": 1,
    "SECOND": 1000,
    "MINUTE": 60_000,
    "HOUR": 3_600_000,
    "DAY": 86_400_000,
    "WEEK": 604_800_000,
    "MONTH": 2_592_000_000,
    "YEAR": 31_536_000_000,
}


def milliseconds_of(text: str) -> int | None:
    """Return a duration in milliseconds, None where it is no number and no unit.

    Examples:
        >>> milliseconds_of("10 SECONDS"), milliseconds_of("1 hour"), milliseconds_of("soon")
        (10000, 3600000, None)
    """
    words = text.split()
    if len(words) != 2 or not words[0].isdecimal():
        return None
    unit = _UNITS.get(words[1].upper().removesuffix("S"))
    return None if unit is None else int(words[0]) * unit
