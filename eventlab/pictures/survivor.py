"""A table, the processor that makes it, and what becomes of both when the processor is killed."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from eventlab.checked import checked
from eventlab.live.sheet import Row
from eventlab.live.widget import Feed
from eventlab.log import Batch, Start, Topic
from eventlab.log.decoding import Tombstone
from eventlab.pictures.cells import Rows, apply_change, cells_of, columns_of, wrong_cells
from eventlab.pictures.table import TablePicture
from eventlab.processes.background import Background

_LOOKS_PER_SECOND = 4
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 60.0
_CATCH_UP_SECONDS = 10.0
_REST_SECONDS = 5.0
_CUT_OFF_SECONDS = 1.0
_MOST_AHEAD = 3
_REFILL_SECONDS = 8.0

KILL = "kill -9"
START = "Start it again"

# In two lines of a narrow picture: a third one would push the table down.
_KILLED = "Killed: what it had in memory is gone. The changelog still has all {:,} records"
_STARTED = "Started again: the changelog fills this table, a recovery store the counts"
_HAS_READ_ALL = "The processor has read all events"
_TOO_LATE = f"{_HAS_READ_ALL}: a kill would change nothing any more"
_NOTHING_LEFT = f"{_HAS_READ_ALL}: there is nothing left to start it for"
_NOT_KILLED = "it can be started again when it was killed"

Event = TypeVar("Event")


class Processor(Protocol):
    """A flow in a process of its own, as `lab.run(flow, where="process")` returns it."""

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""

    @property
    def error(self) -> BaseException | None:
        """Return what ended it, None if nothing did."""

    @property
    def pids(self) -> list[int]:
        """Return the process ids."""

    @property
    def lag(self) -> int | None:
        """Return how many records it has not read yet; None while nobody knows."""

    @property
    def positions(self) -> dict[tuple[str, int], int]:
        """Return for each topic and partition the offset of the next record to be read."""

    def kill(self) -> None:
        """End its process as kill -9 does."""

    def stop(self, *, close_windows: bool = False) -> None:
        """End it."""


class Survivor(TablePicture):
    """Show the table that a processor makes, kill the processor, and compare before and after.

    `start(place)` runs the processor in a process of its own, from a place in the `stream`: first
    "earliest", and after a kill the offsets up to which it had read. The stream has one partition,
    and so has the changelog, with a record for each event. `right(number)` returns the rows that
    are right after so many events; the cells that are not are marked. `key` and `names` say what
    the keys are and what each is called. Killed, the processor is started again by hand, or by
    itself after some seconds (not `slowly`: at once), and the table fills again from the changelog.
    When it has read all of a story that is `killed_halfway`, it is not killed any more.
    Raises what `start` and `eventlab.log.follow` raise.
    """

    @checked
    def __init__(
        self,
        changelog: Topic,
        start: Callable[[Start], Processor],
        *,
        stream: Topic,
        names: Mapping[str, str],
        right: Callable[[int], Rows],
        key: str = "key",
        slowly: bool = True,
    ) -> None:
        super().__init__(
            changelog,
            stream=stream,
            changelog=True,
            columns=columns_of(right(1)) or None,
            names=names,
            key=key,
            slides=True,
        )
        self._start_flow = start
        self._right = right
        self._rest_seconds = _REST_SECONDS if slowly else 0.0
        self._refill_seconds = _REFILL_SECONDS if slowly else 0.0
        self._lock = threading.RLock()
        self._rows: dict[str, Row] = {}
        self._end = 0  # of the changelog, when the processor was killed
        self._position = 0
        self._changed_at = time.monotonic()
        self._before: Rows = {}
        self._refilled: dict[str, Row] = {}
        self._wrong: int | None = None
        self._rest: Background | None = None
        self._is_down = False
        self._is_stopped = False
        self._refused = ""  # the button that was pressed last, and could do nothing
        self._events: int | None = None  # in the story, as far as anybody knows
        self.kills = 0
        self.flow: Processor | None = None

    # -- what one sees --------------------------------------------------------------------------

    @property
    def rows(self) -> Rows:
        """Return the rows as they are now, whatever the slider shows."""
        return dict(self._rows)

    @property
    def before(self) -> Rows:
        """Return the rows as they were at the kill."""
        return self._before

    @property
    def refilled(self) -> Rows:
        """Return the rows that came back from the changelog, as far as it went at the kill."""
        return self._refilled

    def scores(self) -> dict[str, Any]:
        """Return how often it was killed, how many cells came back, and how many are wrong."""
        cells = cells_of(self._before)
        back = cells_of(self._refilled)
        same = sum(back.get(cell) == value for cell, value in cells.items())
        return {
            "kills": self.kills,
            "cells before the kill": len(cells),
            "the same after it": same,
            "wrong cells now": "–" if self._wrong is None else self._wrong,
        }

    # -- what one can do ------------------------------------------------------------------------

    def kill(self) -> None:
        """End the processor's process as kill -9 does; what it had in memory is gone.

        When it has read the whole story nothing is done, and said. A refill is cut short.
        """
        with self._lock:
            if self.flow is None or self._is_down:
                return
            if self._has_read_all():
                self._refused = KILL
                self.sheet.says = _TOO_LATE
                return
            if not self.flow.is_alive:
                return
            self.flow.kill()
            self._hurry()
            self._end = self._topic.end_offsets()[0]
            self._until(lambda: self._position >= self._end, _CATCH_UP_SECONDS)
            self.kills += 1
            self._is_down = True
            self._refused = ""
            self._before = dict(self._rows)
            self._refilled = {}
            self._wrong = None
            self.sheet.clear(expected=self._end, keeps_changelog=True)
            self.sheet.says = _KILLED.format(self._end)
            self._rest = Background("rest", self._rest_and_start, on_end=self._report)
            self._rest.start()

    def start_again(self) -> None:
        """Start the processor again where it was, and fill the table from the changelog.

        Where nothing was killed, or nothing is left to read, nothing is done, and said.
        """
        with self._lock:
            if self._is_stopped or self.flow is None:
                return
            if self.flow.is_alive or (not self._is_down and self._has_read_all()):
                self._refused = START
                self.sheet.says = self._how_it_fares(self.flow)
                return
            self._start_where_it_was()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {KILL: self.kill, START: self.start_again}

    @checked
    def killed_halfway(self, story: Sequence[Event]) -> Iterator[Event]:
        """Yield a story's events, and in its middle kill the processor, if nobody has before."""
        self._events = len(story)
        half = len(story) // 2
        yield from islice(story, half)
        self._until(lambda: self._has_folded(half) or self.kills > 0, _SETTLE_SECONDS)
        if not self.kills:
            self.kill()
        yield from islice(story, half, None)

    def settle(self) -> None:
        """Return when all events are in the table; one that was killed is started for that."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and not self._is_stopped and not self._is_done():
            self._require_no_error()
            self._start_where_it_was()
            time.sleep(_LOOK_SECONDS)
        if self.flow is not None:
            self.flow.stop(close_windows=True)
        self._require_no_error()  # it may have read the last event, and fail on it only now
        self._until(self._has_shown_all, _SETTLE_SECONDS)
        with self._lock:
            self._judge()

    def stop(self) -> None:
        """End it, and leave the picture in the output."""
        self._is_stopped = True
        if self._rest is not None:
            self._rest.ask_to_stop()
        with self._lock:  # what is being started is there to be ended by whoever owns it
            super().stop()

    # -- how ------------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        self.flow = self._start_flow("earliest")
        self.sheet.says = "The processor starts, in a process of its own"
        yield from super()._feeds()
        yield self._again(self._judge, _LOOKS_PER_SECOND)

    def _start_where_it_was(self) -> None:
        """Start the processor again, if it does not run."""
        with self._lock:
            if self._is_stopped or self.flow is None or self.flow.is_alive:
                return
            place = self._place()
            self._position = 0
            self._changed_at = time.monotonic()
            self._rows = {}
            self.replay(self._topic, seconds=self._refill_seconds)
            self.flow = self._start_flow(place)
            self._is_down = False
            self.sheet.says = _STARTED

    def _fold(self, batch: Batch) -> None:
        super()._fold(batch)
        offsets = batch.place["offset"]
        for offset, key, fields in zip(offsets, batch.row_keys, batch.fields, strict=True):
            row = None if isinstance(fields, Tombstone) else fields
            apply_change(self._rows, str(key), row)
            if self.kills and offset < self._end:
                apply_change(self._refilled, str(key), row)
        self._changed_at = time.monotonic()
        self._position = max([self._position, *(offset + 1 for offset in offsets)])

    def _judge(self) -> None:
        """Mark the cells that are wrong, when all that was read is in the table."""
        if self.flow is None or self._is_down or not self._is_up_to_date():
            return
        wrong = self._least_wrong()
        # Whoever kills or starts it holds the lock, and knows better than this look.
        if not self._lock.acquire(blocking=False):
            return
        try:
            if not self._is_down:
                self._show(wrong, self.flow)
        finally:
            self._lock.release()

    def _show(self, wrong: Rows, flow: Processor) -> None:
        self._wrong = sum(map(len, wrong.values()))
        self._hurry()  # a refill has come to its end
        is_live = self.sheet.at is None
        self.sheet.mark(wrong if is_live else {})
        self.sheet.says = self._how_it_fares(flow)

    def _how_it_fares(self, flow: Processor) -> str:
        if self._refused == KILL:
            return _TOO_LATE
        if not flow.is_alive:
            return _NOTHING_LEFT if self._refused == START else _HAS_READ_ALL
        runs = f"The processor runs, as process {flow.pids[0]}"
        return f"{runs}: {_NOT_KILLED}" if self._refused == START else runs

    def _hurry(self) -> None:
        """Let the table fill as fast as it can."""
        follower = self._changes.follower
        if follower is not None:
            follower.per_second = None

    def _least_wrong(self) -> dict[str, dict[str, Any]]:
        # What a process says of itself is a moment old: the table may be some events ahead.
        read = self._number_read()
        ahead = _MOST_AHEAD if self.flow is not None and self.flow.is_alive else 0
        looks = [wrong_cells(self._rows, self._right(read + more)) for more in range(ahead + 1)]
        return min(looks, key=lambda wrong: sum(map(len, wrong.values())))

    def _is_up_to_date(self) -> bool:
        if self.flow is None or not self.flow.positions:
            return False
        has_read = self.flow.lag == 0 or not self.flow.is_alive
        return has_read and self._has_shown_all()

    def _has_shown_all(self) -> bool:
        return self._position >= self._topic.end_offsets()[0]

    def _is_done(self) -> bool:
        """Tell whether all was read and written; what a kill cut off never comes."""
        end = 0 if self._stream is None else self._stream.end_offsets()[0]
        if self._is_down or self._number_read() < end:
            self._changed_at = time.monotonic()
            return False
        return self._position >= end or time.monotonic() - self._changed_at > _CUT_OFF_SECONDS

    def _has_folded(self, number: int) -> bool:
        return self._number_read() >= number and self._position >= number

    def _has_read_all(self) -> bool:
        """Tell whether nothing of the story is left; the table may know before the process says."""
        if self._events is None:
            return False
        first_run = 0 if self.kills else self._position
        return max(self._number_read(), first_run) >= self._events

    def _number_read(self) -> int:
        return 0 if self.flow is None else sum(self.flow.positions.values())

    def _place(self) -> Start:
        positions = {} if self.flow is None else self.flow.positions
        return {part: offset for (_, part), offset in positions.items()} or "earliest"

    def _rest_and_start(self) -> None:
        rest = self._rest
        if rest is not None and not rest.stopping.wait(self._rest_seconds):
            self._start_where_it_was()

    def _report(self, error: BaseException | None) -> None:
        if error is not None:
            self.chart.report(error)

    def _require_no_error(self) -> None:
        if self.flow is not None and self.flow.error is not None:
            raise self.flow.error

    def _until(self, condition: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not condition() and not self._is_stopped and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)
