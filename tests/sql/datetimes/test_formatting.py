import pytest

from eventlab.sql.datetimes.formatting import format_date, format_time, format_timestamp
from eventlab.sql.datetimes.zones import zone

AT = 1_698_581_405_067  # Sunday 29 October 2023, 12:10:05.067 UTC


def written(pattern, where="UTC"):
    """Return the moment by a pattern."""
    return format_timestamp(AT, pattern, zone(where))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2023-10-29T12:10:05.067"),
        ("d/M/yy", "29/10/23"),
        ("EEE, dd MMM uuuu", "Sun, 29 Oct 2023"),
        ("EEEE d MMMM", "Sunday 29 October"),
        ("EEEEE MMMMM", "S O"),
        ("h 'o''clock' a", "12 o'clock PM"),
        ("K k H", "0 12 12"),
        ("S SS SSSSSS", "0 06 067000"),
        ("n A", "67000000 43805067"),
        ("DDD Q QQQ QQQQ QQQQQ", "302 4 Q4 4th quarter 4"),
        ("YYYY w W e c F", "2023 44 5 1 1 1"),
        ("G GGGG", "AD Anno Domini"),
        ("yyyyy N", "02023 43805067000000"),
    ],
)
def test_letters_stand_for_fields(pattern, text):
    """As in Java's table of pattern letters; weeks are those of the United States."""
    assert written(pattern) == text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("X XX XXX XXXX XXXXX", "+0530 +0530 +05:30 +0530 +05:30"),
        ("x xx xxx", "+0530 +0530 +05:30"),
        ("Z ZZZZ ZZZZZ", "+0530 GMT+05:30 +05:30"),
        ("O OOOO", "GMT+5:30 GMT+05:30"),
        ("VV z", "Asia/Kolkata IST"),
        ("HH:mm", "17:40"),
    ],
)
def test_zones_are_written(pattern, text):
    """By their name or their offset."""
    assert written(pattern, "Asia/Kolkata") == text


def test_no_offset_is_written_in_its_own_way():
    """Z for X only."""
    assert written("X xxx Z O") == "Z +00:00 +0000 GMT"
    assert written("X x", "+0200") == "+02 +02"


def test_a_region_is_written_by_its_time_of_the_year():
    """The night before the clocks go back, and after it."""
    assert written("HH:mm zzz", "Europe/London") == "12:10 GMT"
    assert format_timestamp(AT - 86_400_000, "HH:mm z", zone("Europe/London")) == "13:10 BST"


def test_dates_and_times_have_fields_of_their_own():
    """Days before 1970 too; what may be missing is left out where it is not there."""
    assert format_date(-1, "dd.MM.yyyy") == "31.12.1969"
    assert format_time(3_723_004, "H:mm:ss.SSS") == "1:02:03.004"
    assert format_date(0, "yyyy['T'HH:mm]") == "1970"


@pytest.mark.parametrize("pattern", ["HH", "z", "B", "X", "SSS"])
def test_a_date_has_no_time(pattern):
    """Nor has a letter that cannot be written a text."""
    with pytest.raises(ValueError):  # noqa: PT011
        format_date(3, pattern)


@pytest.mark.parametrize("pattern", ["dd", "VV"])
def test_a_time_has_no_date(pattern):
    """Nor a time zone."""
    with pytest.raises(ValueError, match="no"):
        format_time(3, pattern)


@pytest.mark.parametrize("pattern", ["zzzz", "V", "XXXXXX"])
def test_a_width_that_means_nothing_is_refused(pattern):
    """Names of zones are written short."""
    with pytest.raises(ValueError):  # noqa: PT011
        written(pattern)


def test_a_year_with_five_digits_is_refused():
    """The calendar ends before."""
    with pytest.raises((ValueError, OverflowError)):
        format_date(5_000_000, "yyyy")
