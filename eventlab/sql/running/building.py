"""From a plan to a flow: each step of the plan is one of the operators of `streams`, or a map.

What lies between two steps are pairs of a key's text (rows.key_text) and an Arrival whose event is
the row, a tuple, or None where a row is no more.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, TypeAlias

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import KeyedStream

from eventlab.sql.planning.plans import (
    Aggregate,
    Explode,
    JoinStreams,
    JoinTable,
    JoinTables,
    Project,
    Read,
    Rekey,
    Row,
    Step,
    Where,
)
from eventlab.sql.planning.rows import Shape, key_reader, key_text, windowed_key
from eventlab.sql.running.decoding import decoder
from eventlab.sql.running.folding import RowFold
from eventlab.sql.syntax import WindowClause
from eventlab.streams import (
    Arrival,
    Fold,
    Hopping,
    Session,
    TableFold,
    Tumbling,
    aggregate_table,
    aggregated,
    filtered_table,
    join_streams,
    join_table,
    join_tables,
    join_tables_by,
    windowed,
)
from eventlab.streams.arrivals import Timed
from eventlab.streams.windows import Windows

# bytewax's own types know no pair without a key; a step of ours leaves it out, or takes it.
Pair: TypeAlias = tuple[Any, Any]
Pairs: TypeAlias = list[Pair]
Rows: TypeAlias = KeyedStream[Any]
Report: TypeAlias = Callable[[str], object]
# Gives the records of a source's topic as Arrivals whose event is key and value in bytes.
ReadTopic: TypeAlias = Callable[[Dataflow, str, Read], Stream[Arrival]]

_GRACE_UNSAID = timedelta(days=1)  # what ksqlDB gives a window whose grace is not said


class Builder:
    """Build the steps of one query's plan into a flow."""

    def __init__(self, flow: Dataflow, name: str, read_topic: ReadTopic, report: Report):
        self._flow = flow
        self._name = name
        self._read_topic = read_topic
        self._report = report
        self._number = 0

    def build(self, step: Step) -> Rows:
        """Return the rows that a step gives."""
        match step:
            case Read():
                return self._read(step)
            case Where() if step.shape.kind == "table":
                return filtered_table(self._step("where"), self.build(step.up), step.condition)
            case Where():
                return self._mapped(step.up, _filter(step))
            case Rekey():
                return self._mapped(step.up, _rekeying(step))
            case Explode():
                return self._mapped(step.up, _explosion(step))
            case Project():
                return self._mapped(step.up, projecting(step))
            case Aggregate():
                return self._aggregate(step)
            case JoinStreams():
                return self._join_streams(step)
            case JoinTable():
                joined = join_table(
                    self._step("join"),
                    self.build(step.left),
                    self.build(step.right),
                    how=step.how,
                    versioned=False,
                )
                return self._map(
                    joined.joined, _joining(step.left.shape, step.right.shape, step.shape)
                )
            case JoinTables():
                return self._join_tables(step)

    def _step(self, what: str) -> str:
        self._number += 1
        return f"{self._name}_{self._number}_{what}"

    def _map(self, up: Rows, change: Callable[[str | None, Any], Iterable[Pair]]) -> Rows:
        def changed(batch: Pairs) -> Pairs:
            return [pair for key, item in batch for pair in change(key, item)]

        return op.flat_map_batch(self._step("rows"), up, changed)

    def _mapped(self, up: Step, change: Callable[[str | None, Any], Iterable[Pair]]) -> Rows:
        return self._map(self.build(up), change)

    def _read(self, step: Read) -> Rows:
        records = self._read_topic(self._flow, self._step("read"), step)
        return op.flat_map_batch(self._step("decode"), records, decoder(step, self._report))

    # -- joins ----------------------------------------------------------------------------------

    def _join_streams(self, step: JoinStreams) -> Rows:
        is_turned = step.how == "right"
        sides = [self.build(step.left), self.build(step.right)]
        spans = [step.within.after, step.within.before]
        shapes = [step.left.shape, step.right.shape]
        if is_turned:
            sides.reverse()
            spans.reverse()
            shapes.reverse()
        grace = step.within.grace
        joined = join_streams(
            self._step("join"),
            *sides,
            within=timedelta(milliseconds=spans[0]),
            before=timedelta(milliseconds=spans[1]),
            how="left" if is_turned else step.how,  # type: ignore[arg-type]
            grace=_GRACE_UNSAID if grace is None else timedelta(milliseconds=grace),
            alone="at once" if grace is None else "over",
            one_time=True,
        )
        change = _joining(step.left.shape, step.right.shape, step.shape, is_turned=is_turned)
        return self._map(joined.joined, change)

    def _join_tables(self, step: JoinTables) -> Rows:
        left = self.build(step.left)
        right = self.build(step.right)
        name = self._step("join")
        if step.foreign_key is not None:
            foreign_key = step.foreign_key

            def key_of(row: Row) -> str | None:
                return key_text([foreign_key(row)])

            read_key = key_reader(step.left.shape.key_types)
            rows = join_tables_by(
                name,
                left,
                right,
                key_of,
                how=step.how,  # type: ignore[arg-type]
                tombstones="all",
                order=lambda key: [(value is None, value) for value in read_key(key)],
            )
            return self._map(rows, _joining(step.left.shape, step.right.shape, step.shape))
        is_turned = step.how == "right"
        sides = (right, left) if is_turned else (left, right)
        rows = join_tables(name, *sides, how="left" if is_turned else step.how)  # type: ignore[arg-type]
        change = _joining(step.left.shape, step.right.shape, step.shape, is_turned=is_turned)
        return self._map(rows, change)

    # -- groups ---------------------------------------------------------------------------------

    def _aggregate(self, step: Aggregate) -> Rows:
        up = self._mapped(step.up, _grouping(step))
        fold = RowFold(step.aggregates)
        name = self._step("group")
        if step.up.shape.kind == "table":
            regrouped = op.map(self._step("row"), up, _with_own_key)
            table_fold = TableFold(fold.begin, fold.add_row, fold.subtract_row)
            rows = aggregate_table(name, regrouped, lambda _key, said: said[0], table_fold)
            return self._map(rows, _grouped(step, fold))
        events = op.map(self._step("event"), up, _without_own_key)
        kept = Fold(fold.begin, fold.add, fold.merge)
        if step.window is None:
            return self._map(aggregated(name, events, kept), _grouped(step, fold))
        grace = step.window.grace
        if grace is None and step.is_final:
            grace = 0
        windows = windowed(
            name,
            events,
            _windows(step.window),
            kept,
            grace=_GRACE_UNSAID if grace is None else timedelta(milliseconds=grace),
            emit="final" if step.is_final else "changes",
        )
        return self._map(windows.windows, _grouped_in_windows(step, fold))


