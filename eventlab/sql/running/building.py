"""From a plan to a flow: each step of the plan is one of the operators of `streams`, or a map.

What lies between two steps are pairs of a key's text (rows.key_text) and an Arrival whose event is
the row, a tuple, or None where a row is no more.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

import bytewax.operators as op
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.moments import duration_from_milliseconds
from eventlab.sql.planning.plans import (
    Aggregate,
    Evaluate,
    Explode,
    JoinStreams,
    JoinTable,
    JoinTables,
    Project,
    Read,
    Rekey,
    Repartition,
    Row,
    Step,
    Where,
)
from eventlab.sql.planning.rows import key_order, key_text
from eventlab.sql.running.changes import (
    Change,
    Leave,
    Pairs,
    Report,
    Show,
    exploding,
    filtering,
    joining,
    leaving,
    paired,
    projecting,
    rekeying,
    showing,
    without_failing,
)
from eventlab.sql.running.counting import Counts
from eventlab.sql.running.decoding import decoder
from eventlab.sql.running.folding import RowFold
from eventlab.sql.running.grouping import (
    group_key,
    grouped,
    grouped_in_windows,
    grouping_events,
    grouping_rows,
    whole,
)
from eventlab.sql.syntax import WindowClause
from eventlab.sql.types import SqlType
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
from eventlab.streams.arrivals import Place
from eventlab.streams.windows import Windows

Rows: TypeAlias = KeyedStream[Any]
# Gives the records of a source's topic as Arrivals whose event is key and value in bytes, or those
# that were passed on as Arrivals of rows.
ReadTopic: TypeAlias = Callable[[Dataflow, str, Read | Repartition], Stream[Arrival]]
# Gives the partitions of the source that the rows of a step are of.
PlacesOf: TypeAlias = Callable[[Step], list[Place]]

_Decoder: TypeAlias = Callable[[list[Arrival]], Pairs]

_SILENT = timedelta(milliseconds=100)  # so long an event waits for a table in which nothing comes
_GRACE_UNSAID = timedelta(days=1)  # what ksqlDB gives a window whose grace is not said


class Builder:
    """Build the steps of one query's plan into a flow.

    With `by_time` an event waits for the row of a table that is of its time, since topics are read
    beside each other; without it an event meets the row that came before it. What each step gives
    is counted in `counts`. A step that repartitions is read; `passed_on` builds what is written
    for it, in another flow.
    """

    def __init__(
        self,
        flow: Dataflow,
        name: str,
        read_topic: ReadTopic,
        report: Report,
        *,
        by_time: bool = False,
        counts: Counts | None = None,
        places_of: PlacesOf = lambda _: [],
    ):
        self._flow = flow
        self.name = name
        self._read_topic = read_topic
        self._report = report
        self._by_time = by_time
        self._counts = counts or Counts()
        self._places_of = places_of
        self._number = 0

    def build(self, step: Step) -> Rows:
        """Return the rows that a step gives."""
        match step:
            case Read():
                return self._read(step)
            case Where() if step.shape.kind == "table":
                return filtered_table(self._step("where"), self.build(step.up), step.condition)
            case Where():
                return self._mapped(step.up, filtering(step), step)
            case Rekey():
                return self._mapped(step.up, rekeying(step), step)
            case Repartition():
                passed = self._read_topic(self._flow, self._step("read"), step)
                return op.flat_map_batch(self._step("passed"), passed, _by_their_keys)
            case Explode():
                return self._mapped(step.up, exploding(step), step)
            case Project():
                return self._project(step)
            case Aggregate():
                return self._aggregate(step, whole, paired, step)
            case JoinStreams():
                return self._join_streams(step)
            case JoinTable():
                joined = join_table(
                    self._step("join"),
                    self.build(step.left),
                    self.build(step.right),
                    how=step.how,
                    versioned=self._by_time,
                    idle=_SILENT,
                    partitions=self._places_of_both(step),
                )
                return self._map(
                    joined.joined, joining(step.left.shape, step.right.shape, step.shape), step
                )
            case JoinTables():
                return self._join_tables(step)

    def records(self, step: Step, leave: Leave) -> Stream[Any]:
        """Return what the rows of a step leave as, in place of the rows."""
        if isinstance(step, Project):
            return self._project(step, leave)
        return op.flat_map_batch(self._step("write"), self.build(step), leaving(leave))

    def passed_on(self, step: Repartition, pass_on: Callable[[Pairs], list[Any]]) -> Stream[Any]:
        """Return what `pass_on` makes of the rows that a step repartitions, by their new keys."""
        rows = self._grouping(step.up, step.groups, step.kinds) if step.groups else None
        counted = self._counts.counting(pass_on, taken=[step])
        return op.flat_map_batch(self._step("pass_on"), rows or self.build(step.up), counted)

    def _step(self, what: str) -> str:
        self._number += 1
        return f"{self.name}_{self._number}_{what}"

    def _map(self, up: Rows, change: Change, *given: Step, taken: Sequence[Step] = ()) -> Rows:
        """Return rows changed, which are what the steps `given` give."""
        safely = without_failing(change, self._report)
        counted = self._counts.counting(safely, taken=taken, given=given)
        return op.flat_map_batch(self._step("rows"), up, counted)

    def _mapped(self, up: Step, change: Change, *given: Step) -> Rows:
        # What an operator filters is counted where it comes out.
        taken = [up] if isinstance(up, Where) and up.shape.kind == "table" else []
        return self._map(self.build(up), change, *given, taken=taken)

    def _project(self, step: Project, leave: Leave = paired) -> Rows:
        """Return what a query shows; done in one go with what comes just before, where it can be.

        A row costs more to hand on than to make.
        """
        up = step.up
        if isinstance(up, Aggregate):
            return self._aggregate(up, showing(step), leave, up, step)
        rows = self._read_of(up, step, show=showing(step), leave=leave)
        return self._mapped(up, projecting(step, leave), step) if rows is None else rows

    def _read_of(self, step: Step, *given: Step, **options: Any) -> Rows | None:
        """Return what a topic's rows, or those that a filter leaves of a stream, become as read."""
        match step:
            case Read():
                return self._read(step, *given, **options)
            case Where(Read() as read, condition, shape) if shape.kind == "stream":
                return self._read(read, step, *given, holds=condition, **options)
        return None

    def _read(self, step: Read, *given: Step, **options: Any) -> Rows:
        records = self._read_topic(self._flow, self._step("read"), step)

        def decoding(newest: dict[int, int]) -> _Decoder:
            decode = decoder(step, self._report, newest=newest, **options)
            return self._counts.counting(decode, taken=[step], given=given)

        if step.source.event_time is None or "leave" in options:
            return op.flat_map_batch(self._step("decode"), records, decoding({}))
        batches = op.flat_map_batch(self._step("gather"), records, _as_one)
        rows = op.stateful_batch(
            self._step("decode"), batches, lambda kept: _Decode(decoding, kept)
        )
        return op.flat_map_batch(self._step("decoded"), rows, _taken_apart)

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
            within=duration_from_milliseconds(spans[0]),
            before=duration_from_milliseconds(spans[1]),
            how="left" if is_turned else step.how,  # type: ignore[arg-type]
            grace=_GRACE_UNSAID if grace is None else duration_from_milliseconds(grace),
            alone="at once" if grace is None else "over",
            one_time=True,
        )
        change = joining(step.left.shape, step.right.shape, step.shape, is_turned=is_turned)
        return self._map(joined.joined, change, step)

    def _join_tables(self, step: JoinTables) -> Rows:
        left = self.build(step.left)
        right = self.build(step.right)
        name = self._step("join")
        if step.foreign_key is not None:
            foreign_key = step.foreign_key

            def key_of(row: Row) -> str | None:
                return key_text([foreign_key(row)])

            rows = join_tables_by(
                name,
                left,
                right,
                key_of,
                how=step.how,  # type: ignore[arg-type]
                tombstones="all",
                order=key_order(step.left.shape.key_types),
            )
            return self._map(rows, joining(step.left.shape, step.right.shape, step.shape), step)
        is_turned = step.how == "right"
        sides = (right, left) if is_turned else (left, right)
        rows = join_tables(name, *sides, how="left" if is_turned else step.how)  # type: ignore[arg-type]
        change = joining(step.left.shape, step.right.shape, step.shape, is_turned=is_turned)
        return self._map(rows, change, step)

    def _places_of_both(self, step: JoinTable) -> tuple[list[Place], list[Place]] | None:
        stream = self._places(step.left)
        return None if stream is None else (stream, self._places_of(step.right))

    def _places(self, step: Step) -> list[Place] | None:
        """Return the partitions that rows were passed on from, None where they were not."""
        return self._places_of(step) if isinstance(step, Repartition) else None

    # -- groups ---------------------------------------------------------------------------------

    def _grouping(self, up: Step, groups: Sequence[Evaluate], kinds: Sequence[SqlType]) -> Rows:
        """Return the rows of a stream by the keys of their groups."""
        if isinstance(up, Repartition):
            return self.build(up)
        key_of = group_key(groups, kinds)
        rows = self._read_of(up, key_of=key_of)
        return self._mapped(up, grouping_events(key_of)) if rows is None else rows

    def _aggregate(self, step: Aggregate, show: Show, leave: Leave, *given: Step) -> Rows:
        fold = RowFold(step.aggregates, step.groups, self._report)
        name = self._step("group")
        if step.up.shape.kind == "table":
            said = self._mapped(step.up, grouping_rows(step))
            table_fold = TableFold(fold.begin, fold.add_row, fold.subtract_row)
            rows = aggregate_table(name, said, lambda _key, row: row[0], table_fold)
            return self._map(rows, grouped(fold, show, leave), *given)
        events = self._grouping(step.up, step.groups, step.shape.key_types)
        kept = Fold(fold.begin, fold.add, fold.merge)
        if step.window is None:
            return self._map(aggregated(name, events, kept), grouped(fold, show, leave), *given)
        grace = step.window.grace
        if grace is None and step.is_final:
            grace = 0
        windows = windowed(
            name,
            events,
            _windows(step.window),
            kept,
            grace=_GRACE_UNSAID if grace is None else duration_from_milliseconds(grace),
            emit="final" if step.is_final else "changes",
            partitions=self._places(step.up),
        )
        return self._map(windows.windows, grouped_in_windows(fold, show, leave), *given)


