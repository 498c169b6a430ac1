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


def test_what_is_no_view_is_refused():
    """A DataFrame, say."""
    with pytest.raises(UsageError, match="other"):
        difference(ONE, {})
