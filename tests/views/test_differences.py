import math

import numpy
import pytest

from eventlab.errors import UsageError
from eventlab.views import Rows, difference


class Fixed(Rows):
    """Rows as they are given."""

    def __init__(self, **tables):
        self._tables = tables

    @property
    def _reader(self):
        return self

    def tables(self):
        return self._tables


ONE = Fixed(sold={"a": {"n": 1}, "b": {"n": 2}, "c": {"n": 3}}, gone={1: {"x": 1}})
OTHER = Fixed(sold={"b": {"n": 2}, "c": {"n": 4}, "d": {"n": 5}}, new={(1, 2): {"y": None}})


def test_each_row_that_differs_is_named():
    """What is only here, only there, or not the same, with both rows."""
    found = difference(ONE, OTHER)
    assert [tuple(row) for row in found[["table", "key", "what"]].values] == [
        ("sold", "a", "only in one"),
        ("sold", "c", "differs"),
        ("sold", "d", "only in the other"),
        ("gone", 1, "only in one"),
        ("new", (1, 2), "only in the other"),
    ]
    assert (found["one"][1], found["other"][1]) == ({"n": 3}, {"n": 4})


def test_equal_views_differ_in_nothing():
    """The columns are there all the same."""
    found = difference(ONE, ONE)
    assert found.empty
    assert list(found) == ["table", "key", "what", "one", "other"]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        (math.nan, float("nan"), True),
        ({"x": [math.nan, 1]}, {"x": [float("nan"), 1]}, True),
        (math.nan, 1.0, False),
        (numpy.array([1, 2]), numpy.array([1, 2]), True),
        (numpy.array([1, 2]), numpy.array([1, 3]), False),
        (numpy.array([1, 2]), numpy.array([[1, 2]]), False),
        (numpy.float64("nan"), numpy.float64("nan"), True),
        ([1, 2], (1, 2), False),
        ({"x": 1}, {"y": 1}, False),
    ],
)
def test_values_are_compared_for_what_they_are(one, other, is_same):
    """Arrays as a whole, and no number with no number."""
    assert difference(Fixed(sold={1: one}), Fixed(sold={1: other})).empty == is_same


def test_what_is_no_view_is_refused():
    """A DataFrame, say."""
    with pytest.raises(UsageError, match="other"):
        difference(ONE, {})
