"""What became of one order, across all services: a lane for each, bars, arrows and gaps."""

from collections.abc import Iterator, Sequence
from typing import Any

import altair as alt

from eventlab.arguments import required_name
from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import BLUE, GREEN, MIDDLE_GREY, ORANGE, SKY, VERMILION
from eventlab.log import Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.span_picture import Row, SpanPicture
from eventlab.services.spans import story

_DRAWN_PER_SECOND = 4
_AT_MOST = 50_000
_COLUMNS = ("id", "what", "begin", "end", "lane", "lane2", "kind", "words", "reason")
# What serves and what processes an event is drawn high, what goes out of it low and within.
_HIGH = ["answers a request", "processes an event"]
_LOW = ["calls, and waits", "publishes"]
_KINDS = {"server": _HIGH[0], "consumer": _HIGH[1], "client": _LOW[0], "producer": _LOW[1]}
_WAITS = "lies in a topic"
_FAILED = "failed"
_DOWNWARDS = "head down"
_UPWARDS = "head up"
_HEIGHT = 36  # pixels a lane
_THICK = 20
_THIN = 8
_BESIDE = 14  # from the middle of a lane to what stands above or below its bar

_DIGITS = 3  # of a lane's number
_X = alt.X("begin:Q", title="milliseconds since it came in", scale=alt.Scale(zero=True))
_Y = alt.Y(
    "lane:N",
    title=None,
    sort="ascending",
    axis=alt.Axis(grid=True, domain=False, labelExpr=f"slice(datum.label, {_DIGITS + 1})"),
)
_COLOUR = alt.Color(
    "kind:N",
    title=None,
    scale=alt.Scale(
        domain=[*_HIGH, *_LOW, _WAITS, _FAILED],
        range=[BLUE, ORANGE, SKY, GREEN, MIDDLE_GREY, VERMILION],
    ),
    # As many columns on any page: Vega places the title before it knows how many rows these take.
    legend=alt.Legend(orient="top", columns=2),
)
_TOOLTIP = [
    alt.Tooltip("words:N", title="what"),
    alt.Tooltip("begin:Q", title="from (ms)", format=",.1f"),
    alt.Tooltip("end:Q", title="to (ms)", format=",.1f"),
]


class OrderTimeline(SpanPicture):
    """Draw what became of one order: lanes are services and topics, bars are spans, in their time.

    `spans` is the topic that services write their spans to, `lab.topic("spans")`, and `key` the
    order's: that of its events, or what `services.about` says. An arrow is a call or an event on
    its way; a grey bar in the lane of a topic is the gap in which the event lay there and nobody
    worked on it. Raises UsageError; `show` raises TopicError.
    """

    @checked
    def __init__(self, spans: Topic, key: str) -> None:
        self._key = required_name("key", key, example='"o-7"')
        self._lanes = 0
        live = LiveChart(
            timeline_chart(key),
            alt=f"What became of {key}, in the order of time: a lane for each service",
            key="id",
        )
        super().__init__(
            spans, live, columns=_COLUMNS, at_most=_AT_MOST, per_second=_DRAWN_PER_SECOND
        )

    def scores(self) -> dict[str, Any]:
        """Return in how many lanes the order was seen."""
        return {"services and topics on its way": self._lanes}

    def _rows(self) -> list[Row]:
        rows = timeline_rows(story(self._store.newest(), self._key), self._prefix)
        self._lanes = sum(row["what"] == "lane" for row in rows)
        return rows


def timeline_rows(rows: Sequence[Row], prefix: str = "") -> list[Row]:
    """Return what is drawn for the rows of a story: bars, gaps, and the arrows between lanes.

    The lanes of what came in first stand above those of what came in later, each in the order of
    time; their numbers are in their names, so that a chart can sort them.
    """
    begins: dict[str, float] = {}
    for row in rows:
        begins.setdefault(row["trace_id"], row["begin_ms"])
    ordered = sorted(rows, key=lambda row: (begins[row["trace_id"]], row["begin_ms"]))
    names = dict.fromkeys(_name(row, prefix) for row in ordered)
    lanes = {name: f"{number:0{_DIGITS}d} {name}" for number, name in enumerate(names)}
    placed = [row | {"at": lanes[_name(row, prefix)]} for row in ordered]
    drawn = [
        {"id": f"lane {name}", "what": "lane", "begin": 0.0, "lane": lane}
        for name, lane in lanes.items()
    ]
    return drawn + [_bar(row, prefix) for row in placed] + list(_arrows(placed))


def _name(row: Row, prefix: str) -> str:
    lane: str = row["lane"]
    return f"topic {lane.removeprefix(prefix)}" if row["what"] == "gap" else lane


