"""A join of a stream with a table: each event gets the row that was valid at its own time.

Kafka Streams does this with a versioned table (KIP-889, KIP-914) and a grace (KIP-923). A row
counts for an event if it is not newer than the event, and came before the table's stream time had
passed the event by more than the grace. That depends on the two topics alone, not on which of them
was read faster.
"""

from dataclasses import dataclass
from datetime import timedelta
from heapq import heappop, heappush
from time import monotonic
from typing import Any, Literal, NamedTuple

from bytewax.operators import KeyedStream

from eventlab.arguments import required_duration, required_milliseconds, required_one_of
from eventlab.streams.arrivals import FOREVER, Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Late
from eventlab.streams.steps import Pair, Step, late_of, results_of, stepped
from eventlab.streams.stream_joins import IDLE, NOTHING, Both, Joins, clocks_of
from eventlab.streams.stream_times import StreamTimes
from eventlab.streams.upstream import Clock
from eventlab.streams.versions import Versions

HISTORY = timedelta(days=1)

_STREAM = 0
_TABLE = 1
_A_LITTLE = 0.001  # so that what is silent counts as silent when one looks


@dataclass(frozen=True)
class _Settings:
    is_left: bool
    grace: int
    history: int
    idle: timedelta | None
    clocks: list[Clock]


@operator
def join_table(
    step_id: str,
    stream: KeyedStream[Timed],
    table: KeyedStream[Timed],
    *,
    how: Literal["inner", "left"] = "inner",
    versioned: bool = True,
    grace: timedelta = NOTHING,
    history: timedelta = HISTORY,
    idle: timedelta | None = IDLE,
    partitions: Both | None = None,
) -> Joins:
    """Join each event of a stream with the row that a table had for its key at the event's time.

    An event waits until the table's stream time has passed it by the grace, so that a row that
    belongs to its past is there. What holds it back and was silent for `idle`, by the wall clock,
    is waited for no longer once the event has waited as long (Kafka Streams' max.task.idle.ms);
    with None it is waited for until the input ends, and the result depends on nothing but the
    topics. Rows are kept for as long as an event needs them that is `history` behind its stream's
    time; events and rows that come later than that are late. With "left" an event without a row
    comes with None, and so does one without a key (KIP-962). A result has the event's time.

    Without `versioned` nothing waits: an event meets the row that is there when it comes, whatever
    their times are (Kafka Streams' default store). A replay may then give another answer, since it
    depends on which of the two topics is read first; nothing is late. Raises UsageError.

    Examples:
        >>> customers = events("customers", ("ann", 1, "gold"), ("ann", 9, "silver"))
        >>> orders = events("orders", ("ann", 5, "pen"), ("ann", 10, "ink"))
        >>> show(join_table("with level", orders, customers).joined)
        ann pen + gold at 5
        ann ink + silver at 10
    """
    if idle is not None:
        required_duration("idle", idle)
    settings = _Settings(
        is_left=required_one_of("join", how, ["inner", "left"]) == "left",
        grace=required_milliseconds("grace", grace, at_least=NOTHING),
        history=required_milliseconds("history", history, at_least=NOTHING),
        idle=idle,
        clocks=clocks_of([stream, table], partitions),
    )
    if versioned:
        worked = stepped(
            step_id, [stream, table], lambda state: _LookingUp(step_id, settings, state)
        )
    else:
        worked = stepped(step_id, [stream, table], lambda state: _Meeting(step_id, settings, state))
    return Joins(joined=results_of("joined", worked), late=late_of(worked))


class _Waiting(NamedTuple):
    """An event that waits for the table; the order of its fields is that in which it is let go.

    `since` is when it came, by the wall clock.
    """

    time: int
    number: int
    key: str
    event: Any
    since: float


