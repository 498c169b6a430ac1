"""Which lane each window gets, so that no two that overlap lie on each other."""

from collections.abc import Sequence

from eventlab.pictures.bench.result import Filled


def lanes_of(windows: Sequence[Filled], least: int = 1) -> list[int]:
    """Return a lane, from 0, for each window; those of one key lie together.

    The windows are ordered by key and start, as a result has them. A window takes at least `least`
    milliseconds of its lane.
    """
    lanes: list[int] = []
    ends: list[int] = []
    first = 0
    key: str | None = None
    for window in windows:
        if window.key != key:
            first += len(ends)
            key = window.key
            ends = []
        lane = next((n for n, end in enumerate(ends) if end <= window.start), len(ends))
        ends[lane : lane + 1] = [max(window.end, window.start + least)]
        lanes.append(first + lane)
    return lanes
