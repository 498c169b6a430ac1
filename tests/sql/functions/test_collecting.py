import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.functions.collecting import MOST_VALUES, collect_list, collect_set, limited
from eventlab.sql.types import INTEGER
from tests.sql.functions.folding import folded, state_of

values = st.lists(st.one_of(st.none(), st.integers(0, 4), st.just([1])), max_size=8)


def test_values_are_collected():
    """All, or each once, NULL too."""
    rows = [(2,), (None,), (2,), (None,), (1,)]
    assert folded("COLLECT_LIST", [INTEGER], rows)[-1] == [2, None, 2, None, 1]
    assert folded("COLLECT_SET", [INTEGER], rows)[-1] == [2, None, 1]


@given(values, values)
def test_two_sessions_collect_as_one(one, other):
    """In the order of the two."""
    for folding in (collect_list(), collect_set()):
        halves = folding.merge(state_of(folding, one), state_of(folding, other))
        assert halves == state_of(folding, one + other)


@given(values)
def test_what_is_taken_back_was_never_there(collected):
    """The last of equal ones goes; what is not there does not."""
    folding = collect_list()
    state = folding.add(state_of(folding, collected), 9)
    assert folding.subtract(state, 9) == tuple(collected)
    assert folding.subtract(tuple(collected), 9) == tuple(collected)


@pytest.mark.parametrize("make", [collect_list, collect_set])
def test_a_thousand_values_are_collected(make):
    """And no more, of two sessions too."""
    folding = make()
    state = state_of(folding, range(MOST_VALUES + 5))
    assert len(state) == MOST_VALUES
    assert folding.merge(state, (-1,)) == state


def test_properties_say_how_many():
    """Of each function; below 0 as many as there are."""
    limits = {"ksql.functions.collect_list.limit": "2", "ksql.functions.collect_set.limit": -1}
    with limited(limits):
        few = collect_list()
        all_of_them = collect_set()
    assert state_of(few, range(9)) == (0, 1)
    assert len(state_of(all_of_them, range(MOST_VALUES + 1))) == MOST_VALUES + 1


def test_a_limit_is_a_number():
    """What cannot be one is refused."""
    with (
        limited({"ksql.functions.collect_list.limit": "many"}),
        pytest.raises(SqlError, match="how many"),
    ):
        collect_list()
