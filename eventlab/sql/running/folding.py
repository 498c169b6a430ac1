"""How the aggregate functions of one query are folded together, over all rows of a group."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from eventlab.sql.planning.plans import Aggregated
from eventlab.streams.arrivals import Timed

# The group's values, and the state of each function.
State: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...]]
# The group's key as text, its values, and what each function takes of the row.
Said: TypeAlias = tuple[str, tuple[Any, ...], tuple[tuple[Any, ...], ...]]


class RowFold:
    """Fold what rows say into the states of several functions; a state never changes in place."""

    def __init__(self, aggregates: Sequence[Aggregated]):
        self._aggregates = tuple(aggregates)
        self._foldings = [one.folding for one in aggregates]

    def begin(self) -> State | None:
        """Return what there is before the first row: nothing."""
        return None

    def add(self, state: State | None, event: Timed) -> State:
        """Return the state with one event more."""
        return self.add_row(state, event.event)

    def add_row(self, state: State | None, said: Said) -> State:
        """Return the state with what one row says."""
        _, group, taken = said
        before = self._begun() if state is None else state[1]
        after = tuple(
            one.folding.add(value, *arguments) if one.takes_null or None not in arguments else value
            for one, value, arguments in zip(self._aggregates, before, taken, strict=True)
        )
        return group, after

    def subtract_row(self, state: State, said: Said) -> State:
        """Return the state without what a row said that has changed, or is no more."""
        group, before = state
        after = tuple(
            one.folding.subtract(value, *arguments)  # type: ignore[misc]
            if one.takes_null or None not in arguments
            else value
            for one, value, arguments in zip(self._aggregates, before, said[2], strict=True)
        )
        return group, after

    def merge(self, one: State | None, other: State | None) -> State | None:
        """Return the state of two sessions that became one."""
        if one is None or other is None:
            return one or other
        merged = tuple(
            folding.merge(first, second)  # type: ignore[misc]
            for folding, first, second in zip(self._foldings, one[1], other[1], strict=True)
        )
        return one[0], merged

    def row(self, state: State) -> tuple[Any, ...]:
        """Return the group's values, and the result of each function."""
        group, states = state
        results = (
            folding.result(value) for folding, value in zip(self._foldings, states, strict=True)
        )
        return (*group, *results)

    def _begun(self) -> tuple[Any, ...]:
        return tuple(folding.begin() for folding in self._foldings)
