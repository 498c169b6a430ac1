"""What statements answer."""

from datetime import UTC, date, datetime, timedelta

from eventlab.sql.answers import Rows, Said, table
from eventlab.sql.planning.rows import Field
from eventlab.sql.types import BIGINT, DATE, STRING, TIME, TIMESTAMP


def test_a_sentence_is_its_words():
    """So that it can be printed."""
    assert str(Said("It is done")) == "It is done"


def test_rows_of_texts_have_columns_by_name():
    """As SHOW and DESCRIBE answer."""
    found = table(["NAME"], [("a",), ("b",)]).frame()
    assert list(found.NAME) == ["a", "b"]


def test_times_are_those_of_pandas():
    """Milliseconds and days become moments in UTC, dates and durations; NULL stays none."""
    kinds = {"AT": TIMESTAMP, "DAY": DATE, "CLOCK": TIME, "N": BIGINT, "S": STRING}
    columns = tuple(Field(name, kind) for name, kind in kinds.items())
    found = Rows(columns, [(1000, 1, 1500, 7, "a"), (None, None, None, None, None)]).frame()
    assert found.AT[0] == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert found.DAY[0] == date(1970, 1, 2)
    assert found.CLOCK[0] == timedelta(seconds=1.5)
    assert found.N[0] == 7
    assert found.iloc[1].isna().all()
