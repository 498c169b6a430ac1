"""Where the services and topics of a graph stand: in rows, by how far they are from its start.

A place depends on the edges alone, in the order in which they were first seen, so that nothing
jumps while figures change. Only the first row is in the order of names: two runs side by side are
to look the same, whichever of their beginnings was seen first.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

_THROUGH = 0.4  # of a column: an edge that passes so near to a node goes through it

Pairs = list[tuple[str, str]]


class Place(NamedTuple):
    """Where a node stands: `x` is its column, `y` its row, downwards."""

    x: float
    y: float


def places(edges: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """Return the place of each node that an edge begins or ends at.

    A node stands straight below the first one that leads to it, where that place is free and no
    edge to it would go through another node.
    """
    pairs = [(begin, end) for begin, end in dict.fromkeys(edges) if begin != end]
    onward = _onward(pairs)
    depths = _depths(pairs, onward)
    found: dict[str, Place] = {}
    for name in sorted(depths, key=lambda name: (depths[name], name if not depths[name] else "")):
        above = [found[begin] for begin, end in onward if end == name]
        found[name] = _free_place(float(depths[name]), above, list(found.values()))
    return found


def _free_place(row: float, above: Sequence[Place], taken: Sequence[Place]) -> Place:
    """Return the first place in a row that nobody has; best one that its edges reach freely."""
    straight = [place.x for place in above[:1]]
    columns = [*straight, *map(float, range(len(taken) + 1))]
    free = [place for place in (Place(column, row) for column in columns) if place not in taken]
    return next((place for place in free if _is_reached(place, above, taken)), free[0])


def _is_reached(place: Place, above: Sequence[Place], taken: Sequence[Place]) -> bool:
    return not any(_goes_through(begin, place, other) for begin in above for other in taken)


def _goes_through(begin: Place, end: Place, other: Place) -> bool:
    if not begin.y < other.y < end.y:
        return False
    share = (other.y - begin.y) / (end.y - begin.y)
    return abs(begin.x + share * (end.x - begin.x) - other.x) < _THROUGH


def _depths(pairs: Pairs, onward: Pairs) -> dict[str, int]:
    """Return how many edges lead to each node, by the longest way; a circle counts once."""
    depths = dict.fromkeys([name for pair in pairs for name in pair], 0)
    for _ in depths:  # no way without a circle is longer
        for begin, end in onward:
            depths[end] = max(depths[end], depths[begin] + 1)
    return depths


def _onward(pairs: Pairs) -> Pairs:
    """Return the edges without those that close a circle of the ones before."""
    onward: Pairs = []
    for begin, end in pairs:
        if not _leads(onward, end, begin):
            onward.append((begin, end))
    return onward


def _leads(pairs: Pairs, begin: str, end: str) -> bool:
    reached = {begin}
    for _ in pairs:
        reached |= {after for before, after in pairs if before in reached}
    return end in reached
