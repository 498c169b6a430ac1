from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.functions import arrays

numbers = st.lists(st.one_of(st.none(), st.integers(-4, 4)), max_size=8)


def test_null_may_be_in_an_array():
    """And nothing is in NULL."""
    assert arrays.array_contains([1, None], None)
    assert not arrays.array_contains(None, 1)
    assert arrays.array_remove([[1], None, [1]], [1]) == [None]
    assert arrays.array_remove(None, 1) is None


def test_arrays_are_put_together():
    """NULL has no elements; two of them are NULL."""
    assert arrays.array_concat([1], [1, 2]) == [1, 1, 2]
    assert [arrays.array_concat(None, [1]), arrays.array_concat(None, None)] == [[1], None]


@given(numbers, numbers)
def test_arrays_are_sets(one, other):
    """Each element once, in the order of the first array and then of the second."""
    both = arrays.array_intersect(one, other)
    only = arrays.array_except(one, other)
    assert set(both) == set(one) & set(other)
    assert set(only) == set(one) - set(other)
    assert arrays.array_union(one, other) == arrays.array_distinct(one + other)
    assert sorted(map(repr, both + only)) == sorted(map(repr, arrays.array_distinct(one)))


@given(numbers)
def test_arrays_are_sorted(values):
    """NULLs last, up or down; the ends are the least and the greatest."""
    up = arrays.array_sort(values)
    down = arrays.array_sort(values, "descending")
    known = [value for value in up if value is not None]
    assert known == sorted(value for value in values if value is not None)
    assert [value for value in down if value is not None] == known[::-1]
    assert up[len(known) :] == down[len(known) :] == [None] * (len(values) - len(known))
    assert arrays.array_min(values) == (known[0] if known else None)
    assert arrays.array_max(values) == (known[-1] if known else None)
    assert arrays.array_length(values) == len(values)


def test_another_direction_is_null():
    """As a wrong word is."""
    assert arrays.array_sort([2, 1], "sideways") is None


def test_elements_are_joined_as_java_writes_them():
    """NULL and truth in small letters, doubles with a point; NULL joins without a sign."""
    values = [True, None, 7, 1e7, Decimal("2.50"), "x"]
    assert arrays.array_join(values) == "true,null,7,1.0E7,2.50,x"
    assert arrays.array_join(["a", "b"], None) == "ab"
    assert arrays.array_join(None, "-") is None
    with pytest.raises(TypeError, match="joined"):
        arrays.array_join([[1]])


@pytest.mark.parametrize(
    ("first", "last", "part"),
    [
        (2, 3, ["b", "c"]),
        (None, 1, ["a"]),
        (3, None, ["c"]),
        (2, 1, []),
        (0, 2, None),
        (1, 4, None),
    ],
)
def test_a_part_of_an_array(first, last, part):
    """Places from 1, both included; NULL where the array does not reach so far."""
    assert arrays.array_slice(["a", "b", "c"], first, last) == part
    assert arrays.array_slice(None, first, last) is None


@pytest.mark.parametrize(
    ("ends", "numbers"),
    [((3, 5), [3, 4, 5]), ((1, -1), [1, 0, -1]), ((0, 5, 2), [0, 2, 4]), ((7, 7), [7])],
)
def test_numbers_in_a_row(ends, numbers):
    """Up or down, by ones or by a step."""
    assert arrays.generate_series(*ends) == numbers


@pytest.mark.parametrize("ends", [(1, 5, 0), (1, 5, -1), (5, 1, 2), (0, 10**12)])
def test_a_series_ends(ends):
    """One that would not, or that fills the memory, is refused."""
    with pytest.raises(ValueError, match=r"lead|most"):
        arrays.generate_series(*ends)
