import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.functions.hyperloglog import Registers, added, cardinality, merged
from tests.properties import examples


def state_of(values):
    """Return the state of some values."""
    state = Registers()
    for value in values:
        state = added(state, value)
    return state


@given(st.lists(st.one_of(st.text(max_size=3), st.lists(st.integers(0, 3), max_size=2))))
def test_few_values_are_counted_right(values):
    """Arrays are values too."""
    assert cardinality(state_of(values)) == len(set(map(repr, values)))


@pytest.mark.parametrize("number", [300, 5_000, 60_000])
def test_many_values_are_counted_about_right(number):
    """Within three hundredths, and in 16 kB."""
    state = state_of(range(number))
    assert cardinality(state) == pytest.approx(number, rel=0.03)
    assert len(state) == 16_384


@examples(20)
@given(st.integers(0, 600), st.integers(0, 600), st.integers(0, 600))
def test_two_states_are_one(start, end, other):
    """Whichever has few values or many, and whatever both have seen."""
    whole = state_of([*range(start, end), *range(other)])
    halves = merged(state_of(range(start, end)), state_of(range(other)))
    assert halves == whole
    assert merged(halves, halves) == whole


def test_equal_values_are_one():
    """Maps in whatever order their keys are."""
    assert cardinality(state_of([{"a": 1, "b": [2]}, {"b": [2], "a": 1}])) == 1
