"""Where the rows go of a query that keeps them nowhere: to a function, batch by batch."""

from collections.abc import Callable
from typing import Any

from bytewax.outputs import DynamicSink, StatelessSinkPartition


class Collector(DynamicSink[Any]):
    """Hand each batch that leaves a flow to a function, in the flow's own thread."""

    def __init__(self, take: Callable[[list[Any]], object]):
        self._take = take

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Part":
        """Return the part of one worker."""
        return _Part(self._take)


class _Part(StatelessSinkPartition[Any]):
    def __init__(self, take: Callable[[list[Any]], object]):
        self._take = take

    def write_batch(self, items: list[Any]) -> None:
        self._take(items)
