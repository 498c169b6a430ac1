"""How far a running flow is, as plain data that also goes from process to process."""

from collections.abc import Iterable

import msgspec

from eventlab.streams.arrivals import NEVER


class PartStatus(msgspec.Struct, frozen=True):
    """One partition: the next offset, its stream time (milliseconds), its lag if it is known."""

    topic: str
    partition: int
    next_offset: int
    stream_time: int
    lag: int | None


class Status(msgspec.Struct, frozen=True):
    """A whole flow: how many items came in, its partitions, watermark, and bytes of state by step.

    `watermark` is that of its `watermarked` steps, NEVER before there is one; None without them.
    `epochs` is how many all inputs have ended; only those that can be resumed say so.
    """

    count: int = 0
    parts: list[PartStatus] = []
    watermark: int | None = None
    state_bytes: dict[str, int] = {}
    epochs: int = 0


def together(statuses: Iterable[Status]) -> Status:
    """Return the status of a flow from those of its processes, each of which does a part."""
    every = list(statuses)
    weights: dict[str, int] = {}
    for status in every:
        for step, number in status.state_bytes.items():
            weights[step] = weights.get(step, 0) + number
    known = [status.watermark for status in every if status.watermark is not None]
    return Status(
        count=sum(status.count for status in every),
        parts=[part for status in every for part in status.parts],
        watermark=max(known, default=None),  # one of them stamps, the others have NEVER
        state_bytes=weights,
        epochs=min((status.epochs for status in every), default=0),
    )


def watermark(status: Status) -> int | None:
    """Return the time that all partitions have passed, None as long as one has shown nothing."""
    times = [part.stream_time for part in status.parts]
    passed = min(times, default=NEVER) if status.watermark is None else status.watermark
    return None if passed == NEVER else passed
