"""Joins of two tables: by their keys, or by a field of one that is the key of the other.

Rows are taken in the order of the log, as Kafka Streams and compaction do. What comes out is the
changelog of a table again: a new row for each change of either side, and a tombstone, a `Joined`
with nothing on either side, when the joined row is no more. After the same topics its rows are the
same, whatever the order in which the two were read; which changes came in between is not.
"""

from collections.abc import Callable
from typing import Any, Literal

from bytewax.operators import KeyedStream

from eventlab.arguments import required_one_of
from eventlab.streams.arrivals import Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Joined
from eventlab.streams.steps import Pair, Step, required_key, results_of, stepped

LEFT = 0
RIGHT = 1
_INNER = "inner"
_LEFT_JOIN = "left"
_OUTER = "outer"

Rows = dict[str, Timed]


@operator
def join_tables(
    step_id: str,
    left: KeyedStream[Timed],
    right: KeyedStream[Timed],
    *,
    how: Literal["inner", "left", "outer"] = "inner",
) -> KeyedStream[Joined]:
    """Join two tables by key, and follow the changes of both.

    The time of a row is the later one of the change that made it and of the row that it met. What
    has no key is no row. Raises UsageError.

    Examples:
        >>> customers = events("customers", ("ann", 1, "gold"))
        >>> addresses = events("addresses", ("ann", 2, "Rome"))
        >>> show(join_tables("cards", customers, addresses))
        ann gold + Rome at 2
    """
    kind = required_one_of("join", how, [_INNER, _LEFT_JOIN, _OUTER])
    worked = stepped(step_id, [left, right], lambda state: _ByKey(step_id, kind, state))
    return results_of("rows", worked)


class _ByKey(Step):
    """The rows of both sides."""

    def __init__(self, step_id: str, how: str, state: Any):
        left_alone = how in (_LEFT_JOIN, _OUTER)
        right_alone = how == _OUTER
        # For each side: whether there is a joined row, by whether that side and the other have one.
        self._is_shown = [
            {(True, True): True, (True, False): mine, (False, True): theirs, (False, False): False}
            for mine, theirs in [(left_alone, right_alone), (right_alone, left_alone)]
        ]
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows of both sides."""
        self._rows: tuple[Rows, Rows] = kept or ({}, {})

    def kept(self) -> Any:
        """Return the rows of both sides."""
        left, right = self._rows
        return dict(left), dict(right)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Let each change of one side leave as the change that it makes of the joined row."""
        mine = self._rows[side]
        others = self._rows[1 - side]
        is_shown = self._is_shown[side]
        for key, row in pairs:
            if key is None:
                continue
            other = others.get(key)
            is_there = other is not None
            was_shown = is_shown[key in mine, is_there]
            is_here = row.event is not None
            if is_here:
                mine[key] = row
            else:
                mine.pop(key, None)
            if is_shown[is_here, is_there]:
                self._leave(side, key, row, row if is_here else None, other)
            elif was_shown:
                time = row.time if other is None else max(row.time, other.time)
                self.results.put_joined(key, None, None, time=time, lane=row.partition)

    def _leave(
        self, side: int, key: str, change: Timed, mine: Timed | None, other: Timed | None
    ) -> None:
        time = change.time
        if other is not None and other.time > time:
            time = other.time
        left = mine if side == LEFT else other
        right = other if side == LEFT else mine
        self.results.put_joined(key, left, right, time=time, lane=change.partition)


