"""Windows that open, fill and close along event time, over the events that come, and come late."""

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.log.decoding import PLACE
from eventlab.moments import (
    duration_milliseconds,
    from_milliseconds,
    is_in_calendar,
    milliseconds,
)
from eventlab.pictures.newest import Newest
from eventlab.pictures.picture import Picture
from eventlab.pictures.window_values import Place, WindowValues
from eventlab.pictures.windows_chart import (
    CLOSED,
    DROPPED,
    LATE,
    ON_TIME,
    OPEN,
    STREAM_TIME,
    WATERMARK,
    windows_chart,
)

if TYPE_CHECKING:  # flows are half a second of imports, and not every chart shows one
    from eventlab.flows import Running

KEEP = 20_000  # so many rows are held, the newest
_LOOKS_PER_SECOND = 4


class _Row(NamedTuple):
    """What is drawn, as `windows_chart` takes it."""

    id: str
    what: str
    at: float
    arrived: float | None = None
    until: float | None = None
    value: float | None = None
    partition: int | None = None
    words: str | None = None


class WindowPicture(Picture):
    """Draw events, the windows that they fill, stream time, and what came too late.

    `events` is their topic; `windows` one of `streams.Window`, whose values are added up over the
    keys; `late` one of `streams.Late`. An event behind its partition's stream time is late; it is
    dropped, and says why, where it stands in `late`. `flow` is what makes them: its watermark
    moves, and tells when a window with its `grace` is over. `arrived` names the field of an event
    that says when it came; without it the events stand in the order in which they were read.
    `value` says what the windows hold. The newest 20,000 events, and values of windows, are held.
    """

    @checked
    def __init__(
        self,
        events: Topic,
        windows: Topic,
        late: Topic | None = None,
        *,
        flow: "Running | None" = None,
        grace: timedelta = timedelta(0),
        arrived: str | None = None,
        value: str = "events",
    ) -> None:
        self._live = LiveChart(
            windows_chart(
                arrival="when its report came (UTC)" if arrived else "order of arrival",
                arrival_is_time=arrived is not None,
                value=value,
            ),
            alt=f"The events of {events} by event time and arrival, and the windows they fill",
            key="id",
            keep=KEEP,
        )
        super().__init__(self._live)
        self._events = events
        self._windows = windows
        self._late = late
        self._flow = flow
        self._grace = duration_milliseconds(grace)
        self._arrived = arrived
        self._lock = threading.Lock()
        self._dropped: Newest[str, str] = Newest(KEEP)
        self._places: Newest[str, float | None] = Newest(KEEP)
        self._values = WindowValues(KEEP)
        self._watermark = -1.0
        self._closed_until = -1.0
        self._count = 0
        self._stream_times: dict[int, int] = {}

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._events, self._draw_events)
        yield self._follow(self._windows, self._draw_windows)
        if self._late is not None:
            yield self._follow(self._late, self._draw_late)
        yield self._again(self._move_watermark, _LOOKS_PER_SECOND)

    # -- events -----------------------------------------------------------------------------------

    def _draw_events(self, batch: Batch) -> None:
        rows = [drawn for row in batch.rows for drawn in self._event_rows(row)]
        with self._lock:
            for row in rows:
                if row.what is not STREAM_TIME:
                    self._places[row.id] = row.arrived
            self._push(map(self._as_dropped, rows))

    def _event_rows(self, row: dict[str, Any]) -> Iterator[_Row]:
        self._count += 1
        number = row["partition"]
        at = row["timestamp"]
        try:
            arrived = self._arrival(row)
        except UsageError as error:  # the other events can be drawn
            self._live.report(error)
            return
        stream_time = self._stream_times.get(number, -1)
        what = LATE if at < stream_time else ON_TIME
        yield _Row(_id(number, row["offset"]), what, at, arrived, words=_words(row["key"], at))
        if at > stream_time:
            self._stream_times[number] = at
            yield _Row(f"stream {self._count}", STREAM_TIME, at, arrived, partition=number)

    def _as_dropped(self, row: _Row) -> _Row:
        """Return the row of an event that was dropped as such, any other as it is."""
        words = self._dropped.get(row.id)
        return row if words is None else row._replace(what=DROPPED, words=words)

    def _draw_late(self, batch: Batch) -> None:
        rows = []
        with self._lock:
            for row in batch.rows:
                arrival = row.get("arrival")
                if not isinstance(arrival, dict) or "reason" not in row:
                    self._live.report(_other(self._late, "what came too late: streams.Late", row))
                    continue
                one = _id(arrival["partition"], arrival["offset"])
                at = arrival["time"]
                words = f"{_words(arrival['key'], at)}: {row['reason']}"
                self._dropped[one] = words
                if one in self._places:  # else it is drawn as dropped when it comes
                    rows.append(_Row(one, DROPPED, at, self._places[one], words=words))
            self._push(rows)

    def _arrival(self, row: dict[str, Any]) -> float:
        return self._count if self._arrived is None else _milliseconds(self._arrived, row)

    # -- windows ----------------------------------------------------------------------------------

    def _draw_windows(self, batch: Batch) -> None:
        changed: dict[Place, None] = {}
        left: list[Place] = []
        with self._lock:
            for row in batch.rows:
                if not _is_window(row):
                    self._live.report(_other(self._windows, "windows: streams.Window", row))
                    continue
                place = (row["start"], row["end"])
                left += self._values.put(place, row["key"], row.get("value"))
                changed[place] = None
            self._push_windows(changed)
            self._live.remove(map(_window_id, left))

    def _move_watermark(self) -> None:
        passed = self._flow.watermark if self._flow is not None else None
        if passed is None:
            return
        watermark = milliseconds(passed)
        if watermark > self._watermark:
            self._watermark = watermark
            self._push([_Row(WATERMARK, WATERMARK, watermark)])
            self._close_windows(watermark - self._grace)

    def _close_windows(self, until: float) -> None:
        with self._lock:
            before = self._closed_until
            self._closed_until = until
            closed = [place for place in self._values.places if before < place[1] <= until]
            self._push_windows(sorted(closed))

    def _push_windows(self, places: Iterable[Place]) -> None:
        held = set(self._values.places)
        self._push(self._window_row(place) for place in places if place in held)

    def _window_row(self, place: Place) -> _Row:
        start, end = place
        value = self._values.total(place)
        state = CLOSED if end <= self._closed_until else OPEN
        words = f"{_clock(start)} to {_clock(end)}: {value:g}, {state}"
        return _Row(_window_id(place), state, start, until=end, value=value, words=words)

    def _push(self, rows: Iterable[_Row]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        if columns:
            self._live.push(**dict(zip(_Row._fields, columns, strict=True)))


def _is_window(row: dict[str, Any]) -> bool:
    moments = [row.get("start"), row.get("end")]
    value = row.get("value")
    is_value = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
    return is_value and all(
        isinstance(one, int) and not isinstance(one, bool) and is_in_calendar(one)
        for one in moments
    )


def _other(topic: Topic | None, expected: str, row: dict[str, Any]) -> UsageError:
    fields = ", ".join(name for name in row if name not in PLACE) or "no field at all"
    return UsageError(
        f"Not every record of {topic} can be drawn",
        expected=expected,
        found=f"{fields} at partition {row.get('partition')}, offset {row.get('offset')}",
        remedy="Pass the topic that the flow writes them to.",
    )


def _milliseconds(name: str, fields: dict[str, Any]) -> float:
    try:
        return milliseconds(datetime.fromisoformat(fields[name]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"An event's field {name!r} does not say when it came",
            expected="a moment as text, such as 2013-03-07T12:05:00Z",
            found=shown(fields.get(name, "no such field")),
            remedy='Name another field, arrived="...", or none for the order of arrival.',
        ) from None


def _id(partition: int, offset: int) -> str:
    return f"{partition}-{offset}"


def _window_id(place: Place) -> str:
    start, end = place
    return f"window {start} {end}"


def _words(who: str | None, at: int) -> str:
    return f"{who or 'event'}, {_clock(at)}"


def _clock(at: int) -> str:
    return f"{from_milliseconds(at):%d %b %H:%M}"
