"""What values look like as text, and what a text says as a value: ksqlDB's forms, that is Java's.

What reads a text raises ValueError for one that it does not understand.
"""

import base64
import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from eventlab.moments import from_milliseconds
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    TIME,
    TIMESTAMP,
    ArrayType,
    DecimalType,
    MapType,
    SqlType,
    StructType,
)

DAY = 86_400_000
_FIRST_DAY = date(1970, 1, 1).toordinal()
_WHOLE = re.compile(r"[+-]?[0-9]+")
_DOUBLE = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_ZONE = re.compile(r"([+-])([0-9]{1,2})(?::?([0-9]{2}))?")
_ZERO_CLOCK = "00:00:00.000"
INTEGERS: dict[SqlType, range] = {INTEGER: range(-(2**31), 2**31), BIGINT: range(-(2**63), 2**63)}


def double_text(value: float) -> str:
    """Return a double as Java writes it: at least one digit behind the point, E from 10^7 on."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    size = abs(value)
    if size == 0 or 1e-3 <= size < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:.1f}"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    if len(str(int("".join(map(str, digits)))).rstrip("0")) == 1:
        # Java takes the nearest of two digits where one would do, as in 4.9E-324.
        sign, digits, exponent = Decimal(f"{value:.1e}").as_tuple()
    figures = "".join(map(str, digits)).rstrip("0") or "0"
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{figures[0]}.{figures[1:] or '0'}E{power}"


def decimal_text(value: Decimal) -> str:
    """Return a decimal number with all of its digits and no exponent."""
    return format(value, "f")


def date_text(days: int) -> str:
    """Return a date as `2025-03-01`."""
    return date.fromordinal(_FIRST_DAY + days).isoformat()


def time_text(clock: int) -> str:
    """Return a time of day without its milliseconds; without seconds too where they are zero."""
    seconds = clock // 1000 % 60
    minutes = f"{clock // 3_600_000:02}:{clock // 60_000 % 60:02}"
    return f"{minutes}:{seconds:02}" if seconds else minutes


def timestamp_text(moment: int) -> str:
    """Return a timestamp as `2025-03-01T12:30:00.000`, in UTC."""
    return f"{from_milliseconds(moment):%Y-%m-%dT%H:%M:%S}.{moment % 1000:03}"


def writer(kind: SqlType) -> Callable[[Any], str]:
    """Return what makes a text of the values of a type that are not NULL."""
    if isinstance(kind, DecimalType):
        return decimal_text
    if isinstance(kind, ArrayType):
        return _array_writer(_inner(kind.item))
    if isinstance(kind, MapType):
        return _map_writer(_inner(kind.key), _inner(kind.value))
    if isinstance(kind, StructType):
        return _struct_writer({name: _inner(inner) for name, inner in kind.fields})
    return _WRITERS.get(kind, str)


_WRITERS: dict[SqlType, Callable[[Any], str]] = {
    BOOLEAN: lambda value: "true" if value else "false",
    DOUBLE: double_text,
    DATE: date_text,
    TIME: time_text,
    TIMESTAMP: timestamp_text,
}


def _inner(kind: SqlType) -> Callable[[Any], str]:
    """Return what writes a value inside another, where NULL may be."""
    write: Callable[[Any], str] = str if isinstance(kind, DecimalType) else writer(kind)
    return lambda value: "null" if value is None else write(value)


def _array_writer(item: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda values: f"[{', '.join(map(item, values))}]"


def _map_writer(key: Callable[[Any], str], value: Callable[[Any], str]) -> Callable[[Any], str]:
    def write(values: dict[Any, Any]) -> str:
        pairs = [f"{key(name)}={value(inner)}" for name, inner in values.items()]
        return f"{{{', '.join(pairs)}}}"

    return write


def _struct_writer(fields: dict[str, Callable[[Any], str]]) -> Callable[[Any], str]:
    def write(values: dict[str, Any]) -> str:
        present = [(name, field) for name, field in fields.items() if values.get(name) is not None]
        return f"Struct{{{','.join(f'{name}={field(values[name])}' for name, field in present)}}}"

    return write


def parse_whole(text: str, kind: SqlType) -> int:
    """Return the INTEGER or BIGINT that a text says."""
    stripped = text.strip()
    if not _WHOLE.fullmatch(stripped):
        raise ValueError(f"{text!r} is no whole number")
    # A longer one is out of range, and long ones take long to read.
    value = int(stripped) if len(stripped) <= 40 else 2**64
    if value not in INTEGERS[kind]:
        raise ValueError(f"{text!r} is out of the range of {kind}")
    return value


def parse_double(text: str) -> float:
    """Return the DOUBLE that a text says."""
    found = _DOUBLE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no number")
    value = float(found.group(1))
    if math.isinf(value):
        raise ValueError(f"{text!r} is out of the range of DOUBLE")
    return value


def parse_decimal(text: str) -> Decimal:
    """Return the decimal number that a text says."""
    stripped = text.strip()
    if not _DECIMAL.fullmatch(stripped):
        raise ValueError(f"{text!r} is no number")
    try:
        return Decimal(stripped)
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number that fits") from None


def exact_boolean(text: str) -> bool | None:
    """Return what a text says that begins `true`, `yes`, `false` or `no`; None if it does not."""
    word = text.strip().lower()
    if not word:
        return None
    if "true".startswith(word) or "yes".startswith(word):
        return True
    return False if "false".startswith(word) or "no".startswith(word) else None


def parse_boolean(text: str) -> bool:
    """Return whether a text says true; any other text is false."""
    return exact_boolean(text) is True


def parse_bytes(text: str) -> bytes:
    """Return the bytes that a text says in base64."""
    return base64.b64decode(text.strip(), validate=True)


def parse_date(text: str) -> int:
    """Return the DATE that a text says: `2025-03-01`, `2025-03` or `2025`."""
    found = _DATE.fullmatch(_whole_date(text.strip()))
    if not found:
        raise ValueError(f"{text!r} is no date such as 2025-03-01")
    return date(*map(int, found.groups())).toordinal() - _FIRST_DAY


def parse_time(text: str) -> int:
    """Return the TIME that a text says: `12:30`, `12:30:05` or `12:30:05.250`."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no time such as 12:30:00")
    hours = int(found.group(1))
    minutes = int(found.group(2))
    seconds = int(found.group(3) or 0)
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} is no time of a day")
    thousandths = int((found.group(4) or "").ljust(3, "0")[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def parse_timestamp(text: str) -> int:
    """Return the TIMESTAMP that a text says: `2025-03-01T12:30:00.000+0100` or its first part.

    In UTC, unless it names an offset.
    """
    day, has_clock, rest = text.strip().partition("T")
    if not has_clock:
        return parse_date(day) * DAY
    zone_at = min((rest.index(sign) for sign in "+-" if sign in rest), default=len(rest))
    clock = rest[:zone_at].removesuffix("Z")
    if not _DATE.fullmatch(day) or len(clock) > len(_ZERO_CLOCK):
        raise ValueError(f"{text!r} is no timestamp such as 2025-03-01T12:30:00.000")
    passed = parse_time(clock + _ZERO_CLOCK[len(clock) :])
    return parse_date(day) * DAY + passed - _offset(rest[zone_at:])


def _whole_date(text: str) -> str:
    parts = text.count("-")
    return text + ("-01-01", "-01", "")[min(parts, 2)]


def _offset(text: str) -> int:
    """Return how many milliseconds a zone such as `+0100` is before UTC."""
    if not text:
        return 0
    found = _ZONE.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no offset from UTC such as +0100")
    minutes = int(found.group(2)) * 60 + int(found.group(3) or 0)
    return minutes * (-60_000 if found.group(1) == "-" else 60_000)


def decimal_kind(value: Decimal) -> DecimalType:
    """Return the type that has just the digits of a decimal number."""
    whole = value.as_tuple()
    scale = max(0, -int(whole.exponent))
    if abs(value) < 1:
        return DecimalType(scale + 1, scale)
    return DecimalType(len(whole.digits) + max(0, int(whole.exponent)), scale)


def number_kind(text: str) -> SqlType | None:
    """Return the type of the number that a text says, None if it says none."""
    for kind in INTEGERS:
        with suppress(ValueError):
            parse_whole(text, kind)
            return kind
    try:
        value = parse_decimal(text)
    except ValueError:
        return None
    return decimal_kind(value) if abs(value.adjusted()) < 400 else None
