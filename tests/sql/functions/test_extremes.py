from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.functions.extremes import rows_type
from eventlab.sql.types import (
    BOOLEAN,
    BYTES,
    DATE,
    INTEGER,
    STRING,
    ArrayType,
    DecimalType,
    StructType,
)
from tests.sql.functions.folding import FUNCTIONS, folded, folding_of, state_of

numbers = st.lists(st.integers(-9, 9), max_size=10)


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (INTEGER, -3, 2),
        (STRING, "Z", "a"),
        (DATE, 0, 1),
        (DecimalType(4, 2), Decimal("-0.10"), Decimal("0.02")),
        (BYTES, b"\x90", b"\x10"),
    ],
)
def test_values_of_many_types_have_a_least_and_a_greatest(kind, low, high):
    """NULL is neither."""
    rows = [(None,), (high,), (low,), (None,)]
    assert folded("MIN", [kind], rows) == [None, high, low, low]
    assert folded("MAX", [kind], rows) == [None, high, high, high]


def test_what_has_no_order_is_refused():
    """Truth is no quantity."""
    with pytest.raises(SqlError, match="MAX"):
        FUNCTIONS.aggregate("MAX", [BOOLEAN])


def test_the_greatest_few_are_kept():
    """Each as often as it comes, or once."""
    rows = [(5,), (1,), (5,), (None,), (7,)]
    assert folded("TOPK", [INTEGER, INTEGER], rows, 2) == [[5], [5, 1], [5, 5], [5, 5], [7, 5]]
    once = folded("TOPKDISTINCT", [INTEGER, INTEGER], rows, 2)
    assert once == [[5], [5, 1], [5, 1], [5, 1], [7, 5]]


def test_the_rows_of_the_greatest_few_are_kept():
    """As structs; columns may be NULL, the value that they are ordered by may not."""
    kinds = [INTEGER, STRING, BOOLEAN, INTEGER]
    rows = [(1, "a", True), (None, "b", True), (1, None, False), (3, "c", None)]
    found = folded("TOPK", kinds, rows, 2)
    first = {"sort_col": 1, "col0": "a", "col1": True}
    second = {"sort_col": 1, "col0": None, "col1": False}
    assert found[:3] == [[first], [first], [first, second]]
    assert found[3] == [{"sort_col": 3, "col0": "c", "col1": None}, first]


def test_rows_have_a_type():
    """Not where a column is nothing but NULL."""
    struct = StructType((("sort_col", INTEGER), ("col0", STRING), ("col1", BOOLEAN)))
    found = FUNCTIONS.aggregate("TOPK", [INTEGER, STRING, BOOLEAN, INTEGER])
    assert found.returns == ArrayType(struct)
    assert rows_type([INTEGER, None, INTEGER]) is None


@given(numbers, numbers, st.integers(1, 4))
def test_two_sessions_keep_what_one_keeps(one, other, k):
    """Whichever function it is."""
    for name, written_out in (("MAX", ()), ("MIN", ()), ("TOPK", (k,)), ("TOPKDISTINCT", (k,))):
        folding, _ = folding_of(name, [INTEGER, *[INTEGER for _ in written_out]], *written_out)
        halves = folding.merge(state_of(folding, one), state_of(folding, other))
        assert halves == state_of(folding, one + other)


@given(numbers, st.integers(1, 4))
def test_the_greatest_few_are_those_of_all(values, k):
    """As sorted at once."""
    rows = [(value,) for value in values]
    kept = folded("TOPK", [INTEGER, INTEGER], rows, k)
    once = folded("TOPKDISTINCT", [INTEGER, INTEGER], rows, k)
    assert kept[-1:] == [sorted(values, reverse=True)[:k]][: len(rows)]
    assert once[-1:] == [sorted(set(values), reverse=True)[:k]][: len(rows)]


def test_at_least_one_is_kept():
    """No row could answer."""
    with pytest.raises(SqlError, match="k is"):
        folding_of("TOPK", [INTEGER, INTEGER], 0)
