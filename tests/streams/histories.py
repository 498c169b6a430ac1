"""Random histories of a few keys in a few partitions, as the log would give them."""

import operator
from itertools import count

import bytewax.operators as op
from bytewax.inputs import AbortExecution, FixedPartitionedSource, StatefulSourcePartition
from hypothesis import strategies as st

from eventlab.streams import Arrival, Fold, Late

NOON = 1_741_003_200_000  # 3 March 2025, 12:00 UTC, in milliseconds

# Few values, so that ties, duplicates and late rows are frequent.
events = st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 1))
histories = st.lists(events, min_size=1, max_size=40)

COUNT = Fold(int, lambda number, _: number + 1, operator.add)


def arrivals(history: list[tuple[str, int, int]]) -> list[Arrival]:
    """Return (key, seconds after noon, partition) as a source would: stamped with stream time."""
    newest: dict[int, int] = {}
    offsets = {0: count(), 1: count()}
    made = []
    for key, seconds, partition in history:
        time = NOON + 1000 * seconds
        newest[partition] = max(newest.get(partition, time), time)
        offset = next(offsets[partition])
        made.append(Arrival(seconds, key, "t", partition, offset, time, newest[partition]))
    return made


def values(changes):
    """Return the value of each window, by key and seconds after noon."""
    return {
        (key, (start - NOON) / 1000, (end - NOON) / 1000): value
        for key, start, end, value, _ in changes
    }


def told(kind, history, grace_seconds=0):
    """Return the state that a history leaves, what it said of each window last, and the late."""
    state, last, late = {}, {}, []
    for arrival in arrivals(history):
        changed, missed = kind.add(state, arrival.key, arrival, COUNT, 1000 * grace_seconds)
        late += [
            (one.key, Late(one.event, one.start, one.end, one.closed, one.event.time))
            for one in missed
        ]
        last |= values(changed)
    return state, {place: value for place, value in last.items() if value is not None}, late


# Two topics as they were read: side, key, seconds after noon, partition, value or tombstone.
_rows = st.tuples(
    st.sampled_from(["left", "right"]),
    st.sampled_from("abc"),
    st.integers(0, 30),
    st.integers(0, 1),
    st.one_of(st.none(), st.integers(0, 3), st.integers(0, 3)),
)
two_topics = st.lists(_rows, min_size=1, max_size=40)


def two_sides(history: list[tuple]) -> list[tuple[str, Arrival]]:
    """Return (side, arrival) in the order in which they were read; the side is the topic."""
    newest: dict[tuple, int] = {}
    offsets: dict[tuple, count] = {}
    made = []
    for side, key, seconds, partition, value in history:
        place, time = (side, partition), NOON + 1000 * seconds
        newest[place] = max(newest.get(place, time), time)
        offset = next(offsets.setdefault(place, count()))
        stream_time = newest[place]
        made.append((side, Arrival(value, key, side, partition, offset, time, stream_time)))
    return made


def one_topic(history: list[tuple]) -> list[tuple[str, Arrival]]:
    """Return (side, arrival) of one topic, in which both sides have their place in the log."""
    newest: dict[int, int] = {}
    offsets = {0: count(), 1: count()}
    made = []
    for side, key, seconds, partition, value in history:
        time = NOON + 1000 * seconds
        newest[partition] = max(newest.get(partition, time), time)
        offset = next(offsets[partition])
        arrival = Arrival(value, key, "t", partition, offset, time, newest[partition])
        made.append((side, arrival))
    return made


def one_partition_a_key(history: list[tuple]) -> list[tuple]:
    """Return the history with each key in one partition, as a partitioner does."""
    return [(side, key, at, ord(key) % 2, value) for side, key, at, _, value in history]


def side_of(stream, name: str):
    """Return the arrivals of one side, by key."""
    mine = op.filter_map(f"{name}_only", stream, lambda pair: pair[1] if pair[0] == name else None)
    return op.map(f"{name}_key", mine, lambda arrival: (arrival.key, arrival))


class Crashing(FixedPartitionedSource):
    """Give items one by one, and crash before some of them, before each once.

    bytewax's TestingSource has an ABORT too, but after two of them it goes on at a wrong item.
    """

    def __init__(self, items: list, crashes: set[int]):
        self.items, self.crashes = items, set(crashes)

    def list_parts(self):
        return ["0"]

    def build_part(self, step_id, for_part, resume_state):
        return _Part(self, resume_state or 0)


class _Part(StatefulSourcePartition):
    def __init__(self, source: Crashing, place: int):
        self.source, self.place = source, place

    def next_batch(self):
        if self.place in self.source.crashes:
            self.source.crashes.remove(self.place)
            raise AbortExecution
        if self.place >= len(self.source.items):
            raise StopIteration
        self.place += 1
        return [self.source.items[self.place - 1]]

    def snapshot(self):
        return self.place
