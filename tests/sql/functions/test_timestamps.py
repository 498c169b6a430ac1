import time

import pytest

from eventlab.sql.functions.registry import Functions
from eventlab.sql.functions.timestamps import (
    convert_tz,
    from_unixtime,
    string_to_timestamp,
    timestamp_add,
    timestamp_sub,
    timestamp_to_string,
    unix_timestamp,
    unix_timestamp_now,
)
from eventlab.sql.types import BIGINT, INTEGER, STRING, TIMESTAMP


def test_a_timestamp_is_milliseconds_since_1970():
    """From a number and to one; now is between the moments before and after the call."""
    assert unix_timestamp(from_unixtime(-3)) == -3
    earliest = time.time_ns() // 1_000_000
    assert earliest <= unix_timestamp_now() <= time.time_ns() // 1_000_000


def test_timestamps_are_written_and_read():
    """In UTC, or in a zone."""
    assert timestamp_to_string(0, "HH:mm") == "00:00"
    assert timestamp_to_string(0, "HH:mm z", "Asia/Tokyo") == "09:00 JST"
    assert string_to_timestamp("1970-01-01 09", "yyyy-MM-dd HH", "Asia/Tokyo") == 0
    with pytest.raises(ValueError, match="no time zone"):
        timestamp_to_string(0, "HH", "Atlantis")


def test_a_timestamp_is_moved_from_zone_to_zone():
    """By what they differ at that moment, in summer and in winter."""
    winter = 1_672_531_200_000
    summer = 1_688_169_600_000
    moved = [convert_tz(at, "UTC", "Europe/Rome") - at for at in (winter, summer)]
    assert moved == [3_600_000, 7_200_000]
    assert convert_tz(0, "+0130", "-0100") == -9_000_000


def test_timestamps_are_moved():
    """By a number of a unit that is written out."""
    assert timestamp_add("SECONDS", 3, 10) == 3010
    assert timestamp_sub("DAYS", 1, 0) == -86_400_000


def test_a_statement_finds_them_by_their_types():
    """A zone may be left out; a unit is no timestamp."""
    functions = Functions.builtin()
    assert functions.scalar("FORMAT_TIMESTAMP", [TIMESTAMP, STRING]).returns == STRING
    assert functions.scalar("STRINGTOTIMESTAMP", [STRING, STRING, STRING]).returns == BIGINT
    chosen = functions.scalar("TIMESTAMPADD", [STRING, INTEGER, TIMESTAMP])
    assert [one.is_written_out for one in chosen.parameters] == [True, False, False]
