"""Make dates, times and timestamps of the fields that were read from a text.

A date or a time needs its fields; what a timestamp does not say is as on the first of January 1970
at midnight, in the zone that is given. A day that a month does not have, up to the 31st, is its
last, as Java's formatters take it. A quarter is read and says nothing.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta, tzinfo

from eventlab.moments import duration_milliseconds, milliseconds
from eventlab.sql.datetimes.parsing import Fields, fields_of
from eventlab.sql.datetimes.zones import Zone, zone

_UNIX_DAY = date(1970, 1, 1).toordinal()
_MOST_DAYS = 31
_DATE_FIELDS = ("year", "month", "day", "day of year", "weekday", "quarter", "era")
_TIME_FIELDS = ("hour", "half", "hour of half", "minute", "second", "nano")


def parse_date(text: str, pattern: str) -> int:
    """Return the days since 1970 that a text says; it must say a year, a month and a day.

    Raises ValueError.
    """
    fields = fields_of(text, pattern)
    if "year" not in fields or not ("day of year" in fields or {"month", "day"} <= set(fields)):
        raise ValueError(f"{text!r} says no date")
    _milliseconds_of_day(fields)  # a time of day must be one, though it is not asked for
    return _date(fields).toordinal() - _UNIX_DAY


def parse_partial_date(text: str, pattern: str) -> int:
    """Return the days since 1970 that a text says; what it does not say is as of 1 January 1970.

    What stands behind it is not looked at, as Java's SimpleDateFormat does. Raises ValueError.
    """
    fields = fields_of(text, pattern, is_whole=False)
    if _milliseconds_of_day(fields):
        raise ValueError(f"{text!r} has a time of day")
    return _date(fields).toordinal() - _UNIX_DAY


def parse_time(text: str, pattern: str) -> int:
    """Return the milliseconds since midnight that a text says; it must say an hour and no date.

    Raises ValueError.
    """
    fields = fields_of(text, pattern)
    dates = [name for name in _DATE_FIELDS if name in fields]
    if dates:
        raise ValueError(f"{text!r} has a {dates[0]}")
    _require_hour(fields, text)
    return _milliseconds_of_day(fields)


def parse_timestamp(text: str, pattern: str, default: Zone) -> int:
    """Return the milliseconds since 1970 that a text says, in its own zone or the default one.

    Raises ValueError, OverflowError.
    """
    fields = fields_of(text, pattern)
    clock = _clock(_milliseconds_of_day(fields))
    local = datetime.combine(_date(fields), clock, _zone(fields, default).rules)
    later = local.replace(fold=1)
    # Of an hour that a region's clocks have twice, the offset says which one it is.
    is_later = "offset" in fields and later.utcoffset() == _offset(fields).utcoffset(None)
    return milliseconds(later if is_later else local)


def _zone(fields: Fields, default: Zone) -> Zone:
    name = fields.get("zone", fields.get("offset"))
    return default if name is None else zone(str(name))


def _offset(fields: Fields) -> tzinfo:
    return zone(str(fields["offset"])).rules


def _require_hour(fields: Fields, text: str) -> None:
    names = set(fields)
    if names & {"hour", "hour of day from 1", "nano of day"}:
        return
    if not ("half" in names and names & {"hour of half", "hour of half from 1"}):
        raise ValueError(f"{text!r} says no hour")


def _date(fields: Fields) -> date:
    if fields.get("era", 1) == 0:
        raise ValueError("Years before Christ are too early")
    year = _number(fields, "year", 1970)
    if "day of year" in fields:
        found = _day_of_year(year, _number(fields, "day of year", 1))
    else:
        found = _day_of_month(fields, year)
    weekday = _number(fields, "weekday", found.isoweekday())
    if "day" not in fields and "day of year" not in fields:
        return found + timedelta(days=weekday - found.isoweekday())
    if "year" in fields and weekday != found.isoweekday():
        raise ValueError(f"{found} is another day of the week")
    return found


def _day_of_month(fields: Fields, year: int) -> date:
    month = _number(fields, "month", 1)
    day = _number(fields, "day", 1)
    if "year" in fields and 1 <= month <= 12 and day <= _MOST_DAYS:
        day = min(day, monthrange(year, month)[1])
    return date(year, month, day)


def _day_of_year(year: int, number: int) -> date:
    found = date.fromordinal(date(year, 1, 1).toordinal() + number - 1)
    if found.year != year:
        raise ValueError(f"{year} has no day {number}")
    return found


def _milliseconds_of_day(fields: Fields) -> int:
    if "nano of day" in fields:
        return _milliseconds(_clock(_number(fields, "nano of day", 0) // 1_000_000))
    microsecond = _number(fields, "nano", 0) // 1_000
    clock = time(
        _hour(fields), _number(fields, "minute", 0), _number(fields, "second", 0), microsecond
    )
    return _milliseconds(clock)


def _hour(fields: Fields) -> int:
    if "hour" in fields:
        return _number(fields, "hour", 0)
    if "hour of day from 1" in fields:
        return _from_one(_number(fields, "hour of day from 1", 1), 24)
    of_half = _number(fields, "hour of half", 0)
    if "hour of half from 1" in fields:
        of_half = _from_one(_number(fields, "hour of half from 1", 1), 12)
    if of_half > 11:
        raise ValueError(f"Half a day has no hour {of_half}")
    return of_half + 12 * _number(fields, "half", 0)


def _from_one(hour: int, hours: int) -> int:
    if not 1 <= hour <= hours:
        raise ValueError(f"There is no hour {hour} of {hours}")
    return hour % hours


def _milliseconds(clock: time) -> int:
    return duration_milliseconds(datetime.combine(date.min, clock) - datetime.min)


def _clock(milliseconds_of_day: int) -> time:
    minutes, rest = divmod(milliseconds_of_day, 60_000)
    hours, minute = divmod(minutes, 60)
    return time(hours, minute, rest // 1_000, rest % 1_000 * 1_000)


def _number(fields: Fields, name: str, default: int) -> int:
    return int(fields.get(name, default))
