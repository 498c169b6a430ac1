import pytest

from eventlab.sql.functions import maps
from eventlab.sql.functions.registry import Functions
from eventlab.sql.types import BOOLEAN, DOUBLE, STRING, ArrayType, MapType, StructType

PRICES = {"tea": 3, "cake": None, "milk": 1}


def test_a_map_has_keys_and_values():
    """In one order."""
    pairs = dict(zip(maps.map_keys(PRICES), maps.map_values(PRICES), strict=True))
    assert pairs == PRICES


def test_maps_are_put_together():
    """The second one's entries come before; two NULLs are NULL."""
    assert maps.map_union(PRICES, {"tea": 4}) == {**PRICES, "tea": 4}
    assert [maps.map_union(None, {"a": 1}), maps.map_union(None, None)] == [{"a": 1}, None]


@pytest.mark.parametrize("values", [[1], [1, None], [1, None, 3]])
def test_arrays_become_a_map(values):
    """What has no value is NULL, what has no key is left out."""
    assert maps.as_map(["a", "b"], values) == {"a": 1, "b": None}


def test_entries_are_structs():
    """Sorted by their keys where that is asked for."""
    assert [entry["K"] for entry in maps.entries_of(PRICES, True)] == ["cake", "milk", "tea"]
    unsorted = maps.entries_of(PRICES, False)
    assert {entry["K"]: entry["V"] for entry in unsorted} == PRICES
    kinds = [MapType(STRING, DOUBLE), BOOLEAN]
    struct = StructType((("K", STRING), ("V", DOUBLE)))
    assert Functions.builtin().scalar("ENTRIES", kinds).returns == ArrayType(struct)
