"""Push queries: rows as they come, for as long as somebody looks."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from eventlab.errors import EventlabError
from eventlab.flows import Running
from eventlab.sql.planning.rows import Field, Shape

Row: TypeAlias = tuple[Any, ...]

_KEPT = 10_000
_LOOK_SECONDS = 0.05


class Change(NamedTuple):
    """A row that came: its running number, its key as text, its time in milliseconds.

    A `row` of None says that its key has none any more; its number is that of the row before.
    """

    number: int
    key: str | None
    row: Row | None
    time: int


class Push:
    """The rows that a push query gives, from now until it is stopped or has given enough.

    `columns` are the result's, `rows` the newest of what came, `count` how many came in all. Ask
    from any thread. Whoever iterates, or asks for what `came`, gets each row once. It begins with
    `start`, once it is known what runs it.
    """

    def __init__(self, query_id: str, shape: Shape, limit: int | None):
        self.query_id = query_id
        self.shape = shape
        self.limit = limit
        self.count = 0
        self._rows: deque[Row] = deque(maxlen=_KEPT)
        self._waiting: deque[Change] = deque(maxlen=_KEPT)
        self._changed = threading.Condition()
        self._flow: Running | None = None
        self._listener: Callable[[list[Change]], object] | None = None

    # -- what one sees --------------------------------------------------------------------------

    @property
    def columns(self) -> tuple[Field, ...]:
        """Return the columns of the result."""
        return self.shape.fields

    @property
    def rows(self) -> list[Row]:
        """Return the newest rows, ten thousand at most."""
        with self._changed:
            return list(self._rows)

    @property
    def is_alive(self) -> bool:
        """Tell whether more rows may come."""
        flow = self._flow
        return flow is not None and flow.is_alive and not self.is_full

    @property
    def error(self) -> EventlabError | None:
        """Return what ended it, None if nothing did."""
        return None if self._flow is None else self._flow.error

    def wait(self, count: int, timeout_seconds: float = 30.0) -> bool:
        """Return True when so many rows have come, False when it ended or time is up before."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.count >= count or not self.is_alive, timeout_seconds
            )
            return self.count >= count

    def __iter__(self) -> Iterator[Row]:
        """Yield each row as it comes, until the query ends; raise what ended it."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or not self.is_alive, _LOOK_SECONDS)
                if self._waiting:
                    row = self._waiting.popleft().row
                elif self.is_alive:
                    continue
                else:
                    break
            if row is not None:
                yield row
        if self.error is not None:
            raise self.error

    def listen(self, take: Callable[[list[Change]], object]) -> None:
        """Call `take` with rows as they come, and with those that wait; then none are iterated.

        It is called in the flow's thread, which waits for it: who is slow misses nothing.
        """
        with self._changed:
            waiting = list(self._waiting)
            self._waiting.clear()
            self._listener = take
            if waiting:
                take(waiting)

    def came(self) -> list[Change]:
        """Return what came since somebody asked, with the tombstones of a table; at most 10,000."""
        with self._changed:
            came = list(self._waiting)
            self._waiting.clear()
            return came

    def stop(self) -> None:
        """End it; its rows stay."""
        if self._flow is not None:
            self._flow.stop()
        with self._changed:
            self._changed.notify_all()

    # -- the flow's side ------------------------------------------------------------------------

    def start(self, flow: Running) -> None:
        """Let the flow begin whose rows these are."""
        self._flow = flow
        flow.start()

    def take(self, batch: list[tuple[str | None, Any]]) -> None:
        """Take in what a flow gives, Arrivals by their keys; rows beyond the limit are left out."""
        with self._changed:
            taken: list[Change] = []
            for key, item in batch:
                if not self.is_full:
                    taken.append(self._taken(key, item.event, item.time))
            listener = self._listener
            if listener is None:
                self._waiting.extend(taken)
            self._changed.notify_all()
        if listener is not None and taken:
            listener(taken)
        if self.is_full and self._flow is not None:
            self._flow.ask_to_stop()

    def _taken(self, key: str | None, row: Row | None, time: int) -> Change:
        if row is not None:
            self._rows.append(row)
            self.count += 1
        return Change(self.count, key, row, time)

    @property
    def is_full(self) -> bool:
        """Tell whether it has given as many rows as its LIMIT says."""
        return self.limit is not None and self.count >= self.limit
