"""Windows that open, fill and close along event time, over the events that come, and come late."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

from eventlab import log
from eventlab.errors import UsageError
from eventlab.live import LiveChart, Ticker
from eventlab.live.windows import CLOSED, LATE, ON_TIME, OPEN, STREAM_TIME, windows_chart
from eventlab.pictures.picture import Picture
from eventlab.streams import Running

_LOOKS_PER_SECOND = 4
_KEEP = 20_000
_NOTHING = timedelta(0)


class WindowPicture(Picture):
    """Draw events, the windows that they fill, stream time, and what came too late.

    `events` is their topic; `windows` one of `streams.Window`, whose values are added up over the
    keys; `late` one of `streams.Late`. `flow` is what makes them: it tells when a window with its
    `grace` is over. `arrived` names the field of an event that says when it came; without it the
    events stand in the order in which they were read.
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
        self._late: dict[str, str] = {}
        self._places: dict[str, float] = {}
        self._values: dict[tuple[int, int], dict[str, float]] = {}
        self._closed: set[tuple[int, int]] = set()
        self._count, self._stream_time = 0, -1
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
            Ticker(self._close_windows, _LOOKS_PER_SECOND),
        ]
        if late is not None:
            feeds.append(log.follow(late, self._draw_late, start="earliest"))
        for feed in feeds:
            self.chart.on_stop(feed.stop)
        self.chart.show()

    def _draw_events(self, batch: log.Batch) -> None:
        rows = []
        for row in batch.rows:
            self._count += 1
            at, arrived = row["timestamp"], self._arrival(row)
            rows.append((_id(row["partition"], row["offset"]), ON_TIME, at, arrived, row["key"]))
            if at > self._stream_time:
                self._stream_time = at
                rows.append((f"stream {self._count}", STREAM_TIME, at, arrived, None))
        with self._lock:
            self._places.update((one, arrived) for one, _, _, arrived, _ in rows)
            told = [
                (one, LATE, at, arrived, self._late[one])
                if one in self._late
                else (one, what, at, arrived, _words(who, at))
                for one, what, at, arrived, who in rows
            ]
        self._push_dots(told)

    def _draw_late(self, batch: log.Batch) -> None:
        rows = []
        with self._lock:
            for row in batch.rows:
                arrival = row["arrival"]
                one, at = _id(arrival["partition"], arrival["offset"]), arrival["time"]
                words = self._late[one] = f"{_words(arrival['key'], at)}: {row['reason']}"
                if one in self._places:  # else it is drawn as late when it comes
                    rows.append((one, LATE, at, self._places[one], words))
        if rows:
            self._push_dots(rows)

    def _draw_windows(self, batch: log.Batch) -> None:
        changed = {}
        for row in batch.rows:
            place = row["start"], row["end"]
            values = self._values.setdefault(place, {})
            if row["value"] is None:
                values.pop(row["key"], None)
            else:
                values[row["key"]] = row["value"]
            changed[place] = sum(values.values())
        self._push_windows(changed)

    def _close_windows(self) -> None:
        passed = self._flow.watermark if self._flow is not None else None
        if passed is None:
            return
        before = passed.timestamp() * 1000 - self._grace
        over = [place for place in list(self._values) if place[1] <= before]
        fresh = [place for place in over if place not in self._closed]
        self._closed.update(fresh)
        if fresh:
            self._push_windows({place: sum(self._values[place].values()) for place in fresh})

    def _push_windows(self, values: dict[tuple[int, int], float]) -> None:
        places = list(values)
        states = [CLOSED if place in self._closed else OPEN for place in places]
        self.chart.push(
            id=[f"window {start} {end}" for start, end in places],
            what=states,
            at=[start for start, _ in places],
            until=[end for _, end in places],
            value=list(values.values()),
            arrived=[None] * len(places),
            words=[
                f"{_clock(start)} to {_clock(end)}: {values[start, end]:g}, {state}"
                for (start, end), state in zip(places, states, strict=True)
            ],
        )

    def _push_dots(self, rows: list[tuple]) -> None:
        ids, kinds, times, arrived, words = (list(column) for column in zip(*rows, strict=True))
        nothing = [None] * len(rows)
        self.chart.push(
            id=ids, what=kinds, at=times, until=nothing, value=nothing, arrived=arrived, words=words
        )

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
