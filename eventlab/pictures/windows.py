"""Windows that open, fill and close along event time, and the events that are missing from them."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from eventlab.arguments import refused, required_milliseconds
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.events import Delivery, deliveries
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.moments import (
    duration_from_milliseconds,
    duration_words,
    milliseconds,
)
from eventlab.pictures.newest import Newest
from eventlab.pictures.picture import Picture
from eventlab.pictures.window_records import arrival_milliseconds, is_window, other_record
from eventlab.pictures.window_rows import Row, clock_minute, delay
from eventlab.pictures.window_state import WindowState
from eventlab.pictures.window_tally import SHORTEST, extent_of, graces_of
from eventlab.pictures.window_values import Place
from eventlab.pictures.windows_chart import WATERMARK, Look, windows_chart

if TYPE_CHECKING:  # flows are half a second of imports, and not every chart shows one
    from eventlab.flows import Running

KEEP = 20_000  # so many events are held, the newest
_ROWS = 3 * KEEP  # an event may move the watermark, and have a window of its own
_LOOKS_PER_SECOND = 4
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 10.0


class WindowPicture(Picture):
    """Draw events, the tumbling windows that count them, the watermark, and what is missing.

    `events` is their topic; `windows` one of `streams.Window`, which count them; `late` one of
    `streams.Late`, which says why each was dropped. `length` and `grace` are those of the windows,
    and `flow` is what makes them. A slider asks what another grace would have counted of the same
    events: all of the picture follows at once, and at the flow's own grace shows what the flow
    gave. `arrived` names the field of an event that says when it came; without it the events stand
    in the order in which they were read. `words` says what an event is, `value` what is counted,
    `clock` names the zone of a second clock. `expected` are the events that will come: the axes
    reach as far as they do from the start. The newest 20,000 events are held. Raises UsageError.
    """

    @checked
    def __init__(
        self,
        events: Topic,
        windows: Topic,
        late: Topic | None = None,
        *,
        length: timedelta,
        grace: timedelta = timedelta(0),
        flow: "Running | None" = None,
        arrived: str | None = None,
        value: str = "events",
        words: Callable[[dict[str, Any]], str] | None = None,
        clock: str | None = None,
        expected: Iterable[Any] = (),
    ) -> None:
        size = required_milliseconds("length", length, at_least=SHORTEST)
        wait = required_milliseconds("grace", grace, at_least=timedelta(0))
        graces = graces_of(size, wait)
        extent = extent_of(map(_times, deliveries(expected)), size, graces) if arrived else None
        arrival = "when its report came (UTC)" if arrived else "order of arrival"
        self._slider = StepSlider("grace", [(duration_words(one), one) for one in graces], wait)
        self._slider.observe(self._choose, "index")
        self._live = LiveChart(
            windows_chart(Look(arrival, arrived is not None, value, _zone(clock), extent)),
            alt=f"The events of {events} by event time and arrival, the windows that count them,"
            " and those that came too late",
            key="id",
            keep=_ROWS,
            controls=[self._slider],
        )
        super().__init__(self._live)
        self._events = events
        self._windows = windows
        self._late = late
        self._flow = flow
        self._arrived = arrived
        self._in_words = words or _who
        self._lock = threading.RLock()
        self._state = WindowState(size, wait, graces, has_times=arrived is not None, keep=KEEP)
        self._drawn: Newest[str, Row] = Newest(_ROWS)
        self._read = 0
        self._read_windows = 0

    # -- what one can do ------------------------------------------------------------------------

    @property
    def grace(self) -> timedelta:
        """Return the grace that is shown; set it to one of the slider's."""
        return duration_from_milliseconds(int(self._slider.value))

    @grace.setter
    def grace(self, grace: timedelta) -> None:
        wanted = required_milliseconds("grace", grace, at_least=timedelta(0))
        steps = [value for _, value in self._slider.options]
        if wanted not in steps:
            expected = f"a step of the slider, up to {duration_words(int(steps[-1]))}"
            raise refused("grace", grace, expected, "timedelta(hours=1)")
        self._slider.value = wanted

    def scores(self) -> dict[str, Any]:
        """Return what the grace that is shown counts, misses, and costs in time.

        `result` is how long after a window's end its result comes, the median.
        """
        with self._lock:
            offer = self._state.offer
        scores: dict[str, Any] = {
            "grace": _unbroken(duration_words(offer.grace)),
            "counted": offer.counted,
            "missing": offer.missing,
        }
        return scores if self._arrived is None else scores | {"result": _unbroken(delay(offer))}

    def settle(self) -> None:
        """Return when all that was written is drawn, with the windows that the flow has closed."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        events, windows = (
            sum(topic.end_offsets().values()) for topic in (self._events, self._windows)
        )
        while self._read < events or self._read_windows < windows:
            if time.monotonic() > deadline:
                return
            time.sleep(_LOOK_SECONDS)
        self._look()

    # -- what feeds it --------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._events, self._draw_events)
        yield self._follow(self._windows, self._draw_windows)
        if self._late is not None:
            yield self._follow(self._late, self._draw_late)
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _draw_events(self, batch: Batch) -> None:
        newest: dict[str, Row] = {}
        with self._lock:
            for row in batch.rows:
                self._read += 1
                try:
                    rows = self._taken(row)
                except UsageError as error:  # the other events can be drawn
                    self._live.report(error)
                    continue
                newest.update((one.id, one) for one in rows)
            self._push(newest.values())

    def _taken(self, row: dict[str, Any]) -> list[Row]:
        arrived = self._read if self._arrived is None else arrival_milliseconds(self._arrived, row)
        number = row["partition"]
        one = _id(number, row["offset"])
        return self._state.add(one, number, row["timestamp"], arrived, self._in_words(row))

    def _draw_late(self, batch: Batch) -> None:
        rows: list[Row] = []
        with self._lock:
            for row in batch.rows:
                arrival = row.get("arrival")
                if isinstance(arrival, dict) and "reason" in row:
                    one = _id(arrival["partition"], arrival["offset"])
                    rows += self._state.add_reason(one, row["reason"])
                else:
                    expected = "what came too late: streams.Late"
                    self._live.report(other_record(self._late, expected, row))
            self._push(rows)

    def _draw_windows(self, batch: Batch) -> None:
        changed: dict[Place, None] = {}
        left: list[str] = []
        with self._lock:
            for row in batch.rows:
                self._read_windows += 1
                if not is_window(row):
                    self._live.report(other_record(self._windows, "windows: streams.Window", row))
                    continue
                place = (row["start"], row["end"])
                left += self._state.add_window(place, row["key"], row.get("value"))
                changed[place] = None
            held = set(self._state.places()).intersection(changed)
            self._push(row for place in held for row in self._state.window_rows(place))
            self._live.remove(left)

    def _look(self) -> None:
        """Move the watermark to where the flow has it, and close what the flow has closed."""
        with self._lock:
            before = self._state.watermark
            ended_now = self._has_ended() and not self._state.is_over
            self._push(self._state.pass_by(self._passed(), is_over=ended_now))
            if self._state.watermark > before:
                self._push([Row(WATERMARK, WATERMARK, self._state.watermark)])
            self._push(self._state.offer_rows())

    def _passed(self) -> float | None:
        if self._flow is None:
            return None
        passed = self._flow.watermark
        return None if passed is None else milliseconds(passed)

    def _has_ended(self) -> bool:
        """Tell whether the flow's input has ended, and with it all of its windows."""
        flow = self._flow
        return flow is not None and not flow.is_alive and flow.error is None

    # -- the slider -----------------------------------------------------------------------------

    def _choose(self, _change: object) -> None:
        self._try_to(self._draw_all)

    def _draw_all(self) -> None:
        with self._lock:
            self._state.shown = int(self._slider.value)
            self._push(self._state.all_rows())

    def _push(self, rows: Iterable[Row]) -> None:
        """Draw the rows that are not drawn yet as they are."""
        fresh = [row for row in rows if self._drawn.get(row.id) != row]
        columns = [list(column) for column in zip(*fresh, strict=True)]
        if columns:
            self._live.push(**dict(zip(Row._fields, columns, strict=True)))
            for row in fresh:
                self._drawn[row.id] = row


def _times(delivery: Delivery) -> tuple[int, int]:
    return milliseconds(delivery.at), milliseconds(delivery.arrives_at)


def _unbroken(words: str) -> str:
    """Return words whose lengths of time stay on one line: 1 h 56 min, and then after."""
    size, space, side = words.rpartition(" ")
    if side not in ("after", "before"):
        return words.replace(" ", "\N{NO-BREAK SPACE}")
    return size.replace(" ", "\N{NO-BREAK SPACE}") + space + side


def _zone(clock: str | None) -> str | None:
    if clock is None:
        return None
    try:
        return ZoneInfo(clock).key
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise refused("clock", clock, "the name of a time zone", '"America/New_York"') from None


def _id(partition: int, offset: int) -> str:
    return f"{partition}-{offset}"


def _who(row: dict[str, Any]) -> str:
    return f"{row['key'] or 'event'}, {clock_minute(row['timestamp'])}"
