"""Moments and durations, as Python's own, in milliseconds, and in words."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.moments import (
    clock_words,
    duration_from_milliseconds,
    duration_milliseconds,
    duration_words,
    from_milliseconds,
    is_in_calendar,
    is_time_of_record,
    milliseconds,
)

MOMENTS = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5, minutes=-30))]))
DURATIONS = st.timedeltas()


@given(MOMENTS)
def test_a_moment_loses_less_than_a_millisecond(moment):
    """Going there and back gives the millisecond in which the moment lies, in any time zone."""
    back = from_milliseconds(milliseconds(moment))
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)


@given(st.integers(-1_000_000_000, 4_102_444_800_000))
def test_milliseconds_come_back_as_they_were(at):
    """No bit is lost on the way through a datetime, before 1970 neither."""
    moment = from_milliseconds(at)
    assert moment.tzinfo is UTC
    assert milliseconds(moment) == at


@given(DURATIONS)
def test_a_duration_loses_less_than_a_millisecond(duration):
    """Going there and back rounds it down to whole milliseconds."""
    back = duration_from_milliseconds(duration_milliseconds(duration))
    assert timedelta(0) <= duration - back < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (0, "0 s"),
        (7, "7 ms"),
        (1_000, "1 s"),
        (90_000, "1 min 30 s"),
        (3_600_000, "1 h"),
        (90_061_001, "1 d 1 h"),
    ],
)
def test_a_duration_in_words_has_at_most_two_units(length, words):
    """The greatest ones; what is nothing is left out."""
    assert duration_words(length) == words


def test_a_clock_shows_utc_to_the_second():
    """Whatever the machine's own time zone is."""
    noon = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert clock_words(milliseconds(noon) + 999) == "2025-03-03 12:00:00"


def test_the_calendar_has_room_at_both_ends():
    """What is in it can be moved by a year and still be a datetime."""
    inside = [-62_104_060_800_000, 0, 253_370_764_799_999]
    assert [is_in_calendar(one) for one in inside] == [True, True, True]
    assert [abs(from_milliseconds(one).year) for one in inside] == [2, 1970, 9998]
    assert not is_in_calendar(253_370_764_800_000)
    assert not is_in_calendar(-62_104_060_800_001)


def test_a_record_has_a_time_after_1970_that_all_can_show():
    found = [is_time_of_record(one) for one in (-1, 0, 1, 253_370_764_799_999, 253_370_764_800_000)]
    assert found == [False, False, True, True, False]
