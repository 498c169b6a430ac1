"""How many bytes of state each step of a flow keeps."""

import pickle
from collections.abc import Iterable
from datetime import datetime
from time import process_time
from typing import Any

from bytewax.operators import StatefulBatchLogic

from eventlab.streams.bytewax_steps import BuildLogic, Logic

StateBytes = dict[str, int]
Answer = tuple[Iterable[Any], bool]

_REST = 20  # times as long as counting took: at most a twentieth of the flow's work goes into it


def measured(build: BuildLogic, step_name: str, state_bytes: StateBytes) -> BuildLogic:
    """Return what builds the same logic, and adds up the bytes of its state by step.

    They are counted where bytewax takes a snapshot of the state, at the end of an epoch; of a state
    that takes long to count, not at the end of each.
    """

    def build_measured(state: Any) -> "MeasuredLogic":
        return MeasuredLogic(build(state), step_name, state_bytes)

    return build_measured


class MeasuredLogic(StatefulBatchLogic[Any, Any, Any]):
    """Do what a logic does, and keep account of the size of its snapshots."""

    def __init__(self, logic: Logic, step_name: str, state_bytes: StateBytes) -> None:
        self._logic = logic
        self._step_name = step_name
        self._state_bytes = state_bytes
        self._bytes = 0
        self._count_again_at = 0.0

    def on_batch(self, values: list[Any]) -> Answer:
        """Do as the logic does."""
        return self._after(self._logic.on_batch(values))

    def on_notify(self) -> Answer:
        """Do as the logic does."""
        return self._after(self._logic.on_notify())

    def on_eof(self) -> Answer:
        """Do as the logic does."""
        return self._after(self._logic.on_eof())

    def notify_at(self) -> datetime | None:
        """Do as the logic does."""
        return self._logic.notify_at()

    def snapshot(self) -> Any:
        """Return the logic's state, and count its bytes."""
        state = self._logic.snapshot()
        began = process_time()
        if began >= self._count_again_at:
            data = state if isinstance(state, bytes) else pickle.dumps(state)
            self._count(len(data))
            ended = process_time()
            self._count_again_at = ended + _REST * (ended - began)
        return state

    def _after(self, answer: Answer) -> Answer:
        _, is_discarded = answer
        if is_discarded:
            self._count(0)
        return answer

    def _count(self, number: int) -> None:
        self._state_bytes[self._step_name] += number - self._bytes
        self._bytes = number
