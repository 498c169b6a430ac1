"""The order of the log, put right where bytewax has changed it.

bytewax hands a step that keeps state its items key by key, and what comes out of a batch leaves in
the order of keys. Every item of ours has its number in the partition that it came from, so the
order in which it came can be had back.
"""

from collections.abc import Callable, Sequence
from itertools import compress, count
from operator import attrgetter, lt, ne
from typing import Any, TypeVar

from eventlab.streams.arrivals import Arrival, Place, Timed

_OFFSET = attrgetter("offset")
_TOPIC = attrgetter("topic")
_PARTITION = attrgetter("partition")
_PLACE = attrgetter("topic", "partition")

ItemT = TypeVar("ItemT")


def in_log_order(items: list[ItemT], timed: Callable[[ItemT], Timed | None]) -> list[ItemT]:
    """Return the items with those of each partition in the order of their offsets.

    `timed` says what has an item's place, None for one that has none and stays where it is. Of
    different partitions none is before the other: each keeps the places that its items had.
    """
    if not items:
        return items
    are_arrivals = set(map(type, items)) == {Arrival}
    found: list[Any] = items if are_arrivals else [timed(item) for item in items]
    if _are_in_order(found):
        return items
    slots: dict[Place, list[int]] = {}
    for number, one in enumerate(found):
        if one is not None:
            slots.setdefault((one.topic, one.partition), []).append(number)
    ordered = items
    for numbers in slots.values():
        offsets = [_offset(found, number) for number in numbers]
        if offsets == sorted(offsets):
            continue
        if ordered is items:
            ordered = list(items)
        came = sorted(numbers, key=lambda number: _offset(found, number))
        for slot, number in zip(numbers, came, strict=True):
            ordered[slot] = items[number]
    return ordered


def _are_in_order(found: Sequence[Any]) -> bool:
    """Tell, as quickly as can be, whether those of each partition follow each other.

    What bytewax hands over are long runs of one partition, so all but their bounds is left to C.
    """
    try:
        offsets = list(map(_OFFSET, found))
        topics = set(map(_TOPIC, found))
        places = list(map(_PARTITION if len(topics) == 1 else _PLACE, found))
    except AttributeError:  # one of them is None
        return False
    newest: dict[Any, int] = {}
    begin = 0
    for end in [*compress(count(1), map(ne, places, places[1:])), len(places)]:
        run = offsets[begin:end]
        place = places[begin]
        if run[0] <= newest.get(place, -1) or not all(map(lt, run, run[1:])):
            return False
        newest[place] = run[-1]
        begin = end
    return True


def _offset(found: Sequence[Any], number: int) -> int:
    offset: int = found[number].offset
    return offset
