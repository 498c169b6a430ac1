"""How the aggregate functions of one query are folded together, over all rows of a group."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from eventlab.sql.expressions.compiled import reason
from eventlab.sql.expressions.projections import values_maker
from eventlab.sql.planning.plans import Aggregated, Evaluate, Row
from eventlab.streams.arrivals import Timed

# The group's values, and the state of each function.
State: TypeAlias = tuple[tuple[Any, ...], tuple[Any, ...]]
# The group's key as text, its values, and what each function takes of the row.
Said: TypeAlias = tuple[str, tuple[Any, ...], tuple[tuple[Any, ...], ...]]
Add: TypeAlias = Callable[[Any, Row], Any]
AddEvent: TypeAlias = Callable[[State | None, Timed], State]
RowOf: TypeAlias = Callable[[State], Row]
Report: TypeAlias = Callable[[str], object]


class RowFold:
    """Fold rows into the states of several functions; a state never changes in place.

    `add` gives the state with one event of a stream more, `row` the group's values and the result
    of each function. A function that fails for a row leaves it out, and says so.
    """

    def __init__(
        self,
        aggregates: Sequence[Aggregated],
        groups: Sequence[Evaluate] = (),
        report: Report = lambda _reason: None,
    ):
        self._aggregates = tuple(aggregates)
        self._report = report
        self._group_of = values_maker(groups)
        self._adds = [_adding(one) for one in aggregates]
        self._results = [one.folding.result for one in aggregates]
        # One function alone is what most queries have.
        is_one = len(self._aggregates) == 1
        self.add: AddEvent = self._adding_one() if is_one else self._add_to_each
        self.row: RowOf = self._row_of_one() if is_one else self._row_of_each

    def begin(self) -> State | None:
        """Return what there is before the first row: nothing."""
        return None

    def add_row(self, state: State | None, said: Said) -> State:
        """Return the state with what a row of a table says."""
        _, group, taken = said
        before = self._begun() if state is None else state[1]
        each = zip(self._aggregates, before, taken, strict=True)
        after = [self._with(one, one.folding.add, value, given) for one, value, given in each]
        return group, tuple(after)

    def subtract_row(self, state: State, said: Said) -> State:
        """Return the state without what a row said that has changed, or is no more."""
        group, before = state
        each = zip(self._aggregates, before, said[2], strict=True)
        after = [self._with(one, one.folding.subtract, value, given) for one, value, given in each]
        return group, tuple(after)

    def merge(self, one: State | None, other: State | None) -> State | None:
        """Return the state of two sessions that became one."""
        if one is None or other is None:
            return one or other
        each = zip(self._aggregates, one[1], other[1], strict=True)
        merged = [which.folding.merge(first, second) for which, first, second in each]  # type: ignore[misc]
        return one[0], tuple(merged)

    def _add_to_each(self, state: State | None, event: Timed) -> State:
        row = event.event
        group, before = (self._group_of(row), self._begun()) if state is None else state
        each = zip(self._adds, before, strict=True)
        return group, tuple([self._added(add, value, row) for add, value in each])

    def _adding_one(self) -> AddEvent:
        (add,) = self._adds

        def add_to_one(state: State | None, event: Timed) -> State:
            row = event.event
            group, before = (self._group_of(row), self._begun()) if state is None else state
            try:
                return group, (add(before[0], row),)
            except Exception:
                return group, (self._added(add, before[0], row),)

        return add_to_one

    def _row_of_each(self, state: State) -> Row:
        group, states = state
        results = [result(value) for result, value in zip(self._results, states, strict=True)]
        return (*group, *results)

    def _row_of_one(self) -> RowOf:
        (result,) = self._results

        def row_of_one(state: State) -> Row:
            group, states = state
            return group + (result(states[0]),)  # noqa: RUF005  twice as quick as unpacking

        return row_of_one

    def _begun(self) -> tuple[Any, ...]:
        return tuple([one.folding.begin() for one in self._aggregates])

    def _added(self, add: Add, value: Any, row: Row) -> Any:
        try:
            return add(value, row)
        except Exception as error:  # a query never stops for one row
            self._report(f"an aggregate leaves a row out: {reason(error)}")
            return value

    def _with(self, one: Aggregated, change: Any, value: Any, taken: tuple[Any, ...]) -> Any:
        if not one.takes_null and None in taken:
            return value
        return self._added(lambda before, _row: change(before, *taken), value, ())


def _adding(one: Aggregated) -> Add:
    """Return what adds a row to the state of one function."""
    add = one.folding.add
    if not one.arguments:
        return lambda value, _row: add(value)
    if len(one.arguments) > 1:
        return _adding_several(one)
    (argument,) = one.arguments
    if one.takes_null:
        return lambda value, row: add(value, argument(row))

    def added(value: Any, row: Row) -> Any:
        taken = argument(row)
        return value if taken is None else add(value, taken)

    return added


def _adding_several(one: Aggregated) -> Add:
    add = one.folding.add
    taken_of = values_maker(one.arguments)
    takes_null = one.takes_null

    def added(value: Any, row: Row) -> Any:
        taken = taken_of(row)
        return add(value, *taken) if takes_null or None not in taken else value

    return added
