"""Write dates and times by a pattern of Java's DateTimeFormatter.

Dates, times or both are written. A letter that asks for what is not there raises ValueError, unless
it is between square brackets: these are left out then. Weeks begin on Sunday, and the first of
a year is that of the first of January, as in the United States.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

from eventlab.moments import EPOCH, from_milliseconds
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
from eventlab.sql.datetimes.zones import Zone, offset_text

DAY = 86_400_000
_UNIX_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Local:
    """What is written: a date, milliseconds of a day, a moment in a zone; None where there is none.

    Where there is a `zone`, `moment` is the same in UTC.
    """

    day: date | None = None
    time: int | None = None
    zone: Zone | None = None
    moment: datetime = EPOCH


Writer: TypeAlias = Callable[[Local], str]


def format_date(days: int, pattern: str) -> str:
    """Return days since 1970 by a pattern. Raises ValueError, OverflowError."""
    return _written(Local(day=_date(days)), pattern)


def format_time(milliseconds: int, pattern: str) -> str:
    """Return milliseconds since midnight by a pattern. Raises ValueError."""
    if not 0 <= milliseconds < DAY:
        raise ValueError(f"{milliseconds} ms are no time of a day")
    return _written(Local(time=milliseconds), pattern)


def format_timestamp(milliseconds: int, pattern: str, zone: Zone) -> str:
    """Return milliseconds since 1970 by a pattern, in a zone. Raises ValueError, OverflowError."""
    moment = from_milliseconds(milliseconds)
    local = milliseconds + zone.offset_seconds(moment) * 1000
    return _written(Local(_date(local // DAY), local % DAY, zone, moment), pattern)


def _date(days: int) -> date:
    return date.fromordinal(days + _UNIX_DAY)


def _written(local: Local, pattern: str) -> str:
    return "".join(writer(local) for writer in _writers(pattern))


@lru_cache(maxsize=1000)
def _writers(pattern: str) -> tuple[Writer, ...]:
    return tuple(_writer(part) for part in parts_of(pattern))


def _writer(part: Part) -> Writer:
    if isinstance(part, str):
        return lambda local: part
    if isinstance(part, Optional):
        return _optional_writer(part)
    return _letters_writer(part)


def _optional_writer(part: Optional) -> Writer:
    writers = [_writer(one) for one in part.parts]

    def write(local: Local) -> str:
        try:
            return "".join(writer(local) for writer in writers)
        except ValueError:
            return ""

    return write


def _letters_writer(part: Letters) -> Writer:
    letter = part.letter
    width = part.width
    if letter in _DATE_NUMBERS:
        number = _DATE_NUMBERS[letter]
        return lambda local: _padded(number(_date_of(local)), letter, width)
    if letter in _TIME_NUMBERS:
        count = _TIME_NUMBERS[letter]
        return lambda local: _padded(count(_time_of(local)), letter, width)
    text = _TEXTS[letter]
    return lambda local: text(local, width)


def _padded(number: int, letter: str, width: int) -> str:
    if letter in "uyY" and width == 2:
        return f"{number % 100:02}"
    sign = "+" if letter in "uyY" and width >= 4 and number >= 10**width else ""
    return f"{sign}{number:0{width}}"


def _date_of(local: Local) -> date:
    if local.day is None:
        raise ValueError("A time has no date")
    return local.day


def _time_of(local: Local) -> int:
    if local.time is None:
        raise ValueError("A date has no time")
    return local.time


def _zone_of(local: Local) -> Zone:
    if local.zone is None:
        raise ValueError("A date and a time of day have no time zone")
    return local.zone


def _offset_of(local: Local) -> int:
    return _zone_of(local).offset_seconds(local.moment)


def _week_of_year(day: date) -> int:
    first = date(_week_year(day), 1, 1)
    return (_sunday_before(day) - _sunday_before(first)).days // 7 + 1


def _week_year(day: date) -> int:
    saturday = _sunday_before(day) + timedelta(days=6)
    return saturday.year


def _sunday_before(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


def _week_of_month(day: date) -> int:
    first = day.replace(day=1)
    return (_sunday_before(day) - _sunday_before(first)).days // 7 + 1


def _month(local: Local, width: int) -> str:
    month = _date_of(local).month
    return f"{month:0{width}}" if width < 3 else shortened(MONTHS, width)[month - 1]


def _weekday(local: Local, width: int) -> str:
    return shortened(WEEKDAYS, max(3, width))[_date_of(local).weekday()]


def _numbered_weekday(local: Local, width: int) -> str:
    if width < 3:
        return f"{_date_of(local).isoweekday() % 7 + 1:0{width}}"
    return _weekday(local, width)


def _quarter(local: Local, width: int) -> str:
    quarter = (_date_of(local).month - 1) // 3
    if width not in (3, 4):
        return f"{quarter + 1:0{width % 5 or 1}}"
    return (LONG_QUARTERS if width == 4 else QUARTERS)[quarter]


def _era(local: Local, width: int) -> str:
    _date_of(local)
    names = LONG_ERAS if width == 4 else ERAS
    return names[1][: 1 if width == 5 else None]


def _half_of_day(local: Local, width: int) -> str:
    return HALVES_OF_A_DAY[_time_of(local) // (DAY // 2)]


def _fraction(local: Local, width: int) -> str:
    return f"{_time_of(local) % 1000:03}000000"[:width].ljust(width, "0")


def _zone_name(local: Local, width: int) -> str:
    if width == 4:
        raise ValueError("Time zones are written by their short names: z")
    return _zone_of(local).short_name(local.moment)


def _zone_id(local: Local, width: int) -> str:
    return _zone_of(local).name


def _localized_offset(local: Local, width: int) -> str:
    offset = _offset_of(local)
    if offset == 0:
        return "GMT"
    text = offset_text(offset)
    if width == 4:
        return f"GMT{text}"
    return f"GMT{text[0]}{text[1:3].lstrip('0') or '0'}{text[3:].removesuffix(':00')}"


def _iso_offset(local: Local, width: int) -> str:
    text = _numeric_offset(_offset_of(local), width)
    return text if _offset_of(local) else "Z"


def _plain_offset(local: Local, width: int) -> str:
    return _numeric_offset(_offset_of(local), width)


def _other_offset(local: Local, width: int) -> str:
    if width == 4:
        return _localized_offset(local, 4)
    if width == 5:
        return _iso_offset(local, 5)
    return _numeric_offset(_offset_of(local), 2)


def _numeric_offset(offset: int, width: int) -> str:
    text = "+00:00" if offset == 0 else offset_text(offset)
    if width < 4:
        text = text[:6]
    if width == 1:
        return text.replace(":", "").removesuffix("00")
    return text if width in (3, 5) else text.replace(":", "")


_DATE_NUMBERS: dict[str, Callable[[date], int]] = {
    "u": lambda day: day.year,
    "y": lambda day: day.year,
    "Y": _week_year,
    "D": lambda day: day.timetuple().tm_yday,
    "d": lambda day: day.day,
    "w": _week_of_year,
    "W": _week_of_month,
    "F": lambda day: (day.day - 1) % 7 + 1,
}
_TIME_NUMBERS: dict[str, Callable[[int], int]] = {
    "H": lambda time: time // 3_600_000,
    "k": lambda time: time // 3_600_000 or 24,
    "K": lambda time: time // 3_600_000 % 12,
    "h": lambda time: time // 3_600_000 % 12 or 12,
    "m": lambda time: time // 60_000 % 60,
    "s": lambda time: time // 1_000 % 60,
    "n": lambda time: time % 1_000 * 1_000_000,
    "A": lambda time: time,
    "N": lambda time: time * 1_000_000,
}
_TEXTS: dict[str, Callable[[Local, int], str]] = {
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
    "z": _zone_name,
    "V": _zone_id,
    "O": _localized_offset,
    "X": _iso_offset,
    "x": _plain_offset,
    "Z": _other_offset,
}
