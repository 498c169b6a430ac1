import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import SqlError
from eventlab.sql.functions.offsets import earliest, earliest_values, latest, latest_values
from eventlab.sql.types import BOOLEAN, INTEGER, STRING, ArrayType
from tests.sql.functions.folding import FUNCTIONS, folded, state_of

ROWS = [(None,), ("a",), (None,), ("b",), ("c",)]
KINDS = [STRING, INTEGER, BOOLEAN]


def test_the_first_and_the_last_value():
    """Without NULL, or with it."""
    assert folded("EARLIEST_BY_OFFSET", [STRING], ROWS) == [None, "a", "a", "a", "a"]
    assert folded("LATEST_BY_OFFSET", [STRING], ROWS) == [None, "a", "a", "b", "c"]
    assert folded("EARLIEST_BY_OFFSET", [STRING, BOOLEAN], ROWS, False)[-1] is None
    assert folded("LATEST_BY_OFFSET", [STRING, BOOLEAN], ROWS, False)[2] is None


def test_the_first_and_the_last_few_values():
    """Without NULL, or with it, in the order in which they came."""
    assert folded("EARLIEST_BY_OFFSET", KINDS[:2], ROWS, 2)[-1] == ["a", "b"]
    assert folded("LATEST_BY_OFFSET", KINDS[:2], ROWS, 2)[-1] == ["b", "c"]
    assert folded("EARLIEST_BY_OFFSET", KINDS, ROWS, 2, False)[-1] == [None, "a"]
    assert folded("LATEST_BY_OFFSET", KINDS, ROWS, 3, False)[-2:] == [
        *(["a", None, "b"], [None, "b", "c"])
    ]


def test_a_number_makes_an_array():
    """Whether NULL counts does not."""
    found = FUNCTIONS.aggregate("LATEST_BY_OFFSET", [STRING, BOOLEAN])
    assert found.returns == STRING
    assert FUNCTIONS.aggregate("LATEST_BY_OFFSET", KINDS[:2]).returns == ArrayType(STRING)


values = st.lists(st.tuples(st.booleans(), st.one_of(st.none(), st.integers(0, 9))), max_size=12)


@given(values, st.integers(1, 3), st.booleans())
def test_sessions_that_become_one_keep_the_order_of_the_log(rows, number, ignores_null):
    """Though their rows came in turns."""
    makes = [
        lambda: earliest_values(number, ignores_null),
        lambda: latest_values(number, ignores_null),
        lambda: earliest(ignores_null),
        lambda: latest(ignores_null),
    ]
    for make in makes:
        folding = make()
        states = {True: folding.begin(), False: folding.begin()}
        for session, value in rows:
            states[session] = folding.add(states[session], value)
        both = folding.result(folding.merge(states[False], states[True]))
        assert both == folding.result(state_of(folding, [value for _, value in rows]))


def test_at_least_one_value_is_kept():
    """Of both ends."""
    for make in (earliest_values, latest_values):
        with pytest.raises(SqlError, match="how many"):
            make(0)
