"""What became of one order, across all services: a lane for each, bars, arrows and gaps."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from eventlab.arguments import required_name
from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import BLUE, GREEN, GREY, ORANGE, SKY, VERMILION
from eventlab.log import Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.span_picture import Row, SpanPicture
from eventlab.services.spans import story

_DRAWN_PER_SECOND = 4
_AT_MOST = 50_000
_COLUMNS = ("id", "what", "begin", "end", "lane", "lane2", "kind", "words")
# What serves and what processes an event is drawn high, what goes out of it low and within.
_HIGH = ["answers a request", "processes an event"]
_LOW = ["calls", "publishes"]
_KINDS = {"server": _HIGH[0], "consumer": _HIGH[1], "client": _LOW[0], "producer": _LOW[1]}
_FAILED = "failed"
_HEIGHT = 42  # pixels a lane
_THICK = 22
_THIN = 9


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
    """Return what is drawn for the rows of a story: bars, gaps, and the arrows between lanes."""
    bars = [_bar(row, prefix) for row in rows]
    lanes = dict.fromkeys(bar["lane"] for bar in bars)
    drawn = [{"id": f"lane {lane}", "what": "lane", "begin": 0.0, "lane": lane} for lane in lanes]
    drawn += bars
    spans = {row["span_id"]: row for row in rows if row["what"] == "span"}
    for row in spans.values():
        parent = spans.get(row["parent_id"])
        if parent is not None and parent["lane"] != row["lane"]:
            drawn += _arrow(parent, row)
    return drawn


def _bar(row: Row, prefix: str) -> Row:
    is_gap = row["what"] == "gap"
    lane = row["lane"].removeprefix(prefix) if is_gap else row["lane"]
    kind = "waits" if is_gap else _KINDS[row["kind"]]
    return {
        "id": f"{row['what']} {row['span_id']} {row['name']}",
        "what": "gap" if is_gap else "bar" if kind in _HIGH else "inner",
        "begin": row["begin_ms"],
        "end": row["end_ms"],
        "lane": lane,
        "kind": _FAILED if row["status"] == "error" else kind,
        "words": " ".join(filter(None, [row["name"].replace(prefix, ""), row["words"]])),
    }


def _arrow(parent: Row, row: Row) -> list[Row]:
    """Return an arrow: a call leaves when it begins, an event when it is published."""
    left = parent["end_ms"] if parent["kind"] == "producer" else parent["begin_ms"]
    line = {"begin": min(left, row["begin_ms"]), "end": row["begin_ms"]}
    lanes = {"lane": parent["lane"], "lane2": row["lane"]}
    return [
        {"id": f"arrow {row['span_id']}", "what": "arrow"} | line | lanes,
        {"id": f"head {row['span_id']}", "what": "head", "begin": line["end"], "lane": row["lane"]},
    ]


def timeline_chart(key: str) -> Layers:
    """Return a chart over the data "live", whose rows `timeline_rows` makes."""
    data = alt.Chart(alt.NamedData("live"))
    x = alt.X("begin:Q", title="milliseconds since it came in", scale=alt.Scale(zero=True))
    y = alt.Y("lane:N", title=None, sort=None, axis=alt.Axis(grid=True, domain=False))
    kinds = [*_HIGH, *_LOW, _FAILED]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=kinds, range=[BLUE, ORANGE, SKY, GREEN, VERMILION]),
        legend=alt.Legend(orient="top"),
    )
    said = ["words:N", "begin:Q", "end:Q"]
    place = {"x": x, "x2": "end:Q", "y": y, "tooltip": said}
    gaps = only(data, ["gap"]).mark_bar(height=8, color="#BBBBBB").encode(**place)
    bars = only(data, ["bar"]).mark_bar(height=_THICK)
    inner = only(data, ["inner"]).mark_bar(height=_THIN, stroke="#FFFFFF", strokeWidth=1)
    # However short a span is, it is seen.
    ticks = only(data, ["bar"]).mark_tick(height=_THICK, thickness=3, opacity=1)
    inner_ticks = only(data, ["inner"]).mark_tick(height=_THIN, thickness=3, opacity=1)
    lanes = only(data, ["lane"]).mark_point(opacity=0)  # the first, for the order of the lanes
    arrows = only(data, ["arrow"]).mark_rule(color=GREY, strokeWidth=1.5)
    heads = only(data, ["head"]).mark_point(
        shape="triangle-right", filled=True, color=GREY, size=70, opacity=1, xOffset=-4
    )
    return alt.layer(
        lanes.encode(x=x, y=y),
        gaps,
        bars.encode(color=colour, **place),
        ticks.encode(x=x, y=y, color=colour),
        inner.encode(color=colour, **place),
        inner_ticks.encode(x=x, y=y, color=colour),
        arrows.encode(x=x, x2="end:Q", y=y, y2="lane2:N"),
        heads.encode(x=x, y=y),
        title=alt.Title(
            f"What became of {key}", subtitle="grey: it lies in a topic, and nobody works on it"
        ),
    ).properties(height=alt.Step(_HEIGHT))
