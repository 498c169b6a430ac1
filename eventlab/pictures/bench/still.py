"""The bench as a still chart, for where a notebook is read and not run."""

from collections.abc import Iterable
from typing import Any

import altair as alt

from eventlab.live.theme import COLOURS, WIDTH, in_our_style
from eventlab.pictures.bench.axis import Axis
from eventlab.pictures.bench.lanes import lanes_of
from eventlab.pictures.bench.message import STATUS_COLOURS
from eventlab.pictures.bench.result import PARTLY, STATUSES, Result
from eventlab.pictures.layers import Layers

_LANE_PIXELS = 18
_MOST_LANES = 12
_ROW_PIXELS = 12
_LEAST_PIXELS = 160
_MOST_PIXELS = 420
_FAINT = 0.2  # with less, the few colours of the picture file have no room for it
_MINUTE = 60_000
_DAY = 86_400_000


def specification_of(result: Result, axis: Axis) -> dict[str, Any]:
    """Return the chart of a result as Vega-Lite: windows and what they came to, over the events."""
    with in_our_style():
        return _Still(result, axis).chart().to_dict()


def words_of(result: Result) -> str:
    """Return what the picture shows, for those who cannot see it."""
    counted = ", ".join(f"{result.count(status)} {status}" for status in STATUSES)
    joined = f"{len(result.joined)} joined"
    windows = f"{len(result.filled)} windows"
    return (
        f"{len(result.outcomes)} events, event time across, order of arrival upwards, with the"
        f" watermark as a staircase; {result.scenario.kind}:"
        f" {joined if result.scenario.is_join else windows}; {counted}"
    )