# -- rows of one step ---------------------------------------------------------------------------


def arrival(row: Row | None, key: str | None, item: Timed) -> Arrival:
    """Return a row with the place and the times of the item that brought it."""
    place = (item.topic, item.partition, item.offset)
    return Arrival(row, key, *place, item.time, item.stream_time)


def _filter(step: Where) -> Callable[[str | None, Any], Iterable[Pair]]:
    holds = step.condition

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        return ((key, item),) if item.event is not None and holds(item.event) else ()

    return change


def _rekeying(step: Rekey) -> Callable[[str | None, Any], Iterable[Pair]]:
    columns = step.columns
    keys = step.shape.keys
    bounds_of = _bounds_reader(step.shape)
    old_keys = step.up.shape.keys
    read_key = key_reader(step.up.shape.key_types)
    nothing = [None] * len(step.up.shape.fields)

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        row = item.event
        known = row
        if row is None:
            known = list(nothing)
            for place, value in zip(old_keys, read_key(key), strict=True):
                known[place] = value
        whole = (*known, *(column(known) for column in columns))
        new_key = key_text([whole[place] for place in keys])
        if bounds_of is not None and row is not None:
            new_key = windowed_key(new_key, bounds_of(row))
        return ((new_key, arrival(None if row is None else whole, new_key, item)),)

    return change


