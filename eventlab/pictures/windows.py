"""Windows that open, fill and close along event time, over the events that come, and come late."""

import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from eventlab import log
from eventlab.errors import UsageError
from eventlab.live import LiveChart, Ticker
from eventlab.live.windows import (
    CLOSED,
    DROPPED,
    LATE,
    ON_TIME,
    OPEN,
    STREAM_TIME,
    WATERMARK,
    windows_chart,
)
from eventlab.pictures.picture import Picture
from eventlab.streams import Running

_LOOKS_PER_SECOND = 4
_KEEP = 20_000
_NOTHING = timedelta(0)


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
    """

    def __init__(
        self,
        events: log.Topic,
        windows: log.Topic,
        late: log.Topic | None = None,
        *,
        flow: Running | None = None,
        grace: timedelta = _NOTHING,
        arrived: str | None = None,
        value: str = "events",
    ):
        self._flow, self._grace, self._arrived = flow, grace // timedelta(milliseconds=1), arrived
        self._lock = threading.Lock()
        self._dropped: dict[str, str] = {}
        self._places: dict[str, float] = {}
        self._values: dict[tuple[int, int], dict[str, float]] = {}
        self._closed: set[tuple[int, int]] = set()
        self._watermark = -1.0
        self._count, self._stream_times = 0, dict[int, int]()
        self.chart = LiveChart(
            windows_chart(
                arrival="when its report came (UTC)" if arrived else "order of arrival",
                arrival_is_time=arrived is not None,
                value=value,
            ),
            alt=f"The events of {events} by event time and arrival, and the windows they fill",
            key="id",
            keep=_KEEP,
        )
        feeds: list[Any] = [
            log.follow(events, self._draw_events, start="earliest"),
            log.follow(windows, self._draw_windows, start="earliest"),
            Ticker(self._move_watermark, _LOOKS_PER_SECOND),
        ]
        if late is not None:
            feeds.append(log.follow(late, self._draw_late, start="earliest"))
        for feed in feeds:
            self.chart.on_stop(feed.stop)
        self.chart.show()

    def _draw_events(self, batch: log.Batch) -> None:
        rows = [drawn for row in batch.rows for drawn in self._event_rows(row)]
        with self._lock:
            self._places.update((row.id, row.arrived) for row in rows)
            told = [
                row._replace(what=DROPPED, words=self._dropped[row.id])
                if row.id in self._dropped
                else row
                for row in rows
            ]
        self._push(told)

    def _event_rows(self, row: dict) -> Iterator[_Row]:
        self._count += 1
        number, at, arrived = row["partition"], row["timestamp"], self._arrival(row)
        stream_time = self._stream_times.get(number, -1)
        what = LATE if at < stream_time else ON_TIME
        yield _Row(_id(number, row["offset"]), what, at, arrived, words=_words(row["key"], at))
        if at > stream_time:
            self._stream_times[number] = at
            yield _Row(f"stream {self._count}", STREAM_TIME, at, arrived, partition=number)

    def _draw_late(self, batch: log.Batch) -> None:
        rows = []
        with self._lock:
            for row in batch.rows:
                arrival = row["arrival"]
                one, at = _id(arrival["partition"], arrival["offset"]), arrival["time"]
                words = self._dropped[one] = f"{_words(arrival['key'], at)}: {row['reason']}"
                if one in self._places:  # else it is drawn as dropped when it comes
                    rows.append(_Row(one, DROPPED, at, self._places[one], words=words))
        self._push(rows)

    def _draw_windows(self, batch: log.Batch) -> None:
        changed = []
        for row in batch.rows:
            place = row["start"], row["end"]
            values = self._values.setdefault(place, {})
            if row["value"] is None:
                values.pop(row["key"], None)
            else:
                values[row["key"]] = row["value"]
            changed.append(place)
        self._push(map(self._window_row, dict.fromkeys(changed)))

    def _move_watermark(self) -> None:
        passed = self._flow.watermark if self._flow is not None else None
        if passed is None:
            return
        watermark = passed.timestamp() * 1000
        if watermark > self._watermark:
            self._watermark = watermark
            self._push([_Row(WATERMARK, WATERMARK, watermark)])
        over = {place for place in list(self._values) if place[1] <= watermark - self._grace}
        fresh = sorted(over - self._closed)
        self._closed |= over
        self._push(map(self._window_row, fresh))

    def _window_row(self, place: tuple[int, int]) -> _Row:
        (start, end), value = place, sum(list(self._values[place].values()))
        state = CLOSED if place in self._closed else OPEN
        words = f"{_clock(start)} to {_clock(end)}: {value:g}, {state}"
        return _Row(f"window {start} {end}", state, start, until=end, value=value, words=words)

    def _push(self, rows: Iterable[_Row]) -> None:
        if columns := list(zip(*rows, strict=True)):
            self.chart.push(**dict(zip(_Row._fields, map(list, columns), strict=True)))

    def _arrival(self, row: dict) -> float:
        return self._count if self._arrived is None else _milliseconds(self._arrived, row)


def _milliseconds(name: str, fields: dict) -> float:
    try:
        return datetime.fromisoformat(fields[name]).timestamp() * 1000
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"An event's field {name!r} does not say when it came",
            expected="a moment as text, such as 2013-03-07T12:05:00Z",
            found=repr(fields.get(name, "no such field")),
        ) from None


def _id(partition: int, offset: int) -> str:
    return f"{partition}-{offset}"


def _words(who: str | None, at: int) -> str:
    return f"{who or 'event'}, {_clock(at)}"


def _clock(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%d %b %H:%M}"
