"""The beginning of a join of a stream with a table: the table is read first, as far as it went.

Both topics are read beside each other, and an event waits only so long for a table that is silent:
without this, events that are read early find no row where the table is slow to begin.
"""

from collections.abc import Callable

from eventlab.flows import Running
from eventlab.log import Topic
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Step, sources_of


class TablesFirst:
    """Hold the streams of a plan back until its tables are there; `flow` is set before it starts.

    A plan without tables holds nothing back, nor does one without streams. `is_read` says of which
    partitions the flow reads at all.
    """

    def __init__(
        self,
        plan: Step,
        open_topic: Callable[[str], Topic],
        is_read: Callable[[int], bool] = lambda _: True,
    ):
        self.flow: Running | None = None
        self._ends = {
            (topic.name, number): end
            for topic in [open_topic(one.topic) for one in sources_of(plan) if one.kind == "table"]
            for number, end in topic.end_offsets(committed=True).items()
            if is_read(number)
        }

    def holds(self, source: Source) -> bool:
        """Tell whether a source is not to be read yet; asked in the thread of the flow."""
        if source.kind == "table" or not self._ends:
            return False
        positions = {} if self.flow is None else self.flow.positions
        self._ends = {
            place: end for place, end in self._ends.items() if positions.get(place, 0) < end
        }
        return bool(self._ends)
