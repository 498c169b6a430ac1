"""An operator for windows whose results are the same for every batch size, and after a crash.

bytewax's own windows keep a watermark for each key, which moves with the wall clock too. Here an
event is judged by the stream time of its partition, stamped where it was read, and windows close
when every partition's stream time has passed them: so an idle key's windows close as well.
"""

import pickle
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from bytewax.operators import KeyedStream

from eventlab.arguments import required_duration, required_milliseconds, required_one_of
from eventlab.log.window_keys import WindowKey
from eventlab.streams.arrivals import FOREVER, NEVER, Place, Timed
from eventlab.streams.operators import operator
from eventlab.streams.results import Late, Window
from eventlab.streams.steps import Pair, Step, late_of, results_of, stepped
from eventlab.streams.stream_times import StreamTimes
from eventlab.streams.upstream import Clock, clock_of
from eventlab.streams.windows import Change, Fold, Windows

_NOTHING = pickle.dumps({})


@dataclass(frozen=True)
class Windowed:
    """Both streams of `windowed`: the windows by key, and what came too late for one."""

    windows: KeyedStream[Window]
    late: KeyedStream[Late]


@dataclass(frozen=True)
class _Settings:
    kind: Windows
    fold: Fold
    grace: int
    is_final: bool
    idle: timedelta | None
    clock: Clock


@operator
def windowed(
    step_id: str,
    up: KeyedStream[Timed],
    kind: Windows,
    fold: Fold,
    *,
    grace: timedelta = timedelta(0),
    emit: Literal["changes", "final"] = "changes",
    idle: timedelta | None = None,
    partitions: Collection[Place] | None = None,
) -> Windowed:
    """Fold the events of each key into windows of event time.

    With `emit="changes"` every event gives the new value of each window it belongs to; with
    "final" each window comes once, when no event of any partition can change it any more, or when
    the input ends. Windows leave in the order of the events that changed them, final ones in the
    order of their ends. An event is late for a window when the stream time of its own partition is
    past the window's end and the grace; below `watermarked`, when the watermark is. What has no
    key or no value belongs to no window. `partitions` are those whose stream time final windows
    wait for, by default all that the flow's topics have above this step; one that was silent for
    `idle`, by the wall clock, is waited for no longer, and what it sends for a window that was
    closed is late. Raises UsageError.

    Examples:
        >>> orders = events("orders", ("ann", 1, 20), ("bob", 4, 5), ("ann", 12, 30))
        >>> total = Fold(int, lambda cents, order: cents + order.event)
        >>> show(windowed("totals", orders, Tumbling(seconds(10)), total, emit="final").windows)
        ann [0, 10] 20 at 1
        bob [0, 10] 5 at 4
        ann [10, 20] 30 at 12
    """
    kind.require(fold)
    if idle is not None:
        required_duration("idle", idle)
    settings = _Settings(
        kind=kind,
        fold=fold,
        grace=required_milliseconds("grace", grace, at_least=timedelta(0)),
        is_final=required_one_of("emit", emit, ["changes", "final"]) == "final",
        idle=idle,
        clock=clock_of(up, partitions),
    )
    worked = stepped(step_id, [up], lambda state: _Folding(step_id, settings, state))
    return Windowed(windows=results_of("windows", worked), late=late_of(worked))


class _Folding(Step):
    """The windows of all keys, and how far each partition's stream time is."""

    def __init__(self, step_id: str, settings: _Settings, state: Any):
        self._settings = settings
        super().__init__(step_id, state)

    def restore(self, kept: Any) -> None:
        """Take up the windows, the time that was passed, and the partitions' times."""
        settings = self._settings
        windows, passed, newest = kept or (_NOTHING, NEVER, {})
        self._windows: dict[Any, Any] = pickle.loads(windows)
        self._passed: int = passed
        self._times = StreamTimes(settings.clock.awaited, newest, idle=settings.idle)

    def kept(self) -> Any:
        """Return the windows, the time that was passed, and the partitions' times."""
        # A learner's fold may change the value that it gave.
        return pickle.dumps(self._windows), self._passed, dict(self._times.newest)

    def take(self, side: int, pairs: list[Pair]) -> None:
        """Put each event into its windows, and close those that all partitions have passed."""
        settings = self._settings
        add = settings.kind.add
        windows = self._windows
        closed = self._passed - settings.grace if settings.is_final else NEVER
        for key, event in pairs:
            if key is None or event.event is None:
                continue  # as in Kafka Streams, which only counts it as skipped
            changed, missed = add(windows, key, event, settings.fold, settings.grace, closed)
            lane = event.partition
            if not settings.is_final:
                self._put(changed, lane)
            for late in missed:
                window = (late.event, late.start, late.end, late.closed)
                self.late.put(late.key, Late, *window, time=late.event.time, lane=lane)
        self._move_time(pairs)

    def look(self) -> None:
        """Close what only those hold open that are silent."""
        self._close_passed(self._times.passed_without_silent())

    def end(self) -> None:
        """Let final windows leave, whatever may still come in another run."""
        if self._settings.is_final:
            self._close(FOREVER)

    def seconds_to_wait(self) -> float | None:
        """Return when those that hold windows open are waited for no longer."""
        if not self._windows or not self._settings.is_final:
            return None
        seconds = self._times.seconds_until_silent(self._passed)
        return seconds if seconds is None or seconds > 0 else None

    def _move_time(self, pairs: list[Pair]) -> None:
        place_of = self._settings.clock.place_of
        newest = {place_of(event): event.stream_time for _, event in pairs}
        for place, time in newest.items():
            self._times.update(place, time)
        self._close_passed(self._times.passed_without_silent())

    def _close_passed(self, passed: int | None) -> None:
        if passed is not None and passed > self._passed:
            self._passed = passed
            self._close(passed)

    def _close(self, passed: int) -> None:
        settings = self._settings
        closed = settings.kind.close(self._windows, settings.fold, settings.grace, passed)
        if settings.is_final:
            self._put(closed, 0)

    def _put(self, changes: list[Change], lane: int) -> None:
        put = self.results.put
        for key, start, end, value, time in changes:
            put(key, Window, start, end, value, time=time, lane=lane)


def by_window(pair: tuple[str, Window]) -> tuple[str, Window]:
    """Return a window with a key that names it too, so that each window is a row of its own.

    Without it the newest window of a key is the key's row in a join of tables. The key is the one
    that TopicSink writes (log.window_keys).

    Examples:
        >>> key, window = by_window(("ann", Window(start=0, end=10_000, value=3, time=7_000)))
        >>> key
        'ann@1970-01-01T00:00:00.000Z/1970-01-01T00:00:10.000Z'
    """
    key, window = pair
    return str(WindowKey(key, window.start, window.end)), window
