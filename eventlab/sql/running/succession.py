"""The rows of a stream or a table one after the other, as ASSERT VALUES looks at them."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from eventlab.log import Topic
from eventlab.sql.catalog import Source
from eventlab.sql.planning.asserting import Pair
from eventlab.sql.running.materialised import Materialised

_MOST_WAITING = 1000
_FIRST_SECONDS = 2.0  # a row that a query is about to write comes sooner than that


class Succession(Materialised):
    """The rows that nobody has looked at yet, with tombstones; `take` is called by the flow.

    While many wait, no more are read: they would fill the memory of a server.
    """

    def __init__(self, topic: Topic):
        super().__init__(topic)
        self._waiting: deque[Pair] = deque()
        self._changed = threading.Condition()
        self.looked_at = 0

    def look(self, source: Source) -> bool:
        """Count that the flow looks for more, and tell whether it is to stand still."""
        return super().look(source) or len(self._waiting) >= _MOST_WAITING

    def take(self, batch: list[Any]) -> None:
        """Take in rows, those of each partition in their order."""
        with self._changed:
            self._waiting.extend(batch)
            self._changed.notify_all()

    def next(self, settle: Callable[[], object]) -> Pair | None:
        """Return the next row, None where there is none.

        One that has not come in two seconds is waited for until the queries that write it have
        read all, which `settle` waits for. Raises what ended the flow, and BrokerError.
        """
        if not self._has_come():
            settle()
            self.wait_for_all()
        with self._changed:
            if not self._waiting:
                return None
            self.looked_at += 1
            return self._waiting.popleft()

    def _has_come(self) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._waiting), _FIRST_SECONDS)
