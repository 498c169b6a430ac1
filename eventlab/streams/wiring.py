"""A flow as it was built, taken apart into its steps."""

from collections.abc import Iterator

from bytewax.dataflow import Dataflow, Operator, Stream
from bytewax.inputs import Source


def steps(flow: Dataflow) -> Iterator[Operator]:
    """Yield every step of a flow, and those inside of it."""
    waiting = list(flow.substeps)
    while waiting:
        step = waiting.pop(0)
        yield step
        waiting = [*step.substeps, *waiting]


def steps_above(stream: Stream) -> Iterator[Operator]:
    """Yield the steps from which a stream's items come, however many lie between."""
    upstream: dict[str, list[Operator]] = {}
    for step in steps(stream.flow()):
        for name in step.dwn_names:
            for stream_id in getattr(step, name).stream_ids.values():
                upstream.setdefault(stream_id, []).append(step)
    seen, waiting = set(), [stream.stream_id]
    while waiting:
        stream_id = waiting.pop()
        if stream_id in seen:
            continue
        seen.add(stream_id)
        for step in upstream.get(stream_id, []):
            yield step
            for name in step.ups_names:
                waiting += getattr(step, name).stream_ids.values()


def sources_of(stream: Stream) -> list[Source]:
    """Return the sources from which a stream's items come."""
    return [source for step in steps_above(stream) if (source := source_of(step))]


def source_of(step: Operator) -> Source | None:
    """Return the source of a step that is an input, None for any other."""
    source = getattr(step, "source", None)
    return source if isinstance(source, Source) else None
