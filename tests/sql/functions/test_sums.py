from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.types import BIGINT, DOUBLE, INTEGER, ArrayType, DecimalType
from tests.sql.functions.folding import folded, folding_of, state_of

integers = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=10)


def test_values_are_added_up():
    """Without NULL; nothing of nothing is 0."""
    assert folded("SUM", [INTEGER], [(2,), (None,), (-5,)]) == [2, 2, -3]
    assert folded("SUM", [DOUBLE], [(0.5,), (0.25,)]) == [0.5, 0.75]
    folding, _ = folding_of("SUM", [BIGINT])
    assert folding.result(folding.begin()) == 0


def test_sums_wrap_round():
    """At 32 or at 64 bits."""
    assert folded("SUM", [INTEGER], [(2**31 - 1,), (1,)])[-1] == -(2**31)
    assert folded("SUM", [BIGINT], [(-(2**63),), (-1,)])[-1] == 2**63 - 1


def test_decimal_numbers_are_exact():
    """All of their digits."""
    rows = [(Decimal("9" * 30 + ".25"),), (Decimal("0.05"),)]
    assert folded("SUM", [DecimalType(38, 2)], rows)[-1] == Decimal("9" * 30 + ".30")


def test_the_elements_of_arrays_are_added_up():
    """Without NULL among them."""
    assert folded("SUM_LIST", [ArrayType(INTEGER)], [([1, None, 2],), ([],), ([4],)]) == [3, 3, 7]
    assert folded("SUM_LIST", [ArrayType(DOUBLE)], [([1.5, 1.0],)]) == [2.5]
    assert folded("SUM_LIST", [ArrayType(BIGINT)], [([2**40],)]) == [2**40]


def test_values_are_averaged():
    """0 as long as there are none."""
    assert folded("AVG", [INTEGER], [(None,), (1,), (2,), (None,)]) == [0.0, 1.0, 1.5, 1.5]
    assert folded("AVG", [BIGINT], [(7,), (-7,)]) == [7.0, 0.0]
    assert folded("AVG", [DOUBLE], [(0.5,), (1.0,)]) == [0.5, 0.75]


@given(integers, integers)
def test_two_sessions_are_added_up_as_one(one, other):
    """And what is taken back was never there."""
    for name in ("SUM", "AVG"):
        folding, _ = folding_of(name, [INTEGER])
        whole = state_of(folding, one + other)
        assert folding.merge(state_of(folding, one), state_of(folding, other)) == whole
        for value in other:
            whole = folding.subtract(whole, value)
        assert whole == state_of(folding, one)


@given(st.lists(integers, max_size=4))
def test_arrays_are_taken_back(arrays):
    """Each as a whole."""
    folding, _ = folding_of("SUM_LIST", [ArrayType(INTEGER)])
    state = state_of(folding, arrays)
    for array in arrays:
        state = folding.subtract(state, array)
    assert state == folding.begin()
