"""Read dates and times by a pattern of Java's DateTimeFormatter, in capitals or not.

A pattern becomes one regular expression, and what it finds becomes fields: `year`, `month`, `day`,
`day of year`, `weekday`, `quarter`, `half` (of a day), `hour of half`, `hour`, `minute`, `second`,
`nano` (of a second), `nano of day`, `zone`, `offset`. `fields.py` makes dates and times of them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from eventlab.sql.datetimes.names import (
    ERAS,
    HALVES_OF_A_DAY,
    LONG_ERAS,
    LONG_QUARTERS,
    MONTHS,
    QUARTERS,
    WEEKDAYS,
    shortened,
)
from eventlab.sql.datetimes.patterns import Letters, Optional, Part, parts_of
from eventlab.sql.datetimes.zones import zone

Fields: TypeAlias = dict[str, int | str]

_OFFSETS = {
    1: r"[+-]\d{2}(?:\d{2})?",
    2: r"[+-]\d{4}",
    3: r"[+-]\d{2}:\d{2}",
    4: r"[+-]\d{4}(?:\d{2})?",
    5: r"[+-]\d{2}:\d{2}(?::\d{2})?",
}
_ANY_OFFSET = r"[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?"
_ZONE = rf"[a-z][a-z0-9_/~-]*(?:{_ANY_OFFSET})?|{_ANY_OFFSET}"


@dataclass(frozen=True)
class _Reading:
    """How some letters are found in a text, and the field and the value that they become."""

    field: str
    expression: str
    value: Callable[[str], int | str]


@dataclass(frozen=True)
class _Compiled:
    """A pattern as a regular expression, whose groups are these readings."""

    expression: re.Pattern[str]
    readings: tuple[_Reading, ...]


def fields_of(text: str, pattern: str, *, is_whole: bool = True) -> Fields:
    """Return the fields that a text, or its beginning, says by a pattern. Raises ValueError."""
    compiled = _compiled(pattern)
    match = compiled.expression.fullmatch if is_whole else compiled.expression.match
    found = match(text)
    if found is None:
        raise ValueError(f"{text!r} is not as the pattern {pattern!r} says")
    fields: Fields = {}
    for reading, said in zip(compiled.readings, found.groups(), strict=True):
        if said is None:
            continue
        value = reading.value(said)
        if fields.setdefault(reading.field, value) != value:
            raise ValueError(f"{text!r} says two things about its {reading.field}")
    return fields


@lru_cache(maxsize=1000)
def _compiled(pattern: str) -> _Compiled:
    readings: list[_Reading] = []
    expression = "".join(_expression(part, readings) for part in parts_of(pattern))
    return _Compiled(re.compile(expression, re.IGNORECASE | re.ASCII), tuple(readings))


def _expression(part: Part, readings: list[_Reading]) -> str:
    """Return the expression that finds a part, and add to the readings those of its groups."""
    if isinstance(part, str):
        return re.escape(part)
    if isinstance(part, Optional):
        return f"(?:{''.join(_expression(one, readings) for one in part.parts)})?"
    reading = _reading(part)
    readings.append(reading)
    return f"({reading.expression})"


def _reading(part: Letters) -> _Reading:
    for table in (_TEXTS, _ZONES, _YEARS):
        if part.letter in table:
            return table[part.letter](part.width)
    if part.letter not in _NUMBERS:
        raise ValueError(f"The letter {part.letter} cannot be read")
    return _number(_NUMBERS[part.letter], part.width)


def _number(field: str, width: int) -> _Reading:
    if field in _LONG:
        return _Reading(field, rf"\d{{{width},19}}", int)
    # Three digits are enough for all of them, and keep what is tried in a long text short.
    is_variable = width == 1 or field == "day of year"
    return _Reading(field, rf"\d{{{width},3}}" if is_variable else rf"\d{{{width}}}", int)


def _year(width: int) -> _Reading:
    if width == 2:
        return _Reading("year", r"\d{2}", lambda said: 2000 + int(said))
    if width < 4:
        return _Reading("year", rf"-?\d{{{width},9}}", int)
    return _Reading("year", rf"\+\d{{{width + 1},19}}|-?\d{{{width}}}", int)


def _named(field: str, names: tuple[str, ...], first: int) -> _Reading:
    """Return the reading of one of several names, the first of which is the number `first`."""
    numbers = {name.upper(): number for number, name in enumerate(names, first)}
    longest = sorted(map(re.escape, names), key=len, reverse=True)
    return _Reading(field, "|".join(longest), lambda said: numbers[said.upper()])


def _month(width: int) -> _Reading:
    if width < 3:
        return _number("month", width)
    return _named("month", _distinct(MONTHS, width), 1)


def _weekday(width: int) -> _Reading:
    return _named("weekday", _distinct(WEEKDAYS, max(3, width)), 1)


def _distinct(names: tuple[str, ...], width: int) -> tuple[str, ...]:
    if width > 4:
        raise ValueError("One letter does not say which month or day it is")
    return shortened(names, width)


def _numbered_weekday(width: int) -> _Reading:
    if width > 2:
        return _weekday(width)
    # Their Sunday is 1; ours, as ISO 8601's, is 7.
    return _Reading("weekday", rf"[1-7]{{{width}}}", lambda said: (int(said) + 5) % 7 + 1)


def _quarter(width: int) -> _Reading:
    if width not in (3, 4):
        return _number("quarter", width % 5 or 1)
    return _named("quarter", LONG_QUARTERS if width == 4 else QUARTERS, 1)


def _era(width: int) -> _Reading:
    return _named("era", LONG_ERAS if width == 4 else ERAS, 0)


def _half_of_day(width: int) -> _Reading:
    return _named("half", HALVES_OF_A_DAY, 0)


def _fraction(width: int) -> _Reading:
    return _Reading("nano", rf"\d{{{width}}}", lambda said: int(said[:9].ljust(9, "0")))


def _milliseconds_of_day(width: int) -> _Reading:
    return _Reading("nano of day", rf"\d{{{width},19}}", lambda said: int(said) * 1_000_000)


def _zone(width: int) -> _Reading:
    return _Reading("zone", _ZONE, lambda said: zone(said).name)


def _offset(zero: str) -> Callable[[int], _Reading]:
    def reading(width: int) -> _Reading:
        return _Reading("offset", f"{_OFFSETS[width]}{zero}", lambda said: zone(said).name)

    return reading


def _other_offset(width: int) -> _Reading:
    if width == 4:
        return _localized_offset(width)
    return _offset("|Z")(5) if width == 5 else _offset("")(2)


def _localized_offset(width: int) -> _Reading:
    return _Reading("offset", rf"GMT(?:{_ANY_OFFSET})?", lambda said: zone(said).name)


_LONG = ("nano", "nano of day")
_NUMBERS = {
    "D": "day of year",
    "d": "day",
    "H": "hour",
    "k": "hour of day from 1",
    "K": "hour of half",
    "h": "hour of half from 1",
    "m": "minute",
    "s": "second",
    "n": "nano",
    "N": "nano of day",
}
_YEARS = {"u": _year, "y": _year}
_TEXTS = {
    "M": _month,
    "L": _month,
    "E": _weekday,
    "e": _numbered_weekday,
    "c": _numbered_weekday,
    "Q": _quarter,
    "q": _quarter,
    "G": _era,
    "a": _half_of_day,
    "S": _fraction,
    "A": _milliseconds_of_day,
}
_ZONES = {
    "z": _zone,
    "V": _zone,
    "O": _localized_offset,
    "X": _offset("|Z"),
    "x": _offset(""),
    "Z": _other_offset,
}
