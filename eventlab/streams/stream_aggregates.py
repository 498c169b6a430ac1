"""Tables made of streams: the events of each key folded into one row."""

import pickle
from typing import Any

from bytewax.operators import KeyedStream

from eventlab.streams.arrivals import NEVER, Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Row
from eventlab.streams.steps import Pair, Step, results_of, stepped
from eventlab.streams.windows import Fold

_NOTHING = pickle.dumps({})


@operator
def aggregated(step_id: str, up: KeyedStream[Timed], fold: Fold) -> KeyedStream[Row]:
    """Fold the events of each key into one row, and let it leave at every event.

    `fold` takes the value so far and an event; a value of None takes the row back, and the next
    event begins anew. What has no key or no value is left out. A row's time is the greatest of its
    events (Kafka Streams' KGroupedStream.aggregate). Raises UsageError.

    Examples:
        >>> count = Fold(int, lambda number, order: number + 1)
        >>> orders = events("orders", ("ann", 1, "pen"), ("ann", 4, "ink"))
        >>> show(aggregated("counts", orders, count))
        ann 1 at 1
        ann 2 at 4
    """
    worked = stepped(step_id, [up], lambda state: _Folding(step_id, fold, state))
    return results_of("rows", worked)


class _Folding(Step):
    """The row of each key, and the greatest time of its events."""

    def __init__(self, step_id: str, fold: Fold, state: Any):
        self._fold = fold
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows."""
        self._rows: dict[str, tuple[Any, int]] = pickle.loads(kept or _NOTHING)

    def kept(self) -> Any:
        """Return the rows."""
        # A learner's fold may change the value that it gave.
        return pickle.dumps(self._rows)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Fold each event into the row of its key."""
        for key, event in pairs:
            if key is None or event.event is None:
                continue
            before = self._rows.get(key)
            value, newest = (self._fold.begin(), NEVER) if before is None else before
            value = self._fold.add(value, event)
            newest = max(newest, event.time)
            if value is None:
                self._rows.pop(key, None)
            else:
                self._rows[key] = (value, newest)
            self.results.put(key, Row, value, time=newest, lane=event.partition)
