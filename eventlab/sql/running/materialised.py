"""A table as it is now: its rows by key, kept up to date from its topic, for pull queries."""

import threading
import time
from typing import Any, TypeAlias

from eventlab.errors import BrokerError
from eventlab.flows import Running
from eventlab.log import Topic
from eventlab.sql.catalog import Source
from eventlab.streams import Arrival

Pair: TypeAlias = tuple[str | None, Arrival]

_LOOK_SECONDS = 0.005
_PATIENCE_SECONDS = 30.0


class Materialised:
    """The last row of each key; `take` is called in the thread of the flow that reads the topic."""

    def __init__(self, topic: Topic):
        self._topic = topic
        self._rows: dict[str, Arrival] = {}
        self._lock = threading.Lock()
        self._flow: Running | None = None
        self._looks = 0

    def look(self, _source: Source) -> bool:
        """Count that the flow looks for more, before it does; it is never to stand still."""
        self._looks += 1
        return False

    def start(self, flow: Running) -> None:
        """Let the flow begin that reads the topic."""
        self._flow = flow
        flow.start()

    def stop(self) -> None:
        """End the flow."""
        if self._flow is not None:
            self._flow.stop()

    def take(self, batch: list[Any]) -> None:
        """Take in changes: rows, and tombstones of those that are no more."""
        with self._lock:
            for key, item in batch:
                if item.event is None:
                    self._rows.pop(key, None)
                else:
                    self._rows[key] = item

    def rows(self) -> list[Pair]:
        """Return all rows, with all that its topic held when this was called.

        Raises what ended the flow, and BrokerError if the end is not reached in half a minute.
        """
        self.wait_for_all()
        with self._lock:
            return list(self._rows.items())

    def wait_for_all(self) -> None:
        """Wait until all is taken in that its topic holds now; raises as `rows` does."""
        flow = self._flow
        assert flow is not None  # start has been called
        ends = self._topic.end_offsets(committed=True)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        due: int | None = None
        # What was read is taken by the time at which the flow looks for more.
        while due is None or self._looks < due:
            if due is None and self._is_at(ends):
                due = self._looks + 2 * len(ends) + 1
            if flow.error is not None:
                raise flow.error
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"The table in {self._topic} could not be read to its end",
                    expected=f"all of it within {_PATIENCE_SECONDS:.0f} s",
                    found=f"{flow.count} records",
                    remedy="Look whether the broker runs, and ask again.",
                )
            time.sleep(_LOOK_SECONDS)

    def _is_at(self, ends: dict[int, int]) -> bool:
        flow = self._flow
        assert flow is not None
        found = {number: offset for (_, number), offset in flow.positions.items()}
        return all(found.get(number, 0) >= end for number, end in ends.items())
