"""Chapter 07: who waits for whom, from the server's own account: a line with branches."""

from collections.abc import Collection, Iterable

Edge = tuple[str, str]  # who waits, and for whom


def reduced(edges: Iterable[Edge]) -> list[Edge]:
    """Return the edges without those that others say already.

    Who waits third in a line is blocked by the first and by the second; it stands behind the
    second.
    """
    kept = list(dict.fromkeys(edge for edge in edges if edge[0] != edge[1]))
    for edge in list(kept):
        others = [other for other in kept if other != edge]
        if _leads(others, *edge):
            kept = others
    return kept


def places(edges: Collection[Edge]) -> dict[str, int]:
    """Return how many stand before each in its line: 0 for those who wait for nobody."""
    names = dict.fromkeys(name for edge in edges for name in edge)
    found = dict.fromkeys(names, 0)
    for _ in names:  # no line is longer; of a circle each has some place
        for waiting, blocking in edges:
            found[waiting] = min(max(found[waiting], found[blocking] + 1), len(names) - 1)
    return found


def _leads(edges: Collection[Edge], begin: str, end: str) -> bool:
    reached = {begin}
    for _ in edges:
        reached |= {after for before, after in edges if before in reached}
    return end in reached
