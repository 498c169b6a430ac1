import json
import time
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from math import inf, nan

import numpy
import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.live.values import in_words, moment_values, packed, plain_values

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOON_MS = 1767268800000
BERLIN = NOON.astimezone(timezone(timedelta(hours=1)))


class Level(StrEnum):
    GOLD = "gold"


@pytest.mark.parametrize(
    ("column", "plain"),
    [
        ([1, 2.5, None], [1, 2.5, None]),
        ([1.0, nan, inf, -inf], [1.0, None, None, None]),
        (["a", None, True], ["a", None, True]),
        ([NOON, BERLIN, NOON.replace(tzinfo=None), None], [NOON_MS, NOON_MS, NOON_MS, None]),
        ([date(2026, 1, 1)], [NOON_MS - 43_200_000]),
        (pandas.Series([NOON, None]), [NOON_MS, None]),
        (pandas.Series([BERLIN]), [NOON_MS]),
        ([pandas.NaT, pandas.NA, pandas.Timestamp(NOON)], [None, None, NOON_MS]),
        (numpy.array(["2026-01-01T12", "NaT"], "datetime64[ns]"), [NOON_MS, None]),
        ([numpy.datetime64("2026-01-01T12")], [NOON_MS]),
        (numpy.array([1, 2]), [1, 2]),
        ([numpy.int64(1), numpy.float32(0.5), numpy.bool_(True)], [1, 0.5, True]),
        ([numpy.float64(nan), Decimal("1.5")], [None, 1.5]),
        ([Level.GOLD], ["gold"]),
        ([{"at": NOON, 1: [nan]}, (1, None)], [{"at": NOON_MS, "1": [None]}, [1, None]]),
        (range(2), [0, 1]),
        ((n for n in [1, 2]), [1, 2]),
        ({"a": 1}.keys(), ["a"]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_python_numpy_and_pandas_hold_becomes_plain(column, plain):
    """Moments become milliseconds, what is missing or infinite None, and all of it plain."""
    values = plain_values("any", column)
    assert values == plain
    assert json.loads(json.dumps(values, allow_nan=False)) == plain


def test_a_moment_without_a_zone_is_utc_wherever_the_machine_is(monkeypatch):
    """The same notebook shows the same times in every country."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert plain_values("at", [NOON.replace(tzinfo=None)]) == [NOON_MS]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("column", ["text", b"bytes", 7, None])
def test_what_is_no_column_is_refused(column):
    """One value in place of many is a slip, and the error says which column."""
    with pytest.raises(UsageError, match="The column price is no list of values"):
        plain_values("price", column)


@pytest.mark.parametrize("value", [object(), {"a": {1}}, [[object()]], 1j, timedelta(1), b"x"])
def test_what_no_chart_can_show_is_refused_at_the_call(value):
    """The sender's thread never meets a value it cannot send."""
    with pytest.raises(UsageError, match="The column price holds what no chart can show"):
        plain_values("price", [1, value])


def test_numbers_travel_as_doubles_and_words_as_they_are():
    """A column of numbers is a buffer in which NaN stands for None."""
    entries, buffers = packed({"n": [1, None, 2.5], "w": ["a", None, "b"], "none": [None] * 3})
    assert entries == [["n", None, 0], ["w", ["a", None, "b"]], ["none", [None] * 3]]
    numbers = numpy.frombuffer(buffers[0], "<f8")
    assert numbers[[0, 2]].tolist() == [1, 2.5]
    assert numpy.isnan(numbers[1])


def test_truth_values_are_no_numbers():
    """Vega is to see true and false, not 1 and 0."""
    assert packed({"b": [True, False], "mixed": [1, "a"]}) == (
        [["b", [True, False]], ["mixed", [1, "a"]]],
        [],
    )


def test_numbers_that_a_page_would_round_become_words():
    """Two ids of 64 bits stay two, and whatever a page can tell apart stays a number."""
    great = [2**53, 2**53 + 1, 2**63 - 1, -(2**63), 2**70]
    assert plain_values("id", great) == [2**53, *map(str, great[1:])]
    assert plain_values("id", [2**53 + 1, 0.5, None]) == [str(2**53 + 1), 0.5, None]
    assert plain_values("id", numpy.array([2**64 - 1], "uint64")) == [str(2**64 - 1)]
    assert plain_values("id", [{"id": 2**60}]) == [{"id": str(2**60)}]


def test_nesting_is_cut_where_nobody_could_look_at_it():
    """However deep it is."""
    deep = []
    for _ in range(1000):
        deep = [deep]
    assert json.dumps(plain_values("deep", [deep])).count("[") < 100
    assert in_words(deep)


def test_moments_are_taken_as_iso_8601_writes_them():
    """Of any precision; the first that is none is told."""
    texts = ["2026-01-01T12:00:00Z", "2026-01-01T13:00:00.000000+01:00", NOON, NOON_MS, None]
    assert moment_values("at", texts) == ([NOON_MS] * 4 + [None], None)
    assert moment_values("at", [NOON, "soon", True]) == ([NOON_MS, None, None], "soon")
