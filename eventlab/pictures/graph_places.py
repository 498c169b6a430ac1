"""Where the services and topics of a graph stand: in columns, by how far they are from its start.

A place depends on the edges alone, in the order in which they were first seen, so that nothing
jumps while figures change.
"""

from collections.abc import Iterable
from typing import NamedTuple

_STAGGER = 0.4  # of a row: an edge over several columns passes beside what stands between


class Place(NamedTuple):
    """Where a node stands: `x` is its column, `y` its row, downwards."""

    x: float
    y: float


def places(edges: Iterable[tuple[str, str]]) -> dict[str, Place]:
    """Return the place of each node that an edge begins or ends at."""
    pairs = [(begin, end) for begin, end in dict.fromkeys(edges) if begin != end]
    depths = _depths(pairs)
    rows: dict[int, int] = {}
    found: dict[str, Place] = {}
    for name, depth in depths.items():
        row = rows.get(depth, 0)
        rows[depth] = row + 1
        found[name] = Place(float(depth), row + _STAGGER * (depth % 2))
    return found


def _depths(pairs: list[tuple[str, str]]) -> dict[str, int]:
    """Return how many edges lead to each node, by the longest way; a circle counts once."""
    depths = dict.fromkeys([name for pair in pairs for name in pair], 0)
    for _ in depths:  # no way without a circle is longer
        for begin, end in _onward(pairs):
            depths[end] = max(depths[end], depths[begin] + 1)
    return depths


def _onward(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the edges without those that close a circle of the ones before."""
    onward: list[tuple[str, str]] = []
    for begin, end in pairs:
        if not _leads(onward, end, begin):
            onward.append((begin, end))
    return onward


def _leads(pairs: list[tuple[str, str]], begin: str, end: str) -> bool:
    reached = {begin}
    for _ in pairs:
        reached |= {after for before, after in pairs if before in reached}
    return end in reached
