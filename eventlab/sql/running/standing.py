"""Standing queries: those whose results are kept in a topic, run as flows."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from eventlab.errors import EventlabError
from eventlab.flows import Running
from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Step, sources_of
from eventlab.sql.running.counting import Counts

Ends: TypeAlias = dict[tuple[str, int], int]  # the next offset of each topic and partition
State: TypeAlias = Literal["running", "paused", "failed", "ended"]
# Where its topics are read from: offsets by topic and partition, 0 where none is said.
Begin: TypeAlias = Literal["earliest", "latest"] | dict[str, dict[int, int]]


@dataclass(frozen=True)
class Layout:
    """How a query is split, and where it begins: as its topics were when it was made.

    Where it has a `topic` of its own, the first `parts` pass rows on through it, and as many behind
    them each read a partition of it, and all of any table.
    """

    parts: int = 1
    start: Begin = "earliest"
    topic: str = ""

    @property
    def all_parts(self) -> int:
        """Return the number of all parts."""
        return 2 * self.parts if self.topic else self.parts

    def is_behind(self, part: int) -> bool:
        """Tell whether a part reads what others pass on."""
        return part >= self.parts

    def is_in(self, part: int, partition: int) -> bool:
        """Tell whether a part reads a partition of a source."""
        return self.is_behind(part) or partition % self.parts == part


@dataclass
class Standing:
    """A query that runs until it is terminated, as a flow for each of its parts.

    `make` returns the flow of a part, which goes on where it was. Those run here that `begin` was
    called for.
    """

    query_id: str
    text: str
    plan: Step
    target: Source
    make: Callable[[int], Running]
    layout: Layout = Layout()
    inserts: bool = False  # into a stream that it has not made
    settled: Ends | None = None  # what it had read when its results were seen to be all there
    looks: Counter[str] = field(default_factory=Counter)  # how often it looked into each source
    pausing: threading.Event = field(default_factory=threading.Event)  # its flows read nothing
    flows: dict[int, Running] = field(default_factory=dict)  # of the parts that run here
    failures: dict[int, EventlabError] = field(default_factory=dict)  # of those that cannot begin
    leaving: set[int] = field(default_factory=set)  # parts that read nothing more before their end
    elsewhere: Callable[[], Ends] = dict  # what those have read that run on other servers
    counted: dict[int, Counts] = field(default_factory=dict)  # by the flow of each part

    @property
    def reads(self) -> set[str]:
        """Return the names of the streams and tables that it reads."""
        return {source.name for source in sources_of(self.plan)}

    @property
    def tasks(self) -> list[str]:
        """Return the name of each part: by it a store is found, and who runs it."""
        number = self.layout.all_parts
        return [self.query_id] if number == 1 else [f"{self.query_id}-{n}" for n in range(number)]

    @property
    def state(self) -> State:
        """Return how those parts are that run here."""
        states = {self.state_of(part) for part in {*self.flows, *self.failures}}
        order: list[State] = ["failed", "paused", "running"]
        return next((one for one in order if one in states), "ended")

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, None if nothing did."""
        errors = (self.error_of(part) for part in {*self.flows, *self.failures})
        return next((one for one in errors if one is not None), None)

    @property
    def positions(self) -> Ends:
        """Return the offset of the next record to be read of each topic and partition."""
        return least_of(flow.positions for flow in list(self.flows.values()))

    @property
    def is_busy(self) -> bool:
        """Tell whether any of its flows runs here, though it may have been asked to end."""
        return any(flow.is_alive for flow in self.flows.values())

    @property
    def is_at_work(self) -> bool:
        """Tell whether it reads, here or elsewhere."""
        return self.state == "running" or (self.state == "ended" and bool(self.elsewhere()))

    def state_of(self, part: int) -> State:
        """Return how a part is that runs here."""
        flow = self.flows.get(part)
        if flow is not None and flow.is_alive:
            return "paused" if self.pausing.is_set() else "running"
        return "ended" if self.error_of(part) is None else "failed"

    def error_of(self, part: int) -> EventlabError | None:
        """Return what ended a part, or keeps it from beginning."""
        flow = self.flows.get(part)
        return self.failures.get(part) if flow is None else flow.error

    def reads_nothing(self, part: int) -> bool:
        """Tell whether a part stands still."""
        return self.pausing.is_set() or part in self.leaving

    def begin(self, part: int = 0) -> None:
        """Let a part run here, where it was. Raises EventlabError where it cannot."""
        self.leaving.discard(part)
        flow = self.make(part)
        flow.start()
        self.failures.pop(part, None)
        self.flows[part] = flow

    def end(self, part: int) -> None:
        """End a part; what it knows stays."""
        flow = self.flows.pop(part, None)
        self.failures.pop(part, None)
        if flow is not None:
            flow.stop()
        self.leaving.discard(part)

    @property
    def counts(self) -> dict[int, int]:
        """Return how many rows each step has given, by its number in EXPLAIN, since it began.

        Of a source these are the records that were read. Any thread may ask.
        """
        total: Counter[int] = Counter(dict.fromkeys(Counts().of(self.plan), 0))
        for counts in list(self.counted.values()):
            total.update(counts.of(self.plan))
        return dict(total)

    def pause(self) -> None:
        """Let it stand still; nothing that comes meanwhile is lost, and nothing is read twice."""
        self.pausing.set()

    def resume(self) -> None:
        """Let it go on where it stood still, or where it failed."""
        for part in sorted({*self.flows, *self.failures}):
            if part in self.failures or not self.flows[part].is_alive:
                self.begin(part)
        self.pausing.clear()

    def stop(self) -> None:
        """End all parts that run here."""
        for flow in self.flows.values():
            flow.stop()


def least_of(each: Iterable[Ends]) -> Ends:
    """Return what all have read: a partition of a joined table may be read by several parts."""
    found: Ends = {}
    for positions in each:
        for place, offset in positions.items():
            found[place] = min(offset, found.get(place, offset))
    return found
