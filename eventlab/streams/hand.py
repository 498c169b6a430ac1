"""A hand on a flow: what it reads, how much it keeps, and an end to it from outside."""

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from bytewax.dataflow import Dataflow, Operator
from bytewax.inputs import (
    AbortExecution,
    DynamicSource,
    FixedPartitionedSource,
    Source,
    StatefulSourcePartition,
    StatelessSourcePartition,
)
from bytewax.operators import StatefulBatchLogic

from eventlab.errors import UsageError
from eventlab.streams.source import TopicPart
from eventlab.streams.status import PartStatus, Status
from eventlab.streams.watermarks import Stamps
from eventlab.streams.wiring import source_of, steps

_OUTPUTS = {"output", "inspect_debug"}  # bytewax takes what is only looked at for an output too
_KEEPS_STATE = "stateful_batch"  # whatever keeps state by key comes down to it
_HEARD_WITHIN = timedelta(milliseconds=50)


class Control:
    """Count what comes into a running flow, and end it.

    bytewax has no call that stops a flow, but its sources can: AbortExecution leaves windows open
    for a resume, StopIteration is the end of the input and closes them. Any thread may ask.
    """

    def __init__(self):
        self.count = 0
        self.parts: list[Any] = []
        self.stamps: list[Stamps] = []
        self.state_bytes: dict[str, int] = {}
        self._end: type[Exception] | None = None

    def stop(self, *, close_windows: bool) -> None:
        """Ask every input to end; heard within a twentieth of a second."""
        self._end = StopIteration if close_windows else AbortExecution

    @property
    def status(self) -> Status:
        """Return how far the flow is."""
        return Status(
            count=self.count,
            parts=[_part_status(part) for part in self.parts if isinstance(part, TopicPart)],
            watermark=min((one.watermark for one in self.stamps), default=None),
            state_bytes=dict(self.state_bytes),
        )

    @property
    def is_stopping(self) -> bool:
        """Tell whether it was asked to end."""
        return self._end is not None

    def heed(self) -> None:
        """Raise what ends an input, if it was asked to end."""
        if self._end is not None:
            raise self._end


def require_runnable(flow: Dataflow) -> list[Operator]:
    """Return the inputs of a flow; raise UsageError for one that cannot run.

    A flow runs once: its operators keep what they have seen.
    """
    if not isinstance(flow, Dataflow):
        raise UsageError("Only a flow can run", expected="a Dataflow", found=f"{flow!r:.60}")
    inputs = _required(flow, "input", lambda step: source_of(step) is not None)
    _required(flow, "output", lambda step: type(step).__name__ in _OUTPUTS)
    if any(isinstance(step.source, _Held) for step in inputs):
        raise UsageError(
            f"The flow {flow.flow_id!r} ran before",
            expected="a flow that was just built",
            remedy="Run the cell that builds it again, then this one.",
        )
    return inputs


def take_in_hand(flow: Dataflow, control: Control) -> None:
    """Put a hand on each input of a flow, and on each step that keeps state. Raises UsageError."""
    for step in require_runnable(flow):
        # The step is frozen, but bytewax reads its source only when the flow begins.
        object.__setattr__(step, "source", _held(step.source, control))
    for step in steps(flow):
        if type(step).__name__ == _KEEPS_STATE:
            if isinstance(step.builder, Stamps):
                control.stamps.append(step.builder)
            _, name, *_ = step.step_id.split(".")  # the learner's own, whatever it is made of
            control.state_bytes.setdefault(name, 0)
            object.__setattr__(step, "builder", _weighing(step.builder, name, control))


def _part_status(part: TopicPart) -> PartStatus:
    topic, partition = part.place
    return PartStatus(topic, partition, part.next_offset, part.stream_time, part.lag)


def _weighing(build: Callable, name: str, control: Control) -> Callable:
    return lambda state: _Weighed(build(state), name, control.state_bytes)


class _Weighed(StatefulBatchLogic):
    """Do what a logic does, and note how many bytes of state it had at the end of each epoch."""

    def __init__(self, logic: StatefulBatchLogic, name: str, state_bytes: dict[str, int]):
        self._logic, self._name, self._state_bytes = logic, name, state_bytes
        self._bytes = 0
        self.notify_at = logic.notify_at

    def on_batch(self, values: list) -> tuple[Any, bool]:
        return self._heeded(self._logic.on_batch(values))

    def on_notify(self) -> tuple[Any, bool]:
        return self._heeded(self._logic.on_notify())

    def on_eof(self) -> tuple[Any, bool]:
        return self._heeded(self._logic.on_eof())

    def snapshot(self) -> Any:
        state = self._logic.snapshot()
        self._weigh(len(state if isinstance(state, bytes) else pickle.dumps(state)))
        return state

    def _heeded(self, answer: tuple[Any, bool]) -> tuple[Any, bool]:
        if answer[1]:  # it is discarded
            self._weigh(0)
        return answer

    def _weigh(self, number: int) -> None:
        self._state_bytes[self._name] += number - self._bytes
        self._bytes = number


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
