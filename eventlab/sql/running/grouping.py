"""Rows on their way into groups, and what the groups come to on its way out."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from eventlab.sql.expressions.projections import values_maker
from eventlab.sql.planning.plans import Aggregate, Evaluate, Row
from eventlab.sql.planning.rows import key_text, key_writer, value_key_writer, windowed_key
from eventlab.sql.running.changes import Change, Leave, Pair, Pairs, Show, arrival, paired
from eventlab.sql.running.folding import RowFold
from eventlab.sql.types import SqlType


def group_key(groups: Sequence[Evaluate], kinds: Sequence[SqlType]) -> Callable[[Row], str | None]:
    """Return what gives the text of the key of a row's group, None where it has no group."""
    if len(kinds) == 1:
        (value_of,) = groups
        text_of_value = value_key_writer(*kinds)
        return lambda row: text_of_value(value_of(row))
    group_of = values_maker(groups)
    text_of = key_writer(kinds)

    def key_of(row: Row) -> str | None:
        group = group_of(row)
        return None if None in group else text_of(group)

    return key_of


def grouping_events(key_of: Callable[[Row], str | None]) -> Change:
    """Return what gives each event the key of its group, None where it has no group."""

    def changed(item: Any) -> Pair:
        row = item.event
        return None if row is None else key_of(row), item

    return lambda batch: [changed(item) for _, item in batch]


def grouping_rows(step: Aggregate) -> Change:
    """Return what makes of a table's row what is folded of it: group's key, group, arguments."""
    group_of = values_maker(step.groups)
    taken_of = [values_maker(one.arguments) for one in step.aggregates]

    def changed(key: str | None, item: Any) -> Pair:
        row = item.event
        group = (None,) if row is None else group_of(row)
        if None in group:
            return key, arrival(None, key, item)
        taken = tuple([one(row) for one in taken_of])
        return key, arrival((key_text(group), group, taken), key, item)

    return lambda batch: [changed(key, item) for key, item in batch]


def grouped(fold: RowFold, show: Show, leave: Leave = paired) -> Change:
    """Return what makes a row of what a group has come to."""

    def change(batch: Pairs) -> list[Any]:
        changed: list[Any] = []
        for key, item in batch:
            state = item.event
            row = None if state is None else show(key, (*fold.row(state), item.time))
            left = leave(key, row, item)
            if left is not None:
                changed.append(left)
        return changed

    return change


def grouped_in_windows(fold: RowFold, show: Show, leave: Leave = paired) -> Change:
    """Return what makes a row of what a group has come to in a window."""
    row_of = fold.row
    key_of = lru_cache(maxsize=10_000)(windowed_key)

    def change(batch: Pairs) -> list[Any]:
        changed: list[Any] = []
        for key, item in batch:
            start = item.start
            end = item.end
            state = item.value
            row = None
            if state is not None:
                row = show(key, row_of(state) + (start, end, item.time))  # noqa: RUF005  quicker
            left = leave(key_of(key, start, end), row, item)
            if left is not None:
                changed.append(left)
        return changed

    return change


def whole(_key: str | None, row: Row) -> Row:
    """Show a row as it is."""
    return row
