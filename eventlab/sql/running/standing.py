"""Standing queries: those whose results are kept in a topic, run as flows."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from eventlab.errors import EventlabError
from eventlab.flows import Running
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Step
from eventlab.sql.running.counting import Counts

Ends: TypeAlias = dict[tuple[str, int], int]  # the next offset of each topic and partition
State: TypeAlias = Literal["running", "paused", "failed", "ended"]


@dataclass
class Standing:
    """A query that runs until it is terminated; `make` returns a flow that goes on where it was."""

    query_id: str
    text: str
    plan: Step
    target: Source
    make: Callable[[], Running]
    flow: Running
    inserts: bool = False  # into a stream that it has not made
    settled: Ends | None = None  # what it had read when its results were seen to be all there
    looks: Counter[str] = field(default_factory=Counter)  # how often it looked into each source
    pausing: threading.Event = field(default_factory=threading.Event)  # its flow reads nothing
    counted: Counts = field(default_factory=Counts)  # by its flow

    @property
    def state(self) -> State:
        """Return how it is."""
        if self.flow.is_alive:
            return "paused" if self.pausing.is_set() else "running"
        return "failed" if self.flow.error is not None else "ended"

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, None if nothing did."""
        return self.flow.error

    @property
    def counts(self) -> dict[int, int]:
        """Return how many rows each step has given, by its number in EXPLAIN, since it began.

        Of a source these are the records that were read. Any thread may ask.
        """
        return self.counted.of(self.plan)

    def pause(self) -> None:
        """Let it stand still; nothing that comes meanwhile is lost, and nothing is read twice."""
        self.pausing.set()

    def resume(self) -> None:
        """Let it go on where it stood still, or where it failed."""
        self.pausing.clear()
        if self.flow.is_alive:
            return
        self.flow = self.make()
        self.flow.start()

    def stop(self) -> None:
        """End it."""
        self.flow.stop()
