"""A join as it happens: events that wait for their partner, find it, or stay alone."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from zlib import crc32

import altair as alt

from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.moments import is_in_calendar
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.newest import Newest
from eventlab.pictures.picture import Picture

WAITING = "waiting"
MATCHED = "matched"
ALONE = "alone"
PAIR = "pair"
KEEP = 20_000  # so many events and pairs are held, the newest

_LANES = {"left": 1.0, "right": 0.0}  # where each side's lane begins
_LANE = 0.7  # how much of its lane the events of a side take
_HEIGHT_PIXELS = 240


class _Event(NamedTuple):
    side: str
    key: str | None
    time: int

    @property
    def id(self) -> str:
        return _id(self.side, self.key, self.time)


class JoinPicture(Picture):
    """Draw the events of two topics in two lanes, and what became of them in a topic of joins.

    `joined` is a topic of `streams.Joined`. An event is known by its key and its time, and stands
    at a height of its key's own. It waits until a result names it: with its partner, or alone.
    """

    @checked
    def __init__(self, left: Topic, right: Topic, joined: Topic) -> None:
        self._live = LiveChart(
            join_chart(str(left), str(right)),
            alt=f"Events of {left} above and of {right} below, with lines between those that match",
            key="id",
            keep=KEEP,
        )
        super().__init__(self._live)
        self._topics = {"left": left, "right": right}
        self._joined = joined
        self._lock = threading.Lock()
        self._outcomes: Newest[str, str] = Newest(KEEP)
        self._drawn: Newest[str, _Event] = Newest(KEEP)

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topics["left"], self._draw_left)
        yield self._follow(self._topics["right"], self._draw_right)
        yield self._follow(self._joined, self._draw_results)

    def _draw_left(self, batch: Batch) -> None:
        self._draw_events("left", batch)

    def _draw_right(self, batch: Batch) -> None:
        self._draw_events("right", batch)

    def _draw_events(self, side: str, batch: Batch) -> None:
        places = zip(batch.place["key"], batch.place["timestamp"], strict=True)
        events = [_Event(side, key, time) for key, time in places]
        with self._lock:
            for event in events:
                self._drawn[event.id] = event
            self._push_events({event.id: event for event in events})

    def _draw_results(self, batch: Batch) -> None:
        pairs = []
        changed: dict[str, _Event] = {}
        with self._lock:
            for row in batch.rows:
                if not _is_joined(row):
                    self._live.report(_no_join(self._joined, row))
                    continue
                ids = _ids_of(row)
                outcome = MATCHED if len(ids) == len(_LANES) else ALONE
                for one in ids:
                    self._outcomes[one] = outcome
                    if one in self._drawn:
                        changed[one] = self._drawn[one]
                if outcome is MATCHED:
                    pairs.append((row["key"], row["left_time"], row["right_time"]))
            self._push_events(changed)
            self._push_pairs(pairs)

    def _push_events(self, events: Mapping[str, _Event]) -> None:
        if not events:
            return
        outcomes = [self._outcomes.get(one, WAITING) for one in events]
        nothing = [None] * len(events)
        self._live.push(
            id=list(events),
            what=outcomes,
            at=[event.time for event in events.values()],
            lane=[_height(event.side, event.key) for event in events.values()],
            until=nothing,
            other_lane=nothing,
            words=[
                f"{event.side}, key {event.key}: {outcome}"
                for event, outcome in zip(events.values(), outcomes, strict=True)
            ],
        )

    def _push_pairs(self, pairs: list[tuple[str | None, int, int]]) -> None:
        if not pairs:
            return
        self._live.push(
            id=[f"pair {key} {one} {other}" for key, one, other in pairs],
            what=[PAIR] * len(pairs),
            at=[one for _, one, _ in pairs],
            lane=[_height("left", key) for key, _, _ in pairs],
            until=[other for _, _, other in pairs],
            other_lane=[_height("right", key) for key, _, _ in pairs],
            words=[None] * len(pairs),
        )


def _is_joined(row: dict[str, Any]) -> bool:
    times = [row.get(f"{side}_time", "none") for side in _LANES]
    return all(time is None or (isinstance(time, int) and is_in_calendar(time)) for time in times)


def _no_join(topic: Topic, row: dict[str, Any]) -> UsageError:
    return UsageError(
        f"Not every record of {topic} can be drawn",
        expected="what a join made: streams.Joined, with left_time and right_time",
        found=f"another record at partition {row['partition']}, offset {row['offset']}",
        remedy="Pass the topic that the flow writes its joins to.",
    )


def _ids_of(row: dict[str, Any]) -> list[str]:
    times = {side: row[f"{side}_time"] for side in _LANES}
    return [_id(side, row["key"], time) for side, time in times.items() if time is not None]


def _id(side: str, key: str | None, time: int) -> str:
    return f"{side} {key} {time}"


def _height(side: str, key: str | None) -> float:
    return _LANES[side] + _LANE * (crc32(str(key).encode()) % 97) / 97


def join_chart(left: str, right: str) -> Layers:
    """Return a chart over the data "live", whose rows are events and pairs.

    A row has `id` and `what`: WAITING, MATCHED or ALONE with `at` (milliseconds), `lane` and
    `words`; or PAIR with `at`, `lane`, `until` and `other_lane`. `left` and `right` name the sides.
    """
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X("at:T", title="event time (UTC)", scale=alt.Scale(type="utc")).axis(
            format="%d %b %H:%M"
        ),
        y=_lane_axis(left, right),
        color=alt.Color(
            "what:N",
            title=None,
            scale=alt.Scale(
                domain=[WAITING, MATCHED, ALONE],
                range=[COLOURS["stream"], COLOURS["join"], COLOURS["late"]],
            ),
            legend=alt.Legend(orient="top", symbolOpacity=1, symbolFillColor="white"),
        ),
    )
    pairs = only(base, [PAIR]).mark_rule(color=COLOURS["join"], opacity=0.5)
    pairs = pairs.encode(x2="until:T", y2="other_lane:Q", color=alt.value(COLOURS["join"]))
    hollow = only(base, [WAITING]).mark_point(size=40, strokeWidth=1.5, opacity=1)
    filled = only(base, [MATCHED, ALONE]).mark_point(size=40, filled=True, opacity=1)
    words = alt.Tooltip("words:N", title="event")
    dots = [one.encode(tooltip=[words]) for one in (hollow, filled)]
    return alt.layer(pairs, *dots).properties(height=_HEIGHT_PIXELS)


def _lane_axis(left: str, right: str) -> alt.Y:
    above = _LANES["left"]
    below = _LANES["right"]
    return alt.Y(
        "lane:Q",
        title=None,
        scale=alt.Scale(domain=[below - 0.1, above + _LANE + 0.1], nice=False),
        axis=alt.Axis(
            values=[below, above],
            labelExpr=f"datum.value == {above} ? '{left}' : '{right}'",
            grid=False,
            labelBaseline="bottom",
        ),
    )
