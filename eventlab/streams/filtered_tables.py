"""Tables of those rows of a table for which something holds."""

from collections.abc import Callable
from typing import Any

from bytewax.operators import KeyedStream

from eventlab.streams.aggregates import RowKey, row_key_of
from eventlab.streams.arrivals import Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Row
from eventlab.streams.steps import Pair, Step, results_of, stepped


@operator
def filtered_table(
    step_id: str, table: KeyedStream[Timed], holds: Callable[[Any], bool]
) -> KeyedStream[Any]:
    """Keep the rows of a table for which something holds, and follow the table.

    `holds` takes what a row says. A row for which it holds no longer, or that is deleted, is taken
    back by a tombstone; one for which it never held is not spoken of. Raises UsageError.

    Examples:
        >>> stock = events("stock", ("pen", 0, 9), ("ink", 1, 1), ("pen", 2, 0))
        >>> show(filtered_table("in stock", stock, lambda number: number > 3))
        pen 9 at 0
        pen is no more at 2
    """
    worked = stepped(step_id, [table], lambda state: _Filtering(step_id, holds, state))
    return results_of("rows", worked)


class _Filtering(Step):
    """The keys of those rows for which it holds."""

    def __init__(self, step_id: str, holds: Callable[[Any], bool], state: Any):
        self._holds = holds
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the keys."""
        self._shown: set[RowKey] = set(kept or ())

    def kept(self) -> Any:
        """Return the keys."""
        return frozenset(self._shown)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Let each row leave for which it holds, and take back those for which it did."""
        for key, row in pairs:
            if key is None:
                continue
            row_key = row_key_of(key, row)
            if row.event is not None and self._holds(row.event):
                self._shown.add(row_key)
                self.results.put_again(key, row)
            elif row_key in self._shown:
                self._shown.remove(row_key)
                self.results.put(key, Row, None, time=row.time, lane=row.partition)
