"""How many rows go through the steps of a query: counted by its flow, a batch at a time."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.sql.planning.plans import Step, steps_of

Batch: TypeAlias = list[Any]


class Counts:
    """How many rows each step has given, since the query began; a source, how many were read.

    The thread of the flow counts, and any thread may ask.
    """

    def __init__(self) -> None:
        self._given: Counter[int] = Counter()  # by the identity of a step: equal ones are others

    def of(self, plan: Step) -> dict[int, int]:
        """Return how many rows each step of a plan has given, by its number in EXPLAIN."""
        return {number: self._given[id(step)] for number, step in enumerate(steps_of(plan), 1)}

    def counting(
        self,
        change: Callable[[Batch], Batch],
        *,
        taken: Sequence[Step] = (),
        given: Sequence[Step] = (),
    ) -> Callable[[Batch], Batch]:
        """Return the same, which counts its batches.

        What it takes counts as given by the steps `taken`, what it makes as given by `given`.
        """
        counts = self._given
        before = [id(step) for step in taken]
        after = [id(step) for step in given]

        def counted(batch: Batch) -> Batch:
            for step in before:
                counts[step] += len(batch)
            changed = change(batch)
            for step in after:
                counts[step] += len(changed)
            return changed

        return counted