def _as_one(batch: list[Arrival]) -> list[tuple[str, list[Arrival]]]:
    return [("", batch)]


class _Decode(StatefulBatchLogic[list[Arrival], Pairs, dict[int, int]]):
    """Records decoded by who knows the stream time of each partition, also after a crash.

    The source keeps that of its records alone, and not what a column says.
    """

    def __init__(self, decoding: Callable[[dict[int, int]], _Decoder], kept: dict[int, int] | None):
        self._newest = dict(kept or {})
        self._decode = decoding(self._newest)

    def on_batch(self, values: list[list[Arrival]]) -> tuple[list[Pairs], bool]:
        """Decode what came, in its order."""
        return [self._decode(batch) for batch in values], self.RETAIN

    def snapshot(self) -> dict[int, int]:
        """Return how far each partition is."""
        return dict(self._newest)


def _taken_apart(batch: list[tuple[str, Pairs]]) -> Pairs:
    return [pair for _, pairs in batch for pair in pairs]


def _by_their_keys(passed: list[Arrival]) -> Pairs:
    return [(one.key, one) for one in passed]


def _windows(window: WindowClause) -> Windows:
    size = duration_from_milliseconds(window.size)
    if window.kind == "session":
        return Session(size)
    if window.kind == "tumbling":
        return Tumbling(size)
    assert window.advance is not None  # the parser asks for it
    return Hopping(size, duration_from_milliseconds(window.advance))
