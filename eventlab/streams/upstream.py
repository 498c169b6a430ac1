"""What lies above a stream: the topics it comes from, or the step of ours that made it.

From it a step knows whose stream times it waits for: of all partitions that an item may come from.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from bytewax.dataflow import Dataflow, Operator, Stream
from bytewax.inputs import Source

from eventlab.streams.arrivals import Place, Timed, place_of
from eventlab.streams.bytewax_steps import (
    builder_of,
    is_made_by,
    producers_by_stream,
    source_of,
    sources_of,
)
from eventlab.streams.source import TopicSource

_WATERMARKED = "watermarked"
# Steps whose results have a stream time of their own.
_STAMPING = (
    "aggregate_table",
    "aggregated",
    "filtered_table",
    "join_streams",
    "join_table",
    "join_tables",
    "join_tables_by",
    "suppressed",
    "windowed",
    _WATERMARKED,
)
_LATE = "late"


class Clock(NamedTuple):
    """Whose stream times a step waits for, and of which of them an item tells."""

    awaited: frozenset[Place]
    place_of: Callable[[Timed], Place]


def clock_of(up: Stream[Any], partitions: Iterable[Place] | None) -> Clock:
    """Return the clock of a stream.

    Below `watermarked` there is one time, whatever the partitions are; elsewhere each partition of
    the topics above has one, unless others are named, and below a step of ours each of its lanes.
    """
    above = _upstream_of(up.flow(), up.stream_id)
    stamping = [step for step, _ in above.stamping]
    if not above.sources and stamping and all(is_made_by(s, _WATERMARKED) for s in stamping):
        watermark = (stamping[0].step_id, 0)
        return Clock(frozenset([watermark]), lambda _item: watermark)
    lanes = above.lanes(up.flow())
    if partitions is not None and not stamping:
        return Clock(frozenset(partitions), place_of)
    return Clock(frozenset(lanes), place_of)


def is_reordered(up: Stream[Any]) -> bool:
    """Tell whether a step of bytewax's own lies above, from which items leave by their keys."""
    return _upstream_of(up.flow(), up.stream_id).is_reordered


def have_one_source(streams: Iterable[Stream[Any]]) -> bool:
    """Tell whether two of the streams come from one source."""
    each = [{id(source) for source in sources_of(stream)} for stream in streams]
    return sum(map(len, each)) > len(set().union(*each))


def late_topic(step_id: str) -> str:
    """Return what stands for a topic in what was late for a step."""
    return f"{step_id}.{_LATE}"


class _Upstream(NamedTuple):
    """The nearest steps above a stream that say what time it is for its items.

    `stamping` are steps of ours, each with whether the stream is that of what was late.
    """

    stamping: list[tuple[Operator, bool]]
    sources: list[Source[Any]]
    is_reordered: bool

    def lanes(self, flow: Dataflow) -> set[Place]:
        """Return every place that an item may come from."""
        found = {
            (source.topic.name, int(part))
            for source in self.sources
            if isinstance(source, TopicSource)
            for part in source.list_parts()
        }
        for step, is_late in self.stamping:
            above = _lanes_into(flow, step, is_late=is_late)
            if is_made_by(step, _WATERMARKED):
                found |= above  # what it stamps keeps its place
                continue
            topic = late_topic(step.step_id) if is_late else step.step_id
            is_final = getattr(step, "emit", None) == "final" and not is_late
            found |= {(topic, 0 if is_final else lane) for _, lane in above}
        return found


def _lanes_into(flow: Dataflow, step: Operator, *, is_late: bool) -> set[Place]:
    """Return every place that an item may come from of which the step makes one of its own."""
    # A row of a table gives no result: it is only joined to one, or late.
    is_of_first = is_made_by(step, "join_table") and not is_late
    named = getattr(step, "partitions", None)
    if named is not None:
        is_of_one = is_made_by(step, "windowed") or is_made_by(step, _WATERMARKED)
        each = [named] if is_of_one else [*named]
        return set().union(*(each[:1] if is_of_first else each))
    found: set[Place] = set()
    for stream_id in _streams_into(step, step.ups_names[:1] if is_of_first else step.ups_names):
        found |= _upstream_of(flow, stream_id).lanes(flow)
    return found


def _upstream_of(flow: Dataflow, stream_id: str) -> _Upstream:
    producers = producers_by_stream(flow)
    stamping: list[tuple[Operator, bool]] = []
    sources: list[Source[Any]] = []
    reordered = False
    seen: set[str] = set()
    waiting = [stream_id]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        steps = producers.get(one, [])
        ours = [step for step in steps if any(is_made_by(step, name) for name in _STAMPING)]
        if ours:
            stamping.append((ours[0], _is_late(ours[0], one)))
            continue
        for step in steps:
            source = source_of(step)
            if source is not None:
                sources.append(source)
            reordered = reordered or builder_of(step) is not None
            waiting += _streams_into(step, step.ups_names)
    return _Upstream(stamping, sources, reordered)


def _is_late(step: Operator, stream_id: str) -> bool:
    return _LATE in step.dwn_names and stream_id in getattr(step, _LATE).stream_ids.values()


def _streams_into(step: Operator, sides: Iterable[str]) -> Iterator[str]:
    for name in sides:
        yield from getattr(step, name).stream_ids.values()