class _Still:
    def __init__(self, result: Result, axis: Axis) -> None:
        self._result = result
        self._axis = axis
        self._count = len(result.outcomes)
        self._time = alt.Scale(domain=[axis.first, axis.last], nice=False, type="utc")
        self._arrival = alt.Scale(domain=[0.5, self._count + 0.5], nice=False, zero=False)

    def chart(self) -> alt.TopLevelMixin:
        height = min(max(_ROW_PIXELS * self._count, _LEAST_PIXELS), _MOST_PIXELS)
        layers = [*self._columns(), *self._watermark(), *self._pairs(), *self._events()]
        plot = alt.layer(*layers).properties(width=WIDTH, height=height)
        if not self._result.filled:
            return plot
        both: alt.VConcatChart = alt.vconcat(self._lanes(), plot, spacing=4).resolve_scale(
            color="independent", shape="independent", x="shared"
        )
        return both

    def _x(self, field: str, **options: Any) -> alt.X:
        span = self._axis.last - self._axis.first
        days = self._axis.first // _DAY != self._axis.last // _DAY
        clock = "%H:%M:%S" if span < 8 * _MINUTE else "%-d %b %H:%M" if days else "%H:%M"
        axis = alt.Axis(format=clock, title="event time (UTC)")
        return alt.X(field, scale=self._time, **{"axis": axis, **options})

    def _y(self, field: str) -> alt.Y:
        axis = alt.Axis(grid=False, title="order of arrival")
        return alt.Y(field, scale=self._arrival, axis=axis)

    def _events(self) -> list[alt.Chart]:
        both = zip(self._result.scenario.events, self._result.outcomes, strict=True)
        rows = [
            {"time": event.milliseconds, "arrival": n, "status": outcome.status, "key": event.key}
            for n, (event, outcome) in enumerate(both, 1)
        ]
        present = [status for status in STATUSES if self._result.count(status)]
        colours = alt.Scale(domain=present, range=[STATUS_COLOURS[one] for one in present])
        has_keys = len({row["key"] for row in rows}) > 1
        keys = alt.Legend(orient="top", title=None, symbolFillColor=COLOURS["reader"])
        words = f"datum.label == '{PARTLY}' ? '{PARTLY} (hollow)' : datum.label"
        legend = alt.Legend(orient="top", title=None, symbolType="circle", labelExpr=words)
        base = _chart(rows).encode(
            x=self._x("time:T"),
            y=self._y("arrival:Q"),
            color=alt.Color("status:N", scale=colours, legend=legend),
            shape=alt.Shape("key:N", legend=keys if has_keys else None),
        )
        # Half lost, half filled: the white in the middle is what tells it from what is too late.
        whole = base.mark_point(filled=True, opacity=1, size=45)
        hole = base.transform_filter(alt.datum.status == PARTLY).mark_point(
            filled=True, size=12, opacity=1
        )
        return [whole, hole.encode(color=alt.value("white"))]

    def _watermark(self) -> list[alt.Chart]:
        """Return the staircase, and the ground of what it has passed."""
        passed = [
            min(max(outcome.watermark, self._axis.first), self._axis.last)
            for outcome in self._result.outcomes
        ]
        rows = [
            {"first": self._axis.first, "watermark": mark, "before": n - 0.5, "after": n + 0.5}
            for n, mark in enumerate(passed, 1)
        ]
        stairs = [
            {
                "watermark": row["watermark"],
                "arrival": row[side],
                "number": 2 * n + (side == "after"),
            }
            for n, row in enumerate(rows)
            for side in ("before", "after")
        ]
        ground = (
            _chart(rows)
            .mark_rect(color=COLOURS["watermark"], opacity=_FAINT)
            .encode(x=self._x("first:T"), x2="watermark:T", y=self._y("before:Q"), y2="after:Q")
        )
        line = (
            _chart(stairs)
            .mark_line(color=COLOURS["watermark"])
            .encode(x=self._x("watermark:T"), y=self._y("arrival:Q"), order="number:Q")
        )
        words = {"first": self._axis.first, "arrival": self._count + 0.5}
        label = (
            _chart([words])
            .mark_text(align="left", baseline="top", dx=6, dy=6, text="behind the watermark")
            .encode(x=self._x("first:T"), y=self._y("arrival:Q"))
        )
        return [ground, line, label]

    def _columns(self) -> list[alt.Chart]:
        """Return the windows as columns that reach up to where each closed."""
        if self._result.scenario.kind not in ("tumbling", "hopping"):
            return []
        windows = {(one.start, one.end): one.closed_by for one in self._result.filled}
        rows = [
            {
                "start": max(start, self._axis.first),
                "end": min(end, self._axis.last),
                "opened": 0.5,
                "closed": (self._count if closed_by is None else closed_by) + 0.5,
            }
            for (start, end), closed_by in windows.items()
        ]
        faint = _FAINT / 2 if self._result.scenario.kind == "hopping" else _FAINT
        columns = _chart(rows).mark_rect(
            color=COLOURS["table"], fillOpacity=faint, stroke=COLOURS["table"]
        )
        return [
            columns.encode(x=self._x("start:T"), x2="end:T", y=self._y("opened:Q"), y2="closed:Q")
        ]

    def _pairs(self) -> list[alt.Chart]:
        events = self._result.scenario.events
        place = {event.id: (n, event.milliseconds) for n, event in enumerate(events, 1)}
        ends = [(pair.left, pair.right) for pair in self._result.joined]
        rows = [
            dict(zip(("n", "from", "m", "to"), place[left] + place[right], strict=True))
            for left, right in ends
            if left is not None and right is not None
        ]
        lines = (
            _chart(rows)
            .mark_rule(color=COLOURS["join"])
            .encode(x=self._x("from:T"), x2="to:T", y=self._y("n:Q"), y2="m:Q")
        )
        return [lines] if rows else []

    def _lanes(self) -> Layers:
        filled = self._result.filled
        lanes = lanes_of(filled, (self._axis.last - self._axis.first) // 100)
        rows = [
            {"start": one.start, "end": one.end, "lane": lane, "key": one.key, "value": one.value}
            for one, lane in zip(filled, lanes, strict=True)
        ]
        count = max(lanes) + 1
        first = {row["key"]: str(row["lane"]) for row in reversed(rows)}
        names = {lane: key for key, lane in first.items()}
        axis = alt.Axis(labelExpr=f"({names})[datum.label] || ''", ticks=False, domain=False)
        base = _chart(rows).encode(y=alt.Y("lane:O", title=None, axis=axis))
        bars = base.mark_bar(
            clip=True, color=COLOURS["table"], fillOpacity=0.4, stroke=COLOURS["table"]
        ).encode(x=self._x("start:T", axis=None), x2="end:T")
        layers = [bars] if count > _MOST_LANES else [bars, self._values(base)]
        height = _LANE_PIXELS * min(count, _MOST_LANES)
        return alt.layer(*layers).properties(width=WIDTH, height=height, title=_title(self._result))

    def _values(self, base: alt.Chart) -> alt.Chart:
        middle = base.transform_calculate(middle="(datum.start + datum.end) / 2")
        texts: alt.Chart = middle.mark_text(clip=True).encode(
            x=self._x("middle:T", axis=None), text=alt.Text("value:Q", format=",.4~r")
        )
        return texts


def _title(result: Result) -> str:
    words = {"count": "how many events each holds", "sum": "the sums", "mean": "the means"}
    return f"{result.scenario.kind} windows: {words[result.scenario.measure]}"


def _chart(rows: Iterable[dict[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.InlineData(list(rows)))