def _bounds_reader(shape: Shape) -> Callable[[Row], tuple[int, int]] | None:
    if shape.window is None:
        return None
    places = [
        next(place for place, field in enumerate(shape.fields) if field.name == name)
        for name in ("WINDOWSTART", "WINDOWEND")
    ]
    return lambda row: (row[places[0]], row[places[1]])


def _explosion(step: Explode) -> Callable[[str | None, Any], Iterable[Pair]]:
    lists = step.lists

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        row = item.event
        if row is None:
            return ()
        found = [one(row) for one in lists]
        longest = max(map(len, found))
        rows = [
            (*row, *(one[number] if number < len(one) else None for one in found))
            for number in range(longest)
        ]
        return [(key, arrival(one, key, item)) for one in rows]

    return change


def projecting(step: Project) -> Callable[[str | None, Any], Iterable[Pair]]:
    """Return what makes of a row the columns of a result."""
    values = step.values
    read_key = key_reader(step.shape.key_types)

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        row = item.event
        if row is None:
            return ((key, arrival(None, key, item)),)
        shown = (*read_key(key), *(value(row) for value in values))
        return ((key, arrival(shown, key, item)),)

    return change


def _joining(
    left: Shape, right: Shape, both: Shape, *, is_turned: bool = False
) -> Callable[[str | None, Any], Iterable[Pair]]:
    no_left = (None,) * len(left.fields)
    no_right = (None,) * len(right.fields)
    has_own_key = len(both.fields) > len(no_left) + len(no_right) + 1
    read_key = key_reader([both.fields[both.keys[0]].kind])

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        if item.event is None:
            return ((key, arrival(None, key, item)),)
        first, second = (item.right, item.left) if is_turned else (item.left, item.right)
        row = (*(first or no_left), *(second or no_right), item.time)
        if has_own_key:
            row = (*row, read_key(key)[0])
        return ((key, arrival(row, key, item)),)

    return change


# -- rows of groups -----------------------------------------------------------------------------


def _grouping(step: Aggregate) -> Callable[[str | None, Any], Iterable[Pair]]:
    """Return what makes of a row what is folded of it: its group's key, its group, arguments."""
    groups = step.groups
    arguments = [one.arguments for one in step.aggregates]

    def change(key: str | None, item: Any) -> Iterable[Pair]:
        row = item.event
        if row is None:
            return ((key, arrival(None, key, item)),)
        group = tuple(one(row) for one in groups)
        if None in group:
            return ((key, arrival(None, key, item)),)
        taken = tuple(tuple(one(row) for one in of_one) for of_one in arguments)
        return ((key, arrival((key_text(group), group, taken), key, item)),)

    return change


def _with_own_key(pair: Pair) -> Pair:
    return pair


def _without_own_key(pair: Pair) -> Pair:
    """Return an event of a group by the group's key."""
    _, item = pair
    return (None if item.event is None else item.event[0]), item


def _grouped(step: Aggregate, fold: RowFold) -> Callable[[str | None, Any], Iterable[Pair]]:
    def change(key: str | None, item: Any) -> Iterable[Pair]:
        if item.event is None:
            return ((key, arrival(None, key, item)),)
        row = (*fold.row(item.event), item.time)
        return ((key, arrival(row, key, item)),)

    return change


def _grouped_in_windows(
    step: Aggregate, fold: RowFold
) -> Callable[[str | None, Any], Iterable[Pair]]:
    def change(key: str | None, item: Any) -> Iterable[Pair]:
        bounds = (item.start, item.end)
        window_key = windowed_key(key, bounds)
        if item.value is None:
            return ((window_key, arrival(None, window_key, item)),)
        row = (*fold.row(item.value), *bounds, item.time)
        return ((window_key, arrival(row, window_key, item)),)

    return change


def _windows(window: WindowClause) -> Windows:
    size = timedelta(milliseconds=window.size)
    if window.kind == "session":
        return Session(size)
    if window.kind == "tumbling":
        return Tumbling(size)
    assert window.advance is not None  # the parser asks for it
    return Hopping(size, timedelta(milliseconds=window.advance))