@operator
def join_tables_by(
    step_id: str,
    left: KeyedStream[Timed],
    right: KeyedStream[Timed],
    foreign_key: Callable[..., str | None],
    *,
    how: Literal["inner", "left"] = "inner",
    with_key: bool = False,
    tombstones: Literal["needed", "all"] = "needed",
    order: Callable[[str], Any] | None = None,
) -> KeyedStream[Joined]:
    """Join each row of a table with the row of another that it refers to, and follow both.

    `foreign_key` takes a left event, or with `with_key` the left key and the event (KIP-1104), and
    returns the key of its right row, or None where it refers to none; such a row is part of a left
    join (KIP-962). The result has the left table's keys, as in KIP-213. Made by a change on the
    left, its time is the later one of that change and of the row that it met; made by one on the
    right, it is that change's. Rows that one change on the right makes leave in the order of their
    keys, or of what `order` makes of a key. With `tombstones` "all" each left row that is deleted
    leaves one, whether or not it was joined, as in Kafka Streams. Raises UsageError.

    Examples:
        >>> orders = events("orders", ("order 1", 1, "pen"), ("order 2", 2, "pen"))
        >>> prices = events("prices", ("pen", 3, 120))
        >>> show(join_tables_by("priced", orders, prices, lambda product: product))
        order 1 pen + 120 at 3
        order 2 pen + 120 at 3
    """
    kind = required_one_of("join", how, [_INNER, _LEFT_JOIN])
    key_of = foreign_key if with_key else lambda _key, event: foreign_key(event)
    tells_all = required_one_of("tombstones", tombstones, ["needed", "all"]) == "all"
    worked = stepped(
        step_id,
        [left, right],
        lambda state: _ByForeignKey(step_id, key_of, kind, order, tells_all, state),
    )
    return results_of("rows", worked)


class _ByForeignKey(Step):
    """The rows of both sides, and which left rows refer to a right one."""

    def __init__(
        self,
        step_id: str,
        key_of: Callable[[str, Any], str | None],
        how: str,
        order: Callable[[str], Any] | None,
        tells_all: bool,
        state: Any,
    ):
        self._key_of = key_of
        self._order = order
        self._tells_all = tells_all
        self._is_left_join = how == _LEFT_JOIN
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows of both sides, and who refers to whom."""
        self._lefts: dict[str, tuple[Timed, str | None]]
        self._rights: Rows
        self._lefts, self._rights = kept or ({}, {})
        self._referring: dict[str, set[str]] = {}
        for key, (_, target) in self._lefts.items():
            self._refer(key, target)

    def kept(self) -> Any:
        """Return the rows of both sides, and who refers to whom."""
        return dict(self._lefts), dict(self._rights)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Let each change leave as the changes that it makes of joined rows."""
        change = self._change_left if side == LEFT else self._change_right
        for key, row in pairs:
            if key is not None:
                change(key, row)

    def _change_left(self, key: str, row: Timed) -> None:
        before = self._lefts.pop(key, None)
        old_target = None if before is None else before[1]
        was_shown = before is not None and (self._tells_all or self._is_shown(old_target))
        self._refer_no_more(key, old_target)
        target = None
        if row.event is not None:
            target = required_key("foreign row", self._key_of(key, row.event))
            self._lefts[key] = (row, target)
            self._refer(key, target)
        if row.event is not None and self._is_shown(target):
            right = self._right(target)
            time = row.time if right is None else max(row.time, right.time)
            self.results.put_joined(key, row, right, time=time, lane=row.partition)
        elif was_shown:
            # The row that it referred to tells of the end where it is the only one that can.
            asked = None if self._is_left_join or target is not None else self._right(old_target)
            time = row.time if asked is None else max(row.time, asked.time)
            self.results.put_joined(key, None, None, time=time, lane=row.partition)

    def _change_right(self, key: str, row: Timed) -> None:
        was_there = key in self._rights
        is_there = row.event is not None
        if is_there:
            self._rights[key] = row
        else:
            self._rights.pop(key, None)
        right = row if is_there else None
        # In the order of their keys, as Kafka's store of subscriptions has them.
        for left_key in sorted(self._referring.get(key, ()), key=self._order):
            left, _ = self._lefts[left_key]
            if is_there or self._is_left_join:
                self.results.put_joined(left_key, left, right, time=row.time, lane=row.partition)
            elif was_there:
                self.results.put_joined(left_key, None, None, time=row.time, lane=row.partition)

    def _is_shown(self, target: str | None) -> bool:
        return self._is_left_join or self._right(target) is not None

    def _right(self, target: str | None) -> Timed | None:
        return None if target is None else self._rights.get(target)

    def _refer(self, key: str, target: str | None) -> None:
        if target is not None:
            self._referring.setdefault(target, set()).add(key)

    def _refer_no_more(self, key: str, target: str | None) -> None:
        if target is None:
            return
        referring = self._referring[target]
        referring.discard(key)
        if not referring:
            del self._referring[target]
