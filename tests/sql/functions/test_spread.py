import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.types import BIGINT, DOUBLE, INTEGER
from tests.sql.functions.folding import folded, folding_of, state_of

numbers = st.lists(st.integers(-1000, 1000), max_size=10)
some_numbers = st.lists(st.integers(-1000, 1000), min_size=2, max_size=10)

COMPUTED = {
    "STDDEV_SAMP": statistics.variance,
    "STDDEV_SAMPLE": statistics.stdev,
    "STDDEV_POP": statistics.pstdev,
}


def is_close(found, expected):
    """Tell whether two numbers are the same but for rounding."""
    return found == pytest.approx(expected, rel=1e-6, abs=1e-4, nan_ok=True)


@given(some_numbers)
def test_deviations_are_as_computed_at_once(values):
    """Row by row, in each of the three."""
    for name, compute in COMPUTED.items():
        assert is_close(folded(name, [INTEGER], [(one,) for one in values])[-1], compute(values))


@pytest.mark.parametrize("name", COMPUTED)
@pytest.mark.parametrize("kind", [INTEGER, BIGINT, DOUBLE])
def test_one_value_does_not_spread(name, kind):
    """Nor does none, nor NULL."""
    assert folded(name, [kind], [(None,), (5,), (None,)]) == [0.0, 0.0, 0.0]


@given(numbers, numbers)
def test_two_sessions_spread_as_one(one, other):
    """And what is taken back was never there."""
    for name in COMPUTED:
        folding, _ = folding_of(name, [INTEGER])
        whole = state_of(folding, one + other)
        halves = folding.merge(state_of(folding, one), state_of(folding, other))
        assert is_close(folding.result(halves), folding.result(whole))
        for value in other:
            whole = folding.subtract(whole, value)
        before = folding.result(state_of(folding, one)) if name == "STDDEV_SAMP" else None
        assert before is None or is_close(folding.result(whole), before)


@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(-50, 50)), min_size=2, max_size=10))
def test_columns_are_correlated(pairs):
    """As computed at once; NaN where one of them never changes."""
    found = folded("CORRELATION", [DOUBLE, DOUBLE], pairs)[-1]
    columns = list(zip(*pairs, strict=True))
    try:
        expected = statistics.correlation(*columns)
    except statistics.StatisticsError:
        expected = math.nan
    assert is_close(found, expected)


def test_pairs_with_null_are_left_out():
    """One pair has no correlation."""
    found = folded("CORRELATION", [DOUBLE, DOUBLE], [(1.0, 2.0), (None, 9.0), (2.0, 1.0)])
    assert found == pytest.approx([math.nan, math.nan, -1.0], nan_ok=True)


def test_pairs_are_merged_and_taken_back():
    """Sums of whole numbers are exact."""
    folding, _ = folding_of("CORRELATION", [DOUBLE, DOUBLE])
    one = folding.add(folding.begin(), 1.0, 2.0)
    both = folding.add(one, 3.0, -4.0)
    other = folding.add(folding.begin(), 3.0, -4.0)
    assert folding.merge(one, other) == both
    assert folding.subtract(both, 3.0, -4.0) == one
