from dataclasses import replace

import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import EventTime
from eventlab.sql.formats.serde import Unreadable
from eventlab.sql.planning.event_times import event_time_reader
from tests.sql.running.sources import source

PLAIN = source(
    "CREATE STREAM s (id BIGINT, moment TIMESTAMP, said STRING, price DOUBLE)"
    " WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');"
)


def reader(column: str, pattern: str | None = None, *, is_strict: bool = False):
    event_time = EventTime(column, pattern, is_strict)
    return event_time_reader(replace(PLAIN, event_time=event_time))


def test_without_such_a_column_the_record_s_own_time_counts():
    """Which nothing needs to read."""
    assert event_time_reader(PLAIN) is None


def test_numbers_timestamps_and_texts_say_a_time():
    """A text by its pattern, in UTC."""
    row = (7, 1000, "2025-03-03 12:00", 1.5)
    assert reader("ID")(row) == 7
    assert reader("MOMENT")(row) == 1000
    assert reader("SAID", "yyyy-MM-dd HH:mm")(row) == 1_741_003_200_000


@pytest.mark.parametrize("said", [None, "yesterday", "1969-12-31 23:59"])
def test_a_row_that_says_no_time_is_unreadable(said):
    """NULL, another pattern, before 1970."""
    with pytest.raises(Unreadable, match="SAID"):
        reader("SAID", "yyyy-MM-dd HH:mm")((1, 1, said, 1.0))


@pytest.mark.parametrize("moment", [-1, 253_402_300_799_999, 2**63 - 1])
def test_a_time_that_no_reader_shows_is_unreadable(moment):
    """The first moment of 1970 is one that it shows."""
    assert reader("MOMENT")((1, 0, "", 1.0)) == 0
    with pytest.raises(Unreadable, match="MOMENT says no"):
        reader("MOMENT")((1, moment, "", 1.0))


def test_a_strict_time_ends_the_query():
    """With the word that lets it go on."""
    with pytest.raises(SqlError, match="so the query ends"):
        reader("ID", is_strict=True)((None, 1, "", 1.0))


@pytest.mark.parametrize(("column", "pattern"), [("PRICE", None), ("SAID", None), ("NO", None)])
def test_a_column_that_can_say_no_time_is_refused(column, pattern):
    """Before anything is read."""
    with pytest.raises(SqlError, match=column):
        reader(column, pattern)
