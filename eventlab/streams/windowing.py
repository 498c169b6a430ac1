"""An operator for windows whose results are the same for every batch size, and after a crash.

bytewax's own windows keep a watermark for each key, which moves with the wall clock too. Here an
event is judged by the stream time of its partition, stamped where it was read, and windows close
when every partition's stream time has passed them: so an idle key's windows close as well.
"""

import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import bytewax.operators as op
from bytewax.dataflow import operator
from bytewax.operators import KeyedStream, StatefulBatchLogic

from eventlab.streams.arguments import required_length, required_one_of
from eventlab.streams.arrivals import Arrival
from eventlab.streams.results import Late, Window
from eventlab.streams.shards import Dealt, Partition, StreamTimes, dealing
from eventlab.streams.windows import FOREVER, Changed, Fold, Missed, Windows


@dataclass(frozen=True)
class Windowed:
    """Both streams of `windowed`: the windows by key, and what came too late for one."""

    windows: KeyedStream[Window]
    late: KeyedStream[Late]


@operator
def windowed(
    step_id: str,
    up: KeyedStream[Arrival],
    kind: Windows,
    fold: Fold,
    *,
    grace: timedelta = timedelta(0),
    emit: Literal["changes", "final"] = "changes",
    partitions: Iterable[Partition] | None = None,
) -> Windowed:
    """Fold the events of each key into windows of event time.

    With `emit="changes"` every event gives the new value of each window it belongs to; with
    "final" each window comes once, when no event of any partition can change it any more, or when
    the input ends. An event is late for a window when the stream time of its own partition is past
    the window's end and the grace; below `watermarked`, when the watermark is. `partitions` are
    those whose stream time is waited for, by default all that the flow's topics have above this
    step. Raises UsageError.
    """
    is_final = required_one_of("emit", emit, ["changes", "final"]) == "final"
    patience = required_length("A grace", grace, least=timedelta(0))
    kind.require(fold)
    hand_out, awaited = dealing(up, partitions)
    settings = kind, fold, patience, is_final, awaited
    dealt = op.flat_map_batch("deal", up, hand_out)
    folded = op.stateful_batch("fold", dealt, lambda state: _Shard(*settings, state))
    return Windowed(
        windows=op.flat_map_batch("windows", folded, lambda batch: _each(batch, 0)),
        late=op.flat_map_batch("late", folded, lambda batch: _each(batch, 1)),
    )


def _each(batch: list[tuple[str, tuple[Changed, Missed]]], which: int) -> list[tuple[str, Any]]:
    return [pair for _, both in batch for pair in both[which]]


class _Shard(StatefulBatchLogic):
    """The windows of some keys, and how far each partition's stream time is."""

    def __init__(
        self,
        kind: Windows,
        fold: Fold,
        grace: int,
        is_final: bool,
        partitions: frozenset[Partition],
        state: bytes | None,
    ):
        self._kind, self._fold, self._grace, self._is_final = kind, fold, grace, is_final
        self._windows, times = pickle.loads(state) if state else ({}, {})
        self._times = StreamTimes(partitions, times)

    def on_batch(self, values: list[Dealt]) -> tuple[list, bool]:
        changes: Changed = []
        missed: Missed = []
        add, windows, fold, grace = self._kind.add, self._windows, self._fold, self._grace
        for pairs, times in values:
            for key, arrival in pairs:
                changed, late = add(windows, key, arrival, fold, grace)
                if not self._is_final:
                    changes += changed
                missed += late
            if self._times.heed(times):
                closed = self._kind.close(windows, fold, grace, self._times.passed)
                changes += closed if self._is_final else []
        return ([(changes, missed)] if changes or missed else []), self.RETAIN

    def on_eof(self) -> tuple[list, bool]:
        if not self._is_final:
            return [], self.RETAIN
        changes = self._kind.close(self._windows, self._fold, self._grace, FOREVER)
        return ([(changes, [])] if changes else []), self.RETAIN

    def snapshot(self) -> bytes:
        return pickle.dumps((self._windows, self._times.times))
