"""The control of a flow: what it has read, how much it keeps, and its end from outside."""

from collections import Counter
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

from eventlab.errors import UsageError, shown
from eventlab.flows.state_size import StateBytes, measured
from eventlab.flows.status import PartStatus, Status
from eventlab.streams.bytewax_steps import (
    builder_of,
    is_output,
    name_in_flow,
    replace_builder,
    replace_source,
    source_of,
    steps,
)
from eventlab.streams.source import TopicPart
from eventlab.streams.watermarks import Stamps

_ENDS_WITHIN = timedelta(milliseconds=50)

Part = StatefulSourcePartition[Any, Any] | StatelessSourcePartition[Any]


class Control:
    """Count what comes into a running flow, and end it.

    bytewax has no call that stops a flow, but its sources can: AbortExecution leaves windows open
    for a resume, StopIteration is the end of the input and closes them. Any thread may ask.
    """

    def __init__(self) -> None:
        self.count = 0
        self.parts: list[Part] = []
        self.stamps: list[Stamps] = []
        self.state_bytes: StateBytes = {}
        self.epochs: Counter[int] = Counter()  # how many each input has ended, by its identity
        self._end: type[Exception] | None = None

    def stop(self, *, close_windows: bool) -> None:
        """Ask every input to end; each does within a twentieth of a second."""
        self._end = StopIteration if close_windows else AbortExecution

    @property
    def status(self) -> Status:
        """Return how far the flow is."""
        return Status(
            count=self.count,
            parts=[_part_status(part) for part in self.parts if isinstance(part, TopicPart)],
            watermark=min((one.watermark for one in self.stamps), default=None),
            state_bytes=dict(self.state_bytes),
            epochs=min((self.epochs[id(part)] for part in self.parts), default=0),
        )

    @property
    def is_stopping(self) -> bool:
        """Tell whether it was asked to end."""
        return self._end is not None

    def raise_if_stopping(self) -> None:
        """Raise what ends an input, if it was asked to end."""
        if self._end is not None:
            raise self._end


def require_runnable(flow: Dataflow) -> list[Operator]:
    """Return the inputs of a flow; raise UsageError for one that cannot run.

    A flow runs once: its operators keep what they have seen.
    """
    if not isinstance(flow, Dataflow):
        raise UsageError(
            "Only a flow can run",
            expected="a Dataflow",
            found=shown(flow),
            remedy='Build one with Dataflow("name") and pass that, not one of its streams.',
        )
    inputs = _required(flow, "input", lambda step: source_of(step) is not None)
    _required(flow, "output", is_output)
    if any(isinstance(source_of(step), _ControlledSource) for step in inputs):
        raise UsageError(
            f"The flow {flow.flow_id!r} ran before",
            expected="a flow that was just built",
            found="one whose steps keep what they have seen",
            remedy="Run the cell that builds it again, then this one.",
        )
    return inputs


def attach_control(flow: Dataflow, control: Control) -> None:
    """Put a control before each input of a flow, and measure each state. Raises UsageError."""
    for step in require_runnable(flow):
        source = source_of(step)
        if source is not None:
            replace_source(step, _controlled(source, control))
    for step in steps(flow):
        build = builder_of(step)
        if build is None:
            continue
        if isinstance(build, Stamps):
            control.stamps.append(build)
        name = name_in_flow(step)
        control.state_bytes.setdefault(name, 0)
        replace_builder(step, measured(build, name, control.state_bytes))


def _required(flow: Dataflow, what: str, is_one: Callable[[Operator], bool]) -> list[Operator]:
    found = [step for step in steps(flow) if is_one(step)]
    if found:
        return found
    raise UsageError(
        f"The flow {flow.flow_id!r} has no {what}",
        expected=f"at least one op.{what}(...)",
        found="none",
        remedy=f"Add op.{what}(...) and run the cell again.",
    )


def _part_status(part: TopicPart) -> PartStatus:
    topic, partition = part.place
    return PartStatus(topic, partition, part.next_offset, part.stream_time, part.lag)


# -- inputs under control -----------------------------------------------------------------------


class _ControlledSource:
    """What all sources under control have in common, to know them by."""


class _ControlledPartitions(_ControlledSource, FixedPartitionedSource[Any, Any]):
    def __init__(self, source: FixedPartitionedSource[Any, Any], control: Control) -> None:
        self._source = source
        self._control = control

    def list_parts(self) -> list[str]:
        return self._source.list_parts()

    def build_part(
        self, step_id: str, for_part: str, resume_state: Any
    ) -> StatefulSourcePartition[Any, Any]:
        part = self._source.build_part(step_id, for_part, resume_state)
        return _StatefulPart(part, self._control)


class _ControlledWorkers(_ControlledSource, DynamicSource[Any]):
    def __init__(self, source: DynamicSource[Any], control: Control) -> None:
        self._source = source
        self._control = control

    def build(
        self, step_id: str, worker_index: int, worker_count: int
    ) -> StatelessSourcePartition[Any]:
        part = self._source.build(step_id, worker_index, worker_count)
        return _StatelessPart(part, self._control)


def _controlled(source: Source[Any], control: Control) -> Source[Any]:
    if isinstance(source, FixedPartitionedSource):
        return _ControlledPartitions(source, control)
    if isinstance(source, DynamicSource):
        return _ControlledWorkers(source, control)
    raise UsageError(
        "A flow cannot read from this",
        expected="a FixedPartitionedSource or a DynamicSource of bytewax's",
        found=type(source).__name__,
        remedy="Let the class of your source inherit from one of the two.",
    )


class _Batches:
    """Take batches from a part for as long as the control lets it."""

    def __init__(self, part: Part, control: Control) -> None:
        self._part = part
        self._control = control
        self._due: datetime | None = None
        control.parts.append(part)

    def next_batch(self) -> list[Any]:
        self._control.raise_if_stopping()
        if self._due is not None and datetime.now(UTC) < self._due:
            return []
        items = self._part.next_batch()
        batch = items if isinstance(items, list) else list(items)
        self._control.count += len(batch)
        self._due = self._part.next_awake()
        return batch

    def next_awake(self) -> datetime | None:
        if self._due is None:
            return None
        # Whoever sleeps until its next item does not see that it should end.
        return min(self._due, datetime.now(UTC) + _ENDS_WITHIN)

    def close(self) -> None:
        self._part.close()


class _StatefulPart(_Batches, StatefulSourcePartition[Any, Any]):
    def __init__(self, part: StatefulSourcePartition[Any, Any], control: Control) -> None:
        super().__init__(part, control)
        self._snapshot = part.snapshot

    def snapshot(self) -> Any:
        self._control.epochs[id(self._part)] += 1
        return self._snapshot()


class _StatelessPart(_Batches, StatelessSourcePartition[Any]):
    pass
