"""Rows on their way into groups, and what the groups come to on its way out."""

from typing import Any

from eventlab.sql.expressions.projections import values_maker
from eventlab.sql.planning.plans import Aggregate, Row
from eventlab.sql.planning.rows import key_text, key_writer, windowed_key
from eventlab.sql.running.changes import Change, Pair, Pairs, Show, arrival
from eventlab.sql.running.folding import RowFold
from eventlab.streams import Arrival


def grouping_events(step: Aggregate) -> Change:
    """Return what gives each event the key of its group, None where it has no group."""
    group_of = values_maker(step.groups)
    text_of = key_writer(step.shape.key_types)

    def change(batch: Pairs) -> Pairs:
        changed: Pairs = []
        for _, item in batch:
            row = item.event
            group = (None,) if row is None else group_of(row)
            changed.append((None if None in group else text_of(group), item))
        return changed

    return change


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


def grouped(fold: RowFold, show: Show) -> Change:
    """Return what makes a row of what a group has come to."""

    def change(batch: Pairs) -> Pairs:
        changed: Pairs = []
        for key, item in batch:
            state = item.event
            row = None if state is None else show(key, (*fold.row(state), item.time))
            changed.append((key, arrival(row, key, item)))
        return changed

    return change


def grouped_in_windows(fold: RowFold, show: Show) -> Change:
    """Return what makes a row of what a group has come to in a window."""

    def change(batch: Pairs) -> Pairs:
        changed: Pairs = []
        for key, item in batch:
            start = item.start
            end = item.end
            time = item.time
            state = item.value
            row = None if state is None else show(key, (*fold.row(state), start, end, time))
            window_key = windowed_key(key, (start, end))
            place = (item.topic, item.partition, item.offset)
            changed.append((window_key, Arrival(row, window_key, *place, time, item.stream_time)))
        return changed

    return change


def whole(_key: str | None, row: Row) -> Row:
    """Show a row as it is."""
    return row
