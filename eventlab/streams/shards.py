"""How operators share out keys, and how all of them hear of every partition's stream time.

A key's own events say nothing of how far the others are. So keys are dealt out to a few shards, and
with each batch every shard hears of the stream time that each partition has reached: what waits
for time to pass is let go even where its key stays idle.
"""

from collections.abc import Callable, Iterable
from zlib import crc32

import bytewax.operators as op
from bytewax.operators import KeyedStream

from eventlab.streams.arrivals import Arrival
from eventlab.streams.source import TopicSource
from eventlab.streams.wiring import sources_of, steps_above

SHARDS = 8  # as many workers can share the work
NEVER = -1  # before any time that an event can have

Partition = tuple[str, int]
Side = str
WATERMARK: Partition = ("watermark of all", 0)  # no topic's name has a space
Times = dict[Partition, int]
Dealt = tuple[list[tuple[str, Arrival]], Times]


def shard_of(key: str) -> str:
    """Return the shard that a key belongs to; the same in every process, as hash() is not."""
    return str(crc32(key.encode()) % SHARDS)


def deal(batch: list[tuple[str, Arrival]]) -> list[tuple[str, Dealt]]:
    """Give each shard the pairs of its keys, and all of them the partitions' stream times."""
    shards: list[list] = [[] for _ in range(SHARDS)]
    times: Times = {}
    if batch and not isinstance(batch[0], tuple):
        raise TypeError(f"an item must be a `(key, value)` pair; got {type(batch[0]).__name__}")
    for pair in batch:
        key, arrival = pair
        shards[crc32(key.encode()) % SHARDS].append(pair)
        partition = arrival.topic, arrival.partition
        if times.get(partition, NEVER) < arrival.stream_time:
            times[partition] = arrival.stream_time
    return [(str(number), (pairs, times)) for number, pairs in enumerate(shards)]


def deal_by_watermark(batch: list[tuple[str, Arrival]]) -> list[tuple[str, Dealt]]:
    """Give each shard the pairs of its keys, and all of them the watermark of the last one."""
    dealt = deal(batch)
    times = {WATERMARK: max((arrival.stream_time for _, arrival in batch), default=NEVER)}
    return [(shard, (pairs, times)) for shard, (pairs, _) in dealt]


def dealing(
    up: KeyedStream, partitions: Iterable[Partition] | None
) -> tuple[Callable[[list], list], frozenset[Partition]]:
    """Return how a stream is dealt out, and whose time is waited for.

    Below `watermarked` there is only one time, whatever the partitions are.
    """
    if any(type(step).__name__ == "watermarked" for step in steps_above(up)):
        return deal_by_watermark, frozenset([WATERMARK])
    return deal, partitions_of(up) if partitions is None else frozenset(partitions)


def dealt_sides(
    sides: dict[Side, KeyedStream], partitions: Iterable[Iterable[Partition]] | None
) -> tuple[KeyedStream, list[frozenset[Partition]]]:
    """Return the streams of a join dealt out as one, each batch with the name of its side.

    And for each side, in their order, the partitions whose time is waited for.
    """
    streams, awaited = [], []
    for (side, up), mine in zip(sides.items(), partitions or [None] * len(sides), strict=True):
        hand_out, waits_for = dealing(up, mine)
        awaited.append(waits_for)
        streams.append(
            op.flat_map_batch(
                f"deal_{side}",
                up,
                lambda batch, side=side, hand_out=hand_out: [
                    (shard, (side, dealt)) for shard, dealt in hand_out(batch)
                ],
            )
        )
    return op.merge("sides", *streams), awaited


def partitions_of(up: KeyedStream) -> frozenset[Partition]:
    """Return the partitions of all topics from which a stream's items come."""
    return frozenset(
        (source.topic.name, int(part))
        for source in sources_of(up)
        if isinstance(source, TopicSource)
        for part in source.list_parts()
    )


class StreamTimes:
    """The stream time of each partition, and the one that all of them have passed.

    A partition that has shown nothing yet holds `passed` at NEVER: everything may still come.
    """

    def __init__(self, awaited: Iterable[Partition], times: Times):
        self.times = times
        self._silent = set(awaited) - times.keys()
        self.passed = NEVER
        self._pass()

    def heed(self, times: Times) -> bool:
        """Take in how far partitions are; return whether all of them have passed a later time."""
        mine, before = self.times, self.passed
        for partition, time in times.items():
            if mine.get(partition, NEVER) < time:
                mine[partition] = time
        self._silent -= times.keys()
        self._pass()
        return self.passed > before

    def _pass(self) -> None:
        self.passed = NEVER if self._silent or not self.times else min(self.times.values())
