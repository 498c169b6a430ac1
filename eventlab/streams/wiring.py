"""A flow as it was built, taken apart: its steps, and a hand on each of its inputs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bytewax.dataflow import Dataflow, Operator, Stream
from bytewax.inputs import (
    AbortExecution,
    DynamicSource,
    FixedPartitionedSource,
    Source,
    StatefulSourcePartition,
    StatelessSourcePartition,
)

from eventlab.errors import UsageError

_OUTPUTS = {"output", "inspect_debug"}  # bytewax takes what is only looked at for an output too
_HEARD_WITHIN = timedelta(milliseconds=50)


class Control:
    """Count what comes into a running flow, and end it.

    bytewax has no call that stops a flow, but its sources can: AbortExecution leaves windows open
    for a resume, StopIteration is the end of the input and closes them. Any thread may ask.
    """

    def __init__(self):
        self.count = 0
        self.parts: list[Any] = []
        self._end: type[Exception] | None = None

    def stop(self, *, close_windows: bool) -> None:
        """Ask every input to end; heard within a twentieth of a second."""
        self._end = StopIteration if close_windows else AbortExecution

    @property
    def is_stopping(self) -> bool:
        """Tell whether it was asked to end."""
        return self._end is not None

    def heed(self) -> None:
        """Raise what ends an input, if it was asked to end."""
        if self._end is not None:
            raise self._end


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
    return [_source(step) for step in steps_above(stream) if isinstance(_source(step), Source)]


def take_in_hand(flow: Dataflow, control: Control) -> None:
    """Put a hand on each input of a flow; raise UsageError for a flow that cannot run.

    A flow runs once: its operators keep what they have seen.
    """
    inputs = _required(flow, "input", lambda step: isinstance(_source(step), Source))
    _required(flow, "output", lambda step: type(step).__name__ in _OUTPUTS)
    if any(isinstance(_source(step), _Held) for step in inputs):
        raise UsageError(
            f"The flow {flow.flow_id!r} ran before",
            expected="a flow that was just built",
            remedy="Run the cell that builds it again, then this one.",
        )
    for step in inputs:
        # The step is frozen, but bytewax reads its source only when the flow begins.
        object.__setattr__(step, "source", _held(step.source, control))


def _source(step: Operator) -> Any:
    return getattr(step, "source", None)


def _required(flow: Dataflow, what: str, is_one: Callable[[Operator], bool]) -> list[Operator]:
    found = [step for step in steps(flow) if is_one(step)]
    if found:
        return found
    raise UsageError(
        f"The flow {flow.flow_id!r} has no {what}",
        expected=f"at least one op.{what}(...)",
        remedy=f"Add op.{what}(...) and run the cell again.",
    )


class _Held:
    def __init__(self, source: Source, control: Control):
        self._source, self._control = source, control


class _HeldPartitions(_Held, FixedPartitionedSource[Any, Any]):
    def list_parts(self) -> list[str]:
        return self._source.list_parts()

    def build_part(self, step_id: str, for_part: str, resume_state: Any) -> "_StatefulPart":
        part = self._source.build_part(step_id, for_part, resume_state)
        return _StatefulPart(part, self._control)


class _HeldWorkers(_Held, DynamicSource[Any]):
    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_StatelessPart":
        return _StatelessPart(
            self._source.build(step_id, worker_index, worker_count), self._control
        )


def _held(source: Source, control: Control) -> _Held:
    kind = _HeldPartitions if isinstance(source, FixedPartitionedSource) else _HeldWorkers
    return kind(source, control)


class _Part:
    def __init__(self, part: Any, control: Control):
        self._part, self._control = part, control
        self._due: datetime | None = None
        control.parts.append(part)

    def next_batch(self) -> list[Any]:
        self._control.heed()
        if self._due is not None and datetime.now(UTC) < self._due:
            return []
        batch = self._part.next_batch()
        batch = batch if isinstance(batch, list) else list(batch)
        self._control.count += len(batch)
        self._due = self._part.next_awake()
        return batch

    def next_awake(self) -> datetime | None:
        if self._due is None:
            return None
        return min(self._due, datetime.now(UTC) + _HEARD_WITHIN)

    def close(self) -> None:
        self._part.close()


class _StatefulPart(_Part, StatefulSourcePartition[Any, Any]):
    def snapshot(self) -> Any:
        return self._part.snapshot()


class _StatelessPart(_Part, StatelessSourcePartition[Any]):
    pass
