import pytest

from eventlab.sql.functions import lambdas
from eventlab.sql.functions.registry import Functions
from eventlab.sql.functions.signatures import LambdaType
from eventlab.sql.types import BIGINT, BOOLEAN, INTEGER, STRING, ArrayType, MapType


def test_arrays_are_changed():
    """Each element, NULL too."""
    assert lambdas.transform_array([1, None], lambda x: x and x * 3) == [3, None]


def test_maps_are_changed():
    """Keys and values; two keys that become one are an error, as a value that becomes NULL is."""
    changed = lambdas.transform_map({"a": 1}, lambda k, v: k * 2, lambda k, v: f"{k}{v}")
    assert changed == {"aa": "a1"}
    with pytest.raises(ValueError, match="Two keys"):
        lambdas.transform_map({"a": 1, "b": 2}, lambda k, v: "c", lambda k, v: v)
    with pytest.raises(ValueError, match="NULL"):
        lambdas.transform_map({"a": 1}, lambda k, v: k, lambda k, v: None)


def test_what_a_condition_holds_for_is_kept():
    """A condition that is NULL is an error, as a value that is kept is."""
    assert lambdas.filter_array([1, 5, 9], lambda x: x > 3) == [5, 9]
    assert lambdas.filter_map({"a": 1, "b": None}, lambda k, v: k == "a") == {"a": 1}
    with pytest.raises(ValueError, match="NULL"):
        lambdas.filter_array([1], lambda x: None)
    with pytest.raises(ValueError, match="NULL"):
        lambdas.filter_map({"a": None}, lambda k, v: True)


def test_elements_become_one_state():
    """NULL has none of them; a state that is NULL stays so."""
    assert lambdas.reduce_array([2, 3], 10, lambda s, x: s - x) == 5
    assert [lambdas.reduce_array(None, 4, min), lambdas.reduce_array([1], None, min)] == [4, None]


def test_entries_become_one_state():
    """In the order in which Java goes through a map."""
    entries = {"pear": 1, "fig": 2, "plum": 3, "kiwi": 4}
    joined = lambdas.reduce_map(entries, "", lambda s, k, v: s + str(v))
    assert joined == "3142"
    assert [lambdas.reduce_map(None, 4, min), lambdas.reduce_map(entries, None, min)] == [4, None]


def test_a_statement_finds_them_by_their_lambdas():
    """Their results have the types that the lambdas give."""
    functions = Functions.builtin()
    doubled = LambdaType((INTEGER,), BIGINT)
    chosen = functions.scalar("TRANSFORM", [ArrayType(INTEGER), doubled])
    assert chosen.returns == ArrayType(BIGINT)
    condition = LambdaType((STRING, INTEGER), BOOLEAN)
    kind = MapType(STRING, INTEGER)
    assert functions.scalar("FILTER", [kind, condition]).returns == kind
    step = LambdaType((BIGINT, STRING, INTEGER), BIGINT)
    assert functions.scalar("REDUCE", [kind, BIGINT, step]).returns == BIGINT
