"""All that we know of bytewax's insides: a flow taken apart into its steps, and their parts.

bytewax 0.21 has no public way to look into a flow, or to put something in front of one of its
parts. What depends on the names of its operators' classes and fields stands here and nowhere else.
A step is frozen, but bytewax reads its parts only when the flow begins, so they can be replaced.
"""

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from bytewax.dataflow import Dataflow, Operator, Stream
from bytewax.inputs import Source
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import Sink

Logic: TypeAlias = StatefulBatchLogic[Any, Any, Any]
BuildLogic: TypeAlias = Callable[[Any], Logic]
Function: TypeAlias = Callable[..., Any]

_INPUT = "input"
_OUTPUT = "output"
_LOOKS = "inspect_debug"  # bytewax takes what is only looked at for an output too
_KEEPS_STATE = "stateful_batch"  # whatever keeps state by key comes down to it
_MAPS_BATCHES = "flat_map_batch"
_FUNCTIONS = {_MAPS_BATCHES: "mapper", "branch": "predicate", _LOOKS: "inspector"}


# -- a flow's steps -----------------------------------------------------------------------------


def steps(flow: Dataflow) -> Iterator[Operator]:
    """Yield every step of a flow, and those inside of it."""
    waiting = list(flow.substeps)
    while waiting:
        step = waiting.pop(0)
        yield step
        waiting = [*step.substeps, *waiting]


def steps_above(stream: Stream[Any]) -> Iterator[Operator]:
    """Yield the steps from which a stream's items come, however many lie between."""
    upstream = producers_by_stream(stream.flow())
    seen: set[str] = set()
    waiting = [stream.stream_id]
    while waiting:
        stream_id = waiting.pop()
        if stream_id in seen:
            continue
        seen.add(stream_id)
        for step in upstream.get(stream_id, []):
            yield step
            for name in step.ups_names:
                waiting += getattr(step, name).stream_ids.values()


def producers_by_stream(flow: Dataflow) -> dict[str, list[Operator]]:
    """Return for each stream, by its id, the steps that it leaves: one, and those it is in."""
    found: dict[str, list[Operator]] = {}
    for step in steps(flow):
        for name in step.dwn_names:
            for stream_id in getattr(step, name).stream_ids.values():
                found.setdefault(stream_id, []).append(step)
    return found


def sources_of(stream: Stream[Any]) -> list[Source[Any]]:
    """Return the sources from which a stream's items come."""
    return [source for step in steps_above(stream) if (source := source_of(step))]


# -- what a step is -----------------------------------------------------------------------------


def is_made_by(step: Operator, operator: str) -> bool:
    """Tell whether a step was made by the operator of this name, bytewax's or one of ours."""
    return type(step).__name__ == operator


def is_output(step: Operator) -> bool:
    """Tell whether a step is where items leave; a flow needs one."""
    return is_made_by(step, _OUTPUT) or is_made_by(step, _LOOKS)


def is_recovered(step: Operator) -> bool:
    """Tell whether something of a step is kept in a recovery store."""
    return type(step).__name__ in (_INPUT, _KEEPS_STATE, _OUTPUT)


def name_in_flow(step: Operator) -> str:
    """Return the learner's own name of a step, or of the step of theirs that it is a part of."""
    _, name, *_ = step.step_id.split(".")  # flow.step.inner.innermost
    return name


# -- the parts of a step ------------------------------------------------------------------------


def source_of(step: Operator) -> Source[Any] | None:
    """Return the source of a step that is an input, None for any other."""
    source = getattr(step, "source", None)
    return source if isinstance(source, Source) else None


def replace_source(step: Operator, source: Source[Any]) -> None:
    """Let an input read from another source."""
    object.__setattr__(step, "source", source)


def sink_of(step: Operator) -> Sink[Any] | None:
    """Return the sink of a step that is an output, None for any other."""
    sink = getattr(step, "sink", None)
    return sink if isinstance(sink, Sink) else None


def builder_of(step: Operator) -> BuildLogic | None:
    """Return what builds the logic of a step that keeps state by key, None for any other."""
    if not is_made_by(step, _KEEPS_STATE):
        return None
    build: BuildLogic = getattr(step, "builder")  # noqa: B009  the class is made as it is imported
    return build


def replace_builder(step: Operator, build: BuildLogic) -> None:
    """Let a step that keeps state by key build its logic with something else."""
    object.__setattr__(step, "builder", build)


def function_of(step: Operator) -> Function | None:
    """Return the function that a step calls with items, None for a step without one."""
    name = _FUNCTIONS.get(type(step).__name__)
    function: Function | None = getattr(step, name) if name else None
    return function


def replace_function(step: Operator, function: Function) -> None:
    """Let a step call another function."""
    object.__setattr__(step, _FUNCTIONS[type(step).__name__], function)


def gives_items_late(step: Operator) -> bool:
    """Tell whether the items of a step's function may be made long after it has returned."""
    return is_made_by(step, _MAPS_BATCHES)
