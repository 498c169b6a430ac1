"""The rows of a result."""

import datetime as dt

import pandas
import pytest

from eventlab.flink.answers import Answer
from eventlab.flink.client import Column, Page

_N = [Column("n", "BIGINT")]


def page(*changes, columns=_N, is_query=True):
    """A page of these changes."""
    return Page(columns, [(kind, tuple(row)) for kind, row in changes], is_query)


def test_what_is_taken_back_goes():
    """Of two equal rows one stays, and one that replaces another stands at the end."""
    answer = Answer()
    answer.add(page(("INSERT", [1]), ("INSERT", [1]), ("INSERT", [2])))
    answer.add(page(("UPDATE_BEFORE", [1]), ("UPDATE_AFTER", [3]), ("DELETE", [2])))
    assert answer.rows == [(1,), (3,)]
    answer.add(page(("DELETE", [9])))
    assert len(answer) == 2


def test_each_change_can_be_a_row():
    """Behind its sign, as Flink's own client shows it."""
    answer = Answer(shows_changes=True)
    answer.add(page(("INSERT", [1]), ("UPDATE_BEFORE", [1]), ("UPDATE_AFTER", [2])))
    answer.add(page(("DELETE", [2])))
    assert list(answer.frame()["change"]) == ["+I", "-U", "+U", "-D"]
    assert list(answer.frame()["n"]) == [1, 1, 2, 2]


def test_what_no_query_gives_has_no_changes():
    """SHOW TABLES answers with rows that nothing changes."""
    answer = Answer(shows_changes=True)
    answer.add(page(("INSERT", [1]), is_query=False))
    assert list(answer.frame().columns) == ["n"]


def test_it_takes_as_many_rows_as_are_wanted():
    """One more page, or the rest of this one, changes nothing."""
    answer = Answer()
    answer.add(page(("INSERT", [1]), ("DELETE", [1]), ("INSERT", [2]), ("INSERT", [3])), most=1)
    answer.add(page(("INSERT", [4])), most=1)
    assert answer.rows == [(1,)]


def test_a_page_that_is_not_ready_hides_no_columns():
    """What is there stays there."""
    answer = Answer()
    answer.add(page(("INSERT", [1])))
    answer.add(page(columns=[], is_query=False))
    assert list(answer.frame().columns) == ["n"]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("BIGINT", 9007199254740993, 9007199254740993),
        ("VARCHAR", "a", "a"),
        ("BOOLEAN", True, True),
        ("DOUBLE", "NaN", float("nan")),
        ("DOUBLE", 1, 1.0),
        ("DATE", "2020-01-02", dt.date(2020, 1, 2)),
        ("TIME_WITHOUT_TIME_ZONE", "10:11:12", pandas.Timedelta("10:11:12")),
        (
            "TIMESTAMP_WITHOUT_TIME_ZONE",
            "2020-01-02T10:11:12.123",
            pandas.Timestamp("2020-01-02T10:11:12.123", tz="UTC"),
        ),
        (
            "TIMESTAMP_WITH_LOCAL_TIME_ZONE",
            "1970-01-01T00:00:01Z",
            pandas.Timestamp("1970-01-01T00:00:01", tz="UTC"),
        ),
        ("MAP", {"a": 1}, {"a": 1}),
    ],
)
def test_a_value_becomes_pandas_own(kind, value, expected):
    """Of each kind one, and one that is missing."""
    answer = Answer()
    answer.add(page(("INSERT", [value]), ("INSERT", [None]), columns=[Column("x", kind)]))
    found, missing = answer.frame()["x"]
    assert found == expected or (pandas.isna(found) and pandas.isna(expected))
    assert pandas.isna(missing)


def test_two_columns_may_have_one_name():
    """Flink allows it in a SELECT."""
    answer = Answer()
    answer.add(page(("INSERT", [1, "2020-01-02"]), columns=[*_N, Column("n", "DATE")]))
    assert answer.frame().iloc[0].tolist() == [1, dt.date(2020, 1, 2)]


def test_no_rows_are_a_frame_with_its_columns():
    """A query that finds nothing has an answer."""
    answer = Answer()
    answer.add(page(columns=[Column("at", "TIMESTAMP_WITHOUT_TIME_ZONE")]))
    assert answer.frame().empty
    assert list(answer.frame().columns) == ["at"]
