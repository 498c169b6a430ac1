"""Who calls whom, and who only shares a topic: a graph of services, drawn from their spans."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import altair as alt

from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import BLUE, GREY, VERMILION
from eventlab.log import Topic
from eventlab.pictures.graph_places import Place, places
from eventlab.pictures.layers import Layers
from eventlab.pictures.span_picture import Row, SpanPicture
from eventlab.services.spans import calls, rows_of

if TYPE_CHECKING:
    from pandas import DataFrame

_DRAWN_PER_SECOND = 2
_AT_MOST = 10_000  # spans: the newest; to count more takes longer than one sees
_WIDTH = 720
_HEIGHT = 260
_HALF_WIDTH = 0.29  # of a node, in columns
_HALF_HEIGHT = 0.17  # in rows
_HEAD = 0.93  # of the way, where the head of an arrow is
_COLUMNS = (
    *("id", "what", "x", "y", "x2", "y2", "words", "kind", "status"),
    *("head_x", "head_y", "angle"),
)


class ServiceGraph(SpanPicture):
    """Draw who calls whom, and who only shares a topic with whom, from the topic of their spans.

    `spans` is the topic that services write their spans to: `lab.topic("spans")`. Beside each edge
    stand how many a second, the 95th percentile of its latency (of a topic, how long an event lay
    there), and how many failed, over the last `window`. What was seen once keeps its place. Raises
    UsageError; `show` raises TopicError.
    """

    @checked
    def __init__(self, spans: Topic, *, window: timedelta = timedelta(seconds=10)) -> None:
        self._window_seconds = max(window.total_seconds(), 0.0)
        self._edges: dict[tuple[str, str, str, str], Row | None] = {}
        live = LiveChart(
            graph_chart(),
            alt="Which services call each other, and which share a topic, with their figures",
            key="id",
        )
        super().__init__(
            spans, live, columns=_COLUMNS, at_most=_AT_MOST, per_second=_DRAWN_PER_SECOND
        )

    def scores(self) -> dict[str, Any]:
        """Return how many of the edges have failures now."""
        failing = sum(bool(row and row["errors"]) for row in self._edges.values())
        return {"edges with errors": f"{failing} of {len(self._edges)}"}

    def _rows(self) -> list[Row]:
        self._take(calls(self._store.newest(self._window_seconds)))
        return graph_rows(self._edges, self._prefix)

    def _take(self, edges: "DataFrame") -> None:
        self._edges = dict.fromkeys(self._edges)  # what is not called now has no figures
        for row in rows_of(edges):
            self._edges[row["caller"], row["callee"], row["kind"], row["topic"]] = row


def graph_rows(edges: dict[tuple[str, str, str, str], Row | None], prefix: str = "") -> list[Row]:
    """Return what is drawn for edges, by (caller, callee, kind, topic), with or without figures."""
    parts = [part for edge, row in edges.items() for part in _parts(edge, row, prefix)]
    placed = places((begin, end) for begin, end, *_ in parts)
    topics = {f"topic {topic}" for *_, topic in edges if topic}
    lines: dict[str, Row] = {}
    for begin, end, kind, row, has_words in parts:
        if begin != end:
            line = _line(placed[begin], placed[end], kind, row, has_words=has_words)
            lines.setdefault(f"{kind} {begin} {end}", line)
    rows = [line | {"id": name} for name, line in lines.items()]
    rows += [_node(name, place, topics, prefix) for name, place in placed.items()]
    return rows + _room(placed)


def _parts(
    edge: tuple[str, str, str, str], row: Row | None, prefix: str
) -> Iterator[tuple[str, str, str, Row | None, bool]]:
    caller, callee, kind, topic = edge
    if kind == "call":
        yield caller, callee, kind, row, True
        return
    yield caller, f"topic {topic}", kind, None, False
    yield f"topic {topic}", callee, kind, row, True


def _line(begin: Place, end: Place, kind: str, row: Row | None, *, has_words: bool) -> Row:
    side = math.copysign(_HALF_WIDTH, end.x - begin.x) if end.x != begin.x else 0.0
    over = 0.0 if side else math.copysign(_HALF_HEIGHT, end.y - begin.y)
    left = Place(begin.x + side, begin.y + over)
    arrived = Place(end.x - side, end.y - over)
    return {
        "what": "edge",
        "kind": kind,
        "x": left.x,
        "y": left.y,
        "x2": arrived.x,
        "y2": arrived.y,
        "head_x": left.x + _HEAD * (arrived.x - left.x),
        "head_y": left.y + _HEAD * (arrived.y - left.y),
        "words": _words(row) if has_words else "",
        "status": "error" if row and row["errors"] else "ok",
        "angle": _angle(left, arrived),
    }


def _angle(begin: Place, end: Place) -> float:
    """Return how far a triangle that points upwards is turned, in degrees."""
    across = (end.x - begin.x) * _WIDTH / 5
    return math.degrees(math.atan2(end.y - begin.y, across / (_HEIGHT / 3))) + 90


def _words(row: Row | None) -> str:
    if row is None:
        return "0/s"
    rate = row["rate_per_second"]
    lines = [f"{rate:.3g}/s" if rate == rate else f"{row['count']}", f"{row['p95_ms']:.3g} ms"]
    if row["errors"]:
        lines.append(f"{row['errors']} failed")
    return "\n".join(lines)


def _node(name: str, place: Place, topics: set[str], prefix: str) -> Row:
    is_topic = name in topics
    return {
        "id": f"node {name}",
        "what": "node",
        "kind": "topic" if is_topic else "service",
        "x": place.x - _HALF_WIDTH,
        "y": place.y - _HALF_HEIGHT,
        "x2": place.x + _HALF_WIDTH,
        "y2": place.y + _HALF_HEIGHT,
        "words": name.removeprefix("topic ").removeprefix(prefix) if is_topic else name,
        "status": "ok",
    }


def _room(placed: dict[str, Place]) -> list[Row]:
    """Return the corners of what is drawn: there is room for some, that what comes fits in."""
    columns = max([4.0, *(place.x for place in placed.values())])
    rows = max([1.0, *(place.y for place in placed.values())])
    return [
        {"id": "first corner", "what": "room", "x": -0.4, "y": -0.6},
        {"id": "last corner", "what": "room", "x": columns + 0.4, "y": rows + 0.6},
    ]


def graph_chart() -> Layers:
    """Return a chart over the data "live", whose rows are nodes, edges and corners."""
    data = alt.Chart(alt.NamedData("live"))
    x = alt.X("x:Q", axis=None, scale=alt.Scale(zero=False, nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, nice=False, reverse=True))
    colour = alt.condition("datum.status == 'error'", alt.value(VERMILION), alt.value(GREY))
    edge = data.transform_filter("datum.what == 'edge'")
    lines = edge.mark_rule(strokeWidth=2).encode(
        x=x,
        y=y,
        x2="x2:Q",
        y2="y2:Q",
        color=colour,
        strokeDash=alt.condition("datum.kind == 'topic'", alt.value([5, 4]), alt.value([1, 0])),
    )
    heads = edge.mark_point(shape="triangle", filled=True, size=90, opacity=1).encode(
        x=alt.X("head_x:Q", axis=None),
        y=alt.Y("head_y:Q", axis=None),
        angle=alt.Angle("angle:Q", scale=None),
        color=colour,
    )
    middle = edge.transform_calculate(x="(datum.x + datum.x2) / 2", y="(datum.y + datum.y2) / 2")
    written = middle.mark_text(lineBreak="\n", fontSize=11).encode(x=x, y=y, text="words:N")
    # What stands on a line is read on white.
    ground = written.mark_text(
        lineBreak="\n", fontSize=11, stroke="#FFFFFF", strokeWidth=6, strokeJoin="round"
    )
    words = written.encode(color=colour)
    nodes = data.transform_filter("datum.what == 'node'")
    boxes = nodes.mark_rect(strokeWidth=2, cornerRadius=5).encode(
        x=x,
        y=y,
        x2="x2:Q",
        y2="y2:Q",
        fill=alt.condition("datum.kind == 'topic'", alt.value("#E1EEF6"), alt.value("#FFFFFF")),
        stroke=alt.condition("datum.kind == 'topic'", alt.value(BLUE), alt.value(GREY)),
    )
    centre = nodes.transform_calculate(x="(datum.x + datum.x2) / 2", y="(datum.y + datum.y2) / 2")
    names = centre.mark_text(limit=90).encode(x=x, y=y, text="words:N")
    room = data.transform_filter("datum.what == 'room'").mark_point(opacity=0).encode(x=x, y=y)
    title = alt.Title(
        "Who calls whom",
        subtitle="solid: a call; dashed: through a topic; with rate, 95th percentile, failures",
    )
    layers = alt.layer(lines, boxes, heads, names, ground, words, room, title=title)
    return layers.properties(width=_WIDTH, height=_HEIGHT)
