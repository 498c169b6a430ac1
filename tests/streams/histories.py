"""Random histories of a few keys in a few partitions, as the log would give them."""

from itertools import count

from hypothesis import strategies as st

from eventlab.streams import Arrival

NOON = 1_741_003_200_000  # 3 March 2025, 12:00 UTC, in milliseconds

# Few values, so that ties, duplicates and late rows are frequent.
events = st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 1))
histories = st.lists(events, min_size=1, max_size=40)


def arrivals(history: list[tuple[str, int, int]]) -> list[Arrival]:
    """Return (key, seconds after noon, partition) as a source would: stamped with stream time."""
    newest: dict[int, int] = {}
    offsets = {0: count(), 1: count()}
    made = []
    for key, seconds, partition in history:
        time = NOON + 1000 * seconds
        newest[partition] = max(newest.get(partition, time), time)
        offset = next(offsets[partition])
        made.append(Arrival(None, key, "t", partition, offset, time, newest[partition]))
    return made
