import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.views.positions import (
    as_text,
    distance,
    from_text,
    later,
    placed,
    public,
    reached,
)

ONE = {"orders": {0: 5, 1: 7}}
TWO = {"orders": {0: 5, 1: 7}, "shop.names": {0: 3}}

OFFSETS = st.dictionaries(st.integers(0, 20), st.integers(0, 1000), min_size=1)
PLACES = st.dictionaries(st.sampled_from(["a", "b.c", "d-e"]), OFFSETS, min_size=1)


@given(PLACES)
def test_a_text_says_the_position(places):
    """What a header says is read as the same position, of one topic and of several."""
    assert from_text(as_text(places), places) == places
    assert placed("position", public(places), places) == places


def test_of_one_topic_nobody_names_it():
    """Of several each is named."""
    assert (public(ONE), as_text(ONE)) == ({0: 5, 1: 7}, "0:5,1:7")
    assert (public(TWO), as_text(TWO)) == (TWO, "orders/0:5,orders/1:7,shop.names/0:3")


def test_one_offset_counts_for_every_partition():
    """Of every topic."""
    assert placed("position", 4, TWO) == {"orders": {0: 4, 1: 4}, "shop.names": {0: 4}}
    assert from_text("4", ONE) == {"orders": {0: 4, 1: 4}}


@given(PLACES, PLACES)
def test_a_later_position_is_reached_by_none_before_it(one, other):
    """The later of two reaches both; what lies between is what is missing."""
    both = later(one, other)
    assert reached(both, one)
    assert reached(both, other)
    assert (distance(one, other) == 0) == reached(one, other)


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (-1, "0 or more"),
        ({0: -1}, "0 or more"),
        ({9: 1}, "has no partition 9"),
        ({"orders": {0: 1}, "payments": {0: 1}}, "is not built from payments"),
        ({"orders": 7}, "offsets by partition"),
        ("7", "an offset"),
        (True, "an offset"),
        ({0: 1.5}, "0 or more"),
    ],
)
def test_what_is_no_position_is_refused(position, words):
    """With what would be one."""
    with pytest.raises(UsageError, match=words):
        placed("position", position, ONE)


@pytest.mark.parametrize(
    "text", ["", "x", "1:", "0:1,", "-4", "0:1;1:2", "0:x", "٣:1x", "0:9,0:1", "9" * 5000]
)
def test_a_text_that_says_none_is_refused(text):
    """As the same error."""
    with pytest.raises(UsageError, match="at-least"):
        from_text(text, ONE)
