from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.types import INTEGER, STRING
from tests.sql.functions.folding import folded, folding_of, state_of

words = st.lists(st.sampled_from(["tea", "cake", "milk"]), max_size=12)


def test_rows_are_counted():
    """All of them, or those with a value."""
    assert folded("COUNT", [], [(), ()]) == [1, 2]
    assert folded("COUNT", [STRING], [("a",), (None,), ("a",)]) == [1, 1, 2]


def test_different_values_are_counted():
    """NULL is none."""
    rows = [("a",), ("b",), ("a",), (None,)]
    assert folded("COUNT_DISTINCT", [STRING], rows) == [1, 2, 2, 2]


def test_each_text_is_counted():
    """A result is a map of its own."""
    rows = [("a",), ("b",), (None,), ("a",)]
    counts = [{"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 2, "b": 1}]
    assert folded("HISTOGRAM", [STRING], rows) == counts


def test_a_thousand_texts_are_counted():
    """Those that are there go on, in two sessions that become one too."""
    folding, _ = folding_of("HISTOGRAM", [STRING])
    state = state_of(folding, map(str, range(1001)))
    assert len(state) == 1000
    assert folding.add(state, "7")["7"] == 2
    both = folding.merge(state, {"7": 3, "new": 1})
    assert [both["7"], "new" in both] == [4, False]


@given(words, words)
def test_two_sessions_count_as_one(one, other):
    """And what is taken back was never there."""
    for name in ("COUNT", "HISTOGRAM", "COUNT_DISTINCT", "ATTR"):
        folding, _ = folding_of(name, [STRING])
        whole = state_of(folding, one + other)
        halves = folding.merge(state_of(folding, one), state_of(folding, other))
        assert folding.result(halves) == folding.result(whole)
        if folding.subtract is not None:
            for word in other:
                whole = folding.subtract(whole, word)
            assert folding.result(whole) == folding.result(state_of(folding, one))


def test_the_value_that_all_rows_have():
    """NULL where they differ, or where it is NULL; arrays are values too."""
    assert folded("ATTR", [INTEGER], [(1,), (1,), (2,)]) == [1, 1, None]
    assert folded("ATTR", [INTEGER], [(None,), (None,), (1,)]) == [None, None, None]
    assert folded("ATTR", [INTEGER], [([1],), ([1],)]) == [[1], [1]]


def test_a_row_that_goes_may_leave_one_value():
    """Of two values one is left."""
    folding, _ = folding_of("ATTR", [INTEGER])
    state = state_of(folding, [1, 2, 2])
    assert folding.result(folding.subtract(state, 1)) == 2
    assert folding.subtract((), 1) == ()