class _LookingUp(Step):
    def __init__(self, step_id: str, settings: _Settings, state: Any):
        self._settings = settings
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows, what waits for them, and how far the partitions are."""
        settings = self._settings
        rows, waiting, number, stream_newest, table_newest = kept or ({}, [], 0, {}, {})
        self._versions = Versions(settings.grace, rows)
        self._number: int = number
        stream, table = settings.clocks
        self._stream = StreamTimes(stream.awaited, stream_newest)
        self._table = StreamTimes(table.awaited, table_newest, idle=settings.idle)
        # What waits since a crash waits anew.
        self._waiting = [one._replace(since=monotonic()) for one in waiting]

    def kept(self) -> Any:
        """Return the rows, what waits for them, and how far the partitions are."""
        rows = {key: list(ones) for key, ones in self._versions.rows.items()}
        newest = (dict(self._stream.newest), dict(self._table.newest))
        return (rows, list(self._waiting), self._number, *newest)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Take in rows, which let events go, or events, which go or wait."""
        if side == _TABLE:
            self._take_rows(pairs)
        else:
            self._take_events(pairs)
        table_passed = self._table.passed - self._settings.history
        self._versions.forget_deleted(min(self._forget_before(), table_passed))

    def look(self) -> None:
        """Let go what has waited long enough for a silent table."""
        idle = self._settings.idle
        if idle is None:
            return
        came_before = monotonic() - idle.total_seconds()
        passed = self._table.passed_without_silent()
        if passed is None:  # all of it is silent, and taken as it is
            passed = FOREVER
        while self._waiting and self._waiting[0].since <= came_before:
            if self._waiting[0].time >= passed - self._settings.grace:
                break
            self._look_up(heappop(self._waiting))

    def end(self) -> None:
        """Let all go, with the rows that there are."""
        waiting = self._waiting
        self._waiting = []
        for one in sorted(waiting):
            self._look_up(one)

    def seconds_to_wait(self) -> float | None:
        """Return when the next event has waited long enough for a silent table."""
        idle = self._settings.idle
        if idle is None or not self._waiting:
            return None
        first = self._waiting[0]
        waited: float = first.since + idle.total_seconds() - monotonic()
        silent = self._table.seconds_until_silent(first.time + self._settings.grace)
        return max(0.0, waited, silent or 0.0) + _A_LITTLE

    def _take_rows(self, pairs: list[Pair]) -> None:
        place_of = self._settings.clocks[_TABLE].place_of
        for key, row in pairs:
            if key is not None and self._is_in_time(key, row):
                self._versions.put(key, row, self._forget_before())
            if self._table.update(place_of(row), row.stream_time):
                self._let_go()

    def _take_events(self, pairs: list[Pair]) -> None:
        place_of = self._settings.clocks[_STREAM].place_of
        now = monotonic()
        for key, event in pairs:
            self._stream.update(place_of(event), event.stream_time)
            if not self._is_in_time(key, event) or event.event is None:
                continue  # a stream's event without a value says nothing, as in Kafka Streams
            if key is not None:
                self._number += 1
                heappush(self._waiting, _Waiting(event.time, self._number, key, event, now))
                self._let_go()
            else:
                self._leave(None, event, None)

    def _is_in_time(self, key: str | None, item: Timed) -> bool:
        closed = item.time + self._settings.history
        if item.stream_time <= closed:
            return True
        window = (item, item.time, item.time, closed)
        self.late.put(key, Late, *window, time=item.time, lane=item.partition)
        return False

    def _forget_before(self) -> int:
        # What waits was in time when it came, and is not to lose its row while it waits.
        passed = self._stream.passed - self._settings.history
        return min(self._waiting[0].time, passed) if self._waiting else passed

    def _let_go(self) -> None:
        passed = self._table.passed - self._settings.grace
        while self._waiting and self._waiting[0].time < passed:
            self._look_up(heappop(self._waiting))

    def _look_up(self, one: _Waiting) -> None:
        self._leave(one.key, one.event, self._versions.at(one.key, one.time))

    def _leave(self, key: str | None, event: Timed, row: Timed | None) -> None:
        if row is not None or self._settings.is_left:
            self.results.put_joined(key, event, row, time=event.time, lane=event.partition)


class _Meeting(Step):
    """The rows of a table as they are, and events that meet them when they come."""

    def __init__(self, step_id: str, settings: _Settings, state: Any):
        self._settings = settings
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the rows."""
        self._rows: dict[str, Timed] = kept or {}

    def kept(self) -> Any:
        """Return the rows."""
        return dict(self._rows)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Take in rows, or let each event leave with the row that is there."""
        if side == _TABLE:
            for key, row in pairs:
                self._take_row(key, row)
            return
        for key, event in pairs:
            if event.event is None:
                continue
            row = None if key is None else self._rows.get(key)
            if row is not None or self._settings.is_left:
                self.results.put_joined(key, event, row, time=event.time, lane=event.partition)

    def _take_row(self, key: str | None, row: Timed) -> None:
        if key is None:
            return
        if row.event is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row
