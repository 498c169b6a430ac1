import time

import pytest

from eventlab.sql.functions.dates import (
    date_add,
    date_sub,
    date_to_string,
    from_days,
    read_date,
    read_time,
    string_to_date,
    time_add,
    time_sub,
    time_to_string,
    unix_date,
    unix_date_today,
)


def test_a_date_is_days_since_1970():
    """From a number and to one; today is between the days before and after the call."""
    assert unix_date(from_days(-3)) == -3
    earliest = time.time() // 86_400
    assert earliest <= unix_date_today() <= time.time() // 86_400


def test_dates_are_written_and_read():
    """In full, or as far as the text says."""
    assert date_to_string(19_000, "d MMM yyyy") == "8 Jan 2022"
    assert string_to_date("8 jan 2022", "d MMM yyyy") == 19_000
    assert read_date("2022", "yyyy") == 18_993
    with pytest.raises(ValueError, match="no date"):
        string_to_date("2022", "yyyy")


def test_days_are_whole():
    """What is left of hours is cut off towards 1970."""
    assert [date_add("DAYS", 2, 5), date_sub("DAY", 7, 5)] == [7, -2]
    assert [date_add("HOURS", 47, 0), date_sub("HOURS", 47, 0)] == [1, -1]


def test_times_are_written_and_read():
    """To the millisecond."""
    assert time_to_string(3_600_001, "HH.mm.ss,SSS") == "01.00.00,001"
    assert read_time("01.00.00,001", "HH.mm.ss,SSS") == 3_600_001


def test_midnight_follows_the_last_millisecond():
    """Forwards and backwards, and a nanosecond is enough."""
    assert time_add("MILLISECONDS", 2, 86_399_999) == 1
    assert time_sub("HOURS", 25, 0) == 82_800_000
    assert time_sub("NANOSECONDS", 1, 0) == 86_399_999
