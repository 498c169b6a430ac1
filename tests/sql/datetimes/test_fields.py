import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.moments import CALENDAR_MILLISECONDS
from eventlab.sql.datetimes.fields import (
    parse_date,
    parse_partial_date,
    parse_time,
    parse_timestamp,
)
from eventlab.sql.datetimes.formatting import DAY, format_date, format_time, format_timestamp
from eventlab.sql.datetimes.zones import zone

UTC = zone("UTC")

days = st.integers(CALENDAR_MILLISECONDS[0] // DAY + 1, CALENDAR_MILLISECONDS[-1] // DAY - 1)
times = st.integers(0, DAY - 1)
timestamps = st.integers(CALENDAR_MILLISECONDS[0], CALENDAR_MILLISECONDS[-1])
zones = st.sampled_from(["UTC", "+0545", "America/New_York", "Europe/Paris", "Asia/Tokyo"])


@given(days, st.sampled_from(["yyyy-MM-dd", "d. MMMM uuuu", "EEEE, MM/dd/yyyy", "yyyy D"]))
def test_a_date_that_is_written_is_read_again(day, pattern):
    """In full."""
    assert parse_date(format_date(day, pattern), pattern) == day


@given(times, st.sampled_from(["HH:mm:ss.SSS", "hh:mm:ss.SSS a", "k-m-s-n", "A", "N", "HHmmssSSS"]))
def test_a_time_that_is_written_is_read_again(time, pattern):
    """To the millisecond."""
    assert parse_time(format_time(time, pattern), pattern) == time


@given(timestamps, zones, st.sampled_from(["XXX", "xx", "'['x']'", "ZZZZ"]))
def test_a_timestamp_that_is_written_is_read_again(timestamp, name, offset):
    """With its offset it is the same in any zone."""
    # Offsets had seconds before there were time zones.
    where = zone(name) if timestamp > -1_000_000_000_000 else UTC
    pattern = f"yyyy-MM-dd'T'HH:mm:ss.SSS{offset}"
    written = format_timestamp(timestamp, pattern, where)
    assert parse_timestamp(written, pattern, zone("Asia/Seoul")) == timestamp


def test_a_zone_that_is_not_said_is_the_default_one():
    """The text's own comes first."""
    tokyo = zone("Asia/Tokyo")
    pattern = "yyyy-MM-dd HH[ VV]"
    assert parse_timestamp("1970-01-01 09", pattern, tokyo) == 0
    assert parse_timestamp("1970-01-01 09 UTC", pattern, tokyo) == 9 * 3_600_000


def test_what_is_not_said_is_as_at_the_beginning():
    """Of 1970, of the month, of the day."""
    assert parse_timestamp("02:03", "HH:mm", UTC) == 7_380_000
    assert parse_timestamp("2001", "yyyy", UTC) == 978_307_200_000
    assert parse_partial_date("May 1971", "MMM yyyy") == parse_date("19710501", "yyyyMMdd")
    assert parse_partial_date("Friday", "EEEE") == 1


def test_a_day_that_a_month_does_not_have_is_its_last():
    """Up to the 31st, if the year is known."""
    assert format_date(parse_date("2023-02-31", "yyyy-MM-dd"), "dd") == "28"
    assert format_date(parse_date("2024-366", "yyyy-DDD"), "dd.MM.") == "31.12."


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2023-01-32", "yyyy-MM-dd"),
        ("2023-13-01", "yyyy-MM-dd"),
        ("2023-366", "yyyy-DDD"),
        ("2023-01", "yyyy-MM"),
        ("0000-01-01", "yyyy-MM-dd"),
        ("Mon 2023-01-01", "EEE yyyy-MM-dd"),
        ("2023-01-01 BC", "yyyy-MM-dd G"),
        ("2023-01-01 24", "yyyy-MM-dd HH"),
    ],
)
def test_what_is_no_date_is_refused(text, pattern):
    """A part of one, a day of another name, or one too early."""
    with pytest.raises(ValueError):  # noqa: PT011
        parse_date(text, pattern)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2023 10", "yyyy HH"),
        ("10", "mm"),
        ("10", "hh"),
        ("25", "HH"),
        ("0", "h"),
        ("13 am", "K a"),
        ("90000000", "A"),
    ],
)
def test_what_is_no_time_is_refused(text, pattern):
    """With a date, without an hour, or beyond the day."""
    with pytest.raises(ValueError):  # noqa: PT011
        parse_time(text, pattern)


def test_a_date_has_no_time_of_day():
    """Midnight is none."""
    assert parse_partial_date("1970-01-02 00", "yyyy-MM-dd HH") == 1
    with pytest.raises(ValueError, match="time of day"):
        parse_partial_date("1970-01-02 01", "yyyy-MM-dd HH")


def test_an_hour_that_the_clocks_leave_out_is_an_hour_later():
    """As Java takes it; one that they have twice is the first."""
    paris = zone("Europe/Paris")
    pattern = "yyyy-MM-dd HH:mm"
    gap = parse_timestamp("2023-03-26 02:30", pattern, paris)
    assert format_timestamp(gap, pattern, paris) == "2023-03-26 03:30"
    twice = parse_timestamp("2023-10-29 02:30", pattern, paris)
    assert format_timestamp(twice, "XXX", paris) == "+02:00"
    said = parse_timestamp("2023-10-29 02:30+01:00[CET]", f"{pattern}XXX'['VV']'", zone("UTC"))
    assert said - twice == 3_600_000
