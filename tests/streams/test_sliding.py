from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from eventlab.streams import Sliding
from tests.streams.histories import NOON, arrivals, histories, told

SECOND = timedelta(seconds=1)


def defined(stamped, length):
    """Return the counts of sliding windows by their definition, from (key, time, closed)."""
    kept = [one for one in stamped if one[1] + 1 + length > one[2]]
    ends = {(key, time) for key, time, closed in kept if time >= closed}
    ends |= {(key, time + 1 + length) for key, time, _ in kept}
    counts = {
        (key, end): sum(k == key and end - length <= t <= end and end >= c for k, t, c in kept)
        for key, end in ends
    }
    return {
        (key, (end - length - NOON) / 1000, (end - NOON) / 1000): count
        for (key, end), count in counts.items()
        if count
    }


@given(histories, st.integers(1, 8))
def test_sliding_windows_hold_what_lies_together(history, difference):
    """Each window that an event ends or begins, by its definition, over the whole history."""
    _, last, late = told(Sliding(difference * SECOND), history, grace_seconds=100)
    stamped = [(a.key, a.time, a.stream_time - 100_000) for a in arrivals(history)]
    assert (last, late) == (defined(stamped, 1000 * difference), [])


@given(histories, st.integers(1, 8), st.integers(0, 8))
def test_what_is_late_for_sliding_windows_counts_only_in_those_that_were_there(
    history, difference, grace
):
    """Never in more than by their definition, and what was in time counts in all of them."""
    _, last, late = told(Sliding(difference * SECOND), history, grace)
    stamped = [(a.key, a.time, a.stream_time - 1000 * grace) for a in arrivals(history)]
    at_most = defined(stamped, 1000 * difference)
    in_time = [one for one in stamped if one[1] >= one[2]]
    at_least = defined(in_time, 1000 * difference)
    assert last.keys() <= at_most.keys()
    assert all(count <= at_most[place] for place, count in last.items())
    assert all(count <= last[place] for place, count in at_least.items())
    assert bool(late) == any(time < closed for _, time, closed in stamped)
