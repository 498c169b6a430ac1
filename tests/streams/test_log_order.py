from hypothesis import given
from hypothesis import strategies as st

from eventlab.streams.log_order import in_log_order
from tests.streams.histories import arrivals, histories


@given(histories, st.randoms(use_true_random=False))
def test_the_order_of_each_partition_is_had_back(history, chance):
    """Whatever was done to it, and nothing is lost; none of another partition's slots is taken."""
    came = arrivals(history)
    mixed = list(came)
    chance.shuffle(mixed)
    ordered = in_log_order(mixed, lambda item: item)
    for partition in (0, 1):
        assert [one for one in ordered if one.partition == partition] == [
            one for one in came if one.partition == partition
        ]
    assert [one.partition for one in ordered] == [one.partition for one in mixed]


def test_what_has_no_place_stays_where_it_is():
    """And what is in order is handed back as it is."""
    first, second = arrivals([("a", 0, 0), ("b", 1, 0)])
    found = in_log_order([second, "x", first], lambda item: None if item == "x" else item)
    assert found == [first, "x", second]
    whole = [first, second]
    assert in_log_order(whole, lambda item: item) is whole
