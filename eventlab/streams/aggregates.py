"""Tables made of tables: rows grouped anew, and changes held back for a time."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from typing import Any

from bytewax.operators import KeyedStream

from eventlab.arguments import required_milliseconds
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.streams.arrivals import FOREVER, NEVER, Arrival, Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Row, Window
from eventlab.streams.steps import Pair, Step, required_key, results_of, stepped

GroupOf = Callable[[str, Any], str | None]
RowKey = tuple[str, tuple[int, ...]]

_NOTHING = pickle.dumps({})


@checked
@dataclass(frozen=True)
class TableFold:
    """How the rows of a group become its value: each that comes is added, each that goes taken off.

    `add` and `subtract` take the value so far and what a row says, and return the new value, or
    None where the group is no more.

    Examples:
        >>> total = TableFold(int, lambda cents, row: cents + row, lambda cents, row: cents - row)
        >>> total.subtract(total.add(total.begin(), 20), 5)
        15
    """

    begin: Callable[[], Any]
    add: Callable[[Any, Any], Any]
    subtract: Callable[[Any, Any], Any]


@operator
def aggregate_table(
    step_id: str, table: KeyedStream[Timed], group: GroupOf, fold: TableFold
) -> KeyedStream[Row]:
    """Fold the rows of a table into one row a group, and follow the table.

    `group` takes a row's key and what it says, and returns the key of its group, None for a row
    that belongs to none. A row that changes is taken off its group before it is added to the new
    one, so a row that moves leaves the first (Kafka Streams' KGroupedTable.aggregate). A group's
    time is the greatest of its changes. Raises UsageError.

    Examples:
        >>> customers = events("customers", ("ann", 1, "gold"), ("ann", 3, "silver"))
        >>> count = TableFold(int, lambda number, row: number + 1, lambda number, row: number - 1)
        >>> show(aggregate_table("by level", customers, lambda customer, level: level, count))
        gold 1 at 1
        gold 0 at 3
        silver 1 at 3
    """
    if not isinstance(fold, TableFold):
        raise UsageError(
            "The rows of a group cannot be folded",
            expected="TableFold(begin, add, subtract)",
            found=shown(fold),
            remedy="For a count: TableFold(int, lambda n, _: n + 1, lambda n, _: n - 1).",
        )
    worked = stepped(step_id, [table], lambda state: _Grouping(step_id, group, fold, state))
    return results_of("rows", worked)


class _Grouping(Step):
    """The rows of a table with their groups, and what each group comes to."""

    def __init__(self, step_id: str, group: GroupOf, fold: TableFold, state: Any):
        self._group_of = group
        self._fold = fold
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows and the groups."""
        self._rows: dict[RowKey, tuple[str, Any]]
        self._groups: dict[str, tuple[Any, int]]
        rows, groups = kept or ({}, _NOTHING)
        self._rows = dict(rows)
        self._groups = pickle.loads(groups)

    def kept(self) -> Any:
        """Return the rows and the groups."""
        # A learner's fold may change the value that it gave.
        return dict(self._rows), pickle.dumps(self._groups)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Take what each row said before off its group, and add what it says now."""
        for key, row in pairs:
            if key is None:
                continue
            row_key = row_key_of(key, row)
            before = self._rows.pop(row_key, None)
            group = (
                None if row.event is None else required_key("group", self._group_of(key, row.event))
            )
            if group is not None:
                self._rows[row_key] = (group, row.event)
            if before is not None and before[0] == group:
                self._change(group, row, taken_off=[before[1]], added=[row.event])
                continue
            if before is not None:
                self._change(before[0], row, taken_off=[before[1]], added=[])
            if group is not None:
                self._change(group, row, taken_off=[], added=[row.event])

    def _change(self, group: str, row: Timed, *, taken_off: list[Any], added: list[Any]) -> None:
        value, newest = self._groups.get(group, (None, NEVER))
        for said in taken_off:
            value = None if value is None else self._fold.subtract(value, said)
        for said in added:
            value = self._fold.add(self._fold.begin() if value is None else value, said)
        newest = max(newest, row.time)
        if value is None:
            self._groups.pop(group, None)
        else:
            self._groups[group] = (value, newest)
        self.results.put(group, Row, value, time=newest, lane=row.partition)


@operator
def suppressed(step_id: str, up: KeyedStream[Timed], *, wait: timedelta) -> KeyedStream[Any]:
    """Hold back the changes of each key for a time, and let only the last of them go.

    The first change of a key begins the time; when stream time has moved on by `wait`, the newest
    change leaves, and the next one begins anew (Kafka Streams' Suppressed.untilTimeLimit). What is
    held when the input ends leaves then. For windows that come once, when they are over, use
    `emit="final"`. Raises UsageError.

    Examples:
        >>> stock = events("stock", ("pen", 0, 9), ("pen", 4, 8), ("pen", 10, 7), ("pen", 15, 6))
        >>> show(suppressed("calm", stock, wait=seconds(10)))
        pen 7 at 10
        pen 6 at 15
    """
    patience = required_milliseconds("wait", wait, at_least=timedelta(0))
    worked = stepped(step_id, [up], lambda state: _Holding(step_id, patience, state))
    return results_of("changes", worked)


class _Holding(Step):
    """The newest change of each key that is held back, and since when, by partition."""

    def __init__(self, step_id: str, wait: int, state: Any):
        self._wait = wait
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up what is held back, and how far the partitions' stream times are."""
        held, due, stream_times = kept or ({}, {}, {})
        self._held: dict[tuple[int, RowKey], Timed] = held
        self._due: dict[int, list[tuple[int, RowKey]]] = due
        self._stream_times: dict[int, int] = stream_times

    def kept(self) -> Any:
        """Return what is held back, and how far the partitions' stream times are."""
        due = {lane: list(waiting) for lane, waiting in self._due.items()}
        return dict(self._held), due, dict(self._stream_times)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Hold each change, and let go those whose time is over."""
        for key, change in pairs:
            if key is None:
                continue
            lane = change.partition
            row_key = row_key_of(key, change)
            if (lane, row_key) not in self._held:
                heappush(self._due.setdefault(lane, []), (change.time, row_key))
            self._held[lane, row_key] = change
            stream_time = max(self._stream_times.get(lane, NEVER), change.time)
            self._stream_times[lane] = stream_time
            self._let_go(lane, stream_time - self._wait)

    def end(self) -> None:
        """Let all go."""
        for lane in sorted(self._due):
            self._let_go(lane, FOREVER)

    def _let_go(self, lane: int, until: int) -> None:
        due = self._due[lane]
        while due and due[0][0] <= until:
            _, row_key = heappop(due)
            self.results.put_again(row_key[0], self._held.pop((lane, row_key)))


def row_key_of(key: str, item: Timed) -> RowKey:
    """Return what a change replaces: the row of its key, or of its key and window."""
    if isinstance(item, Window):
        return key, (item.start, item.end)
    if isinstance(item, Arrival):
        return key, item.window or ()
    return key, ()
