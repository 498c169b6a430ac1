"""Time zones by the names that Java knows them by.

```text
Z, UTC, GMT, UT              no offset
+2, +02, +0200, +02:00       hours, minutes and seconds from UTC; GMT+2 and UTC+2 too
America/Los_Angeles          a region of the tz database
PST, CEST                    the short name of a region's time; at any time of the year the region
```

Source: java.time.ZoneId. Of several regions with one short name, the largest is taken.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_UTC_NAMES = ("Z", "UTC", "GMT", "UT")
_OFFSET = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?", re.IGNORECASE)
_MOST_SECONDS = 18 * 3600
_REGIONS = {
    "America/Los_Angeles": "PST PDT PT",
    "America/Denver": "MDT MT",
    "America/Chicago": "CST CDT CT",
    "America/New_York": "EDT ET",
    "America/Anchorage": "AKST AKDT",
    "America/Halifax": "AST ADT",
    "America/Sao_Paulo": "BRT BRST",
    "Asia/Hong_Kong": "HKT",
    "Asia/Kolkata": "IST",
    "Asia/Seoul": "KST",
    "Asia/Singapore": "SGT",
    "Asia/Tokyo": "JST",
    "Australia/Perth": "AWST",
    "Australia/Sydney": "AEST AEDT",
    "Europe/Athens": "EET EEST",
    "Europe/Lisbon": "WET WEST",
    "Europe/London": "BST",
    "Europe/Moscow": "MSK",
    "Europe/Paris": "CET CEST",
    "Pacific/Auckland": "NZST NZDT",
    "Pacific/Honolulu": "HST",
}
_SHORT_NAMES = {name: region for region, names in _REGIONS.items() for name in names.split()}


@dataclass(frozen=True)
class Zone:
    """A time zone and its name; `rules` tell its offset from UTC at a moment."""

    name: str
    rules: tzinfo

    def offset_seconds(self, moment: datetime) -> int:
        """Return how far a zone's clocks are from UTC at an aware moment, in seconds."""
        offset = moment.astimezone(self.rules).utcoffset() or timedelta()
        return offset.days * 86_400 + offset.seconds

    def short_name(self, moment: datetime) -> str:
        """Return what the time of a zone is called at an aware moment, such as `CEST`."""
        is_region = isinstance(self.rules, ZoneInfo)
        return (moment.astimezone(self.rules).tzname() or self.name) if is_region else self.name


@lru_cache(maxsize=1000)
def zone(name: str) -> Zone:
    """Return a zone by its name, in capitals or not. Raises ValueError."""
    if name.upper() in _UTC_NAMES:
        return Zone(name.upper(), UTC)
    offset = _OFFSET.fullmatch(name)
    if offset:
        return fixed_zone(_seconds(*offset.groups()))
    region = _region(name)
    if region is None:
        raise ValueError(f"There is no time zone {name!r}")
    return Zone(region, ZoneInfo(region))


def fixed_zone(seconds: int) -> Zone:
    """Return the zone that is always so far from UTC. Raises ValueError beyond 18 hours."""
    if abs(seconds) > _MOST_SECONDS:
        raise ValueError("A time zone is at most 18 hours from UTC")
    return Zone(offset_text(seconds), timezone(timedelta(seconds=seconds)))


def offset_text(seconds: int) -> str:
    """Return an offset from UTC as ISO 8601 writes it: `Z`, `+02:00`."""
    if seconds == 0:
        return "Z"
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{rest:02}" if rest else text


def _seconds(sign: str, hours: str, minutes: str | None, seconds: str | None) -> int:
    if int(minutes or 0) > 59 or int(seconds or 0) > 59:
        raise ValueError("An offset has at most 59 minutes and 59 seconds")
    length = int(hours) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return -length if sign == "-" else length


def _region(name: str) -> str | None:
    return _SHORT_NAMES.get(name.upper()) or _by_capitals().get(name.upper())


@lru_cache(maxsize=1)
def _by_capitals() -> dict[str, str]:
    return {name.upper(): name for name in available_timezones()}
