from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.functions.values import (
    distinct,
    greatest,
    identity,
    in_hash_order,
    least,
    order,
)

values = st.recursive(
    st.one_of(st.none(), st.integers(-3, 3), st.text("ab", max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("xyz"), inner, max_size=2)
    ),
    max_leaves=6,
)


@given(values, values)
def test_equal_values_have_one_identity(one, other):
    """Lists and maps in each other, too."""
    assert (one == other) == (identity(one) == identity(other))
    assert hash(identity(one)) == hash(identity(one))


@given(st.lists(values, max_size=8))
def test_each_value_once(several):
    """Where it first stands."""
    expected = []
    for value in several:
        if value not in expected:
            expected.append(value)
    assert distinct(several) == expected


def test_bytes_are_signed():
    """As Java's bytes are; NULL is neither the greatest nor the least."""
    assert greatest([b"\x7f", None, b"\x80"]) == b"\x7f"
    assert least([b"\x7f", None, b"\x80"]) == b"\x80"
    assert greatest([None]) is None
    assert sorted([b"b", b"", b"\xff"], key=order) == [b"", b"\xff", b"b"]


def test_maps_are_gone_through_as_java_goes():
    """By the hash of their keys, in as few buckets as hold them; other keys as they come."""
    assert list(in_hash_order({"pear": 1, "fig": 2, "plum": 3, "kiwi": 4})) == [
        *("plum", "pear", "kiwi", "fig")
    ]
    assert list(in_hash_order({2: "a", 1: "b"})) == [2, 1]