def _bar(row: Row, prefix: str) -> Row:
    is_gap = row["what"] == "gap"
    kind = _WAITS if is_gap else _KINDS[row["kind"]]
    return {
        "id": f"{row['what']} {row['span_id']} {row['name']}",
        "what": "gap" if is_gap else "bar" if kind in _HIGH else "inner",
        "begin": row["begin_ms"],
        "end": row["end_ms"],
        "lane": row["at"],
        "kind": _FAILED if row["status"] == "error" else kind,
        "words": " ".join(filter(None, [row["name"].replace(prefix, ""), row["words"]])),
        "reason": row["words"] if row["status"] == "error" else "",
    }


def _arrows(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield arrows: a call goes to who answers it, an event into its topic, and out of it again."""
    spans = {row["span_id"]: row for row in rows if row["what"] == "span"}
    gaps = {(row["span_id"], row["name"]): row for row in rows if row["what"] == "gap"}
    for row in spans.values():
        parent = spans.get(row["parent_id"])
        if parent is None or parent["at"] == row["at"]:
            continue
        gap = gaps.get((parent["span_id"], f"waits for {row['lane']}"))
        if gap is None:
            left = "end_ms" if parent["kind"] == "producer" else "begin_ms"
            yield from _arrow(parent["at"], min(parent[left], row["begin_ms"]), row)
        else:
            yield _line(f"into {row['span_id']}", parent, gap)
            yield from _arrow(gap["at"], gap["end_ms"], row)


def _line(name: str, producer: Row, gap: Row) -> Row:
    """Return how an event goes into its topic, in no time."""
    places = {"lane": producer["at"], "lane2": gap["at"]}
    return {"id": name, "what": "arrow", "begin": gap["begin_ms"], "end": gap["begin_ms"]} | places


def _arrow(lane: str, left: float, row: Row) -> Iterator[Row]:
    arrived = row["begin_ms"]
    places = {"lane": lane, "lane2": row["at"]}
    yield {"id": f"arrow {row['span_id']}", "what": "arrow", "begin": left, "end": arrived} | places
    turn = _DOWNWARDS if row["at"] > lane else _UPWARDS
    yield {"id": f"head {row['span_id']}", "what": turn, "begin": arrived, "lane": row["at"]}


def timeline_chart(key: str) -> Layers:
    """Return a chart over the data "live", whose rows `timeline_rows` makes."""
    data = alt.Chart(alt.NamedData("live"))
    lanes = only(data, ["lane"]).mark_point(opacity=0).encode(x=_X, y=_Y)
    layers = [lanes, *_arrow_layers(data), _bars(data, "gap", _THIN, cornerRadius=4)]
    for what, thick, edge in (("bar", _THICK, 0), ("inner", _THIN, 1)):
        layers.append(_bars(data, what, thick, stroke="#FFFFFF", strokeWidth=edge))
        # However short a span is, it is seen.
        ticks = only(data, [what]).mark_tick(height=thick, thickness=3, opacity=1)
        layers.append(ticks.encode(x=_X, y=_Y, color=_COLOUR))
    reasons = only(data, ["bar"]).mark_text(
        align="left", yOffset=_BESIDE, fontSize=10, fontWeight="bold", color=VERMILION
    )
    layers.append(reasons.encode(x=_X, y=_Y, text="reason:N"))
    title = alt.Title(
        f"What became of {key}", subtitle="a lane for each service and topic, time to the right"
    )
    return alt.layer(*layers, title=title).properties(height=alt.Step(_HEIGHT))


def _bars(data: alt.Chart, what: str, thick: int, **look: Any) -> alt.Chart:
    bars: alt.Chart = (
        only(data, [what])
        .mark_bar(height=thick, **look)
        .encode(x=_X, x2="end:Q", y=_Y, color=_COLOUR, tooltip=_TOOLTIP)
    )
    return bars


def _arrow_layers(data: alt.Chart) -> list[alt.Chart]:
    lines = only(data, ["arrow"]).mark_rule(color=MIDDLE_GREY, strokeWidth=1.5)
    layers = [lines.encode(x=_X, x2="end:Q", y=_Y, y2="lane2:N")]
    for turn, shape, beside in (
        (_DOWNWARDS, "triangle-down", -_BESIDE),
        (_UPWARDS, "triangle-up", _BESIDE),
    ):
        heads = only(data, [turn]).mark_point(
            shape=shape, filled=True, color=MIDDLE_GREY, size=50, opacity=1, yOffset=beside
        )
        layers.append(heads.encode(x=_X, y=_Y))
    return layers
