"""Who calls whom, and who only shares a topic: a graph of services, drawn from their spans."""

import math
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import altair as alt

from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import BLUE, MIDDLE_GREY, VERMILION
from eventlab.log import Topic
from eventlab.pictures.graph_places import Place, places
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.span_picture import Row, SpanPicture
from eventlab.services.spans import calls, rows_of

if TYPE_CHECKING:
    from pandas import DataFrame

_DRAWN_PER_SECOND = 2
_AT_MOST = 10_000  # spans: the newest; to count more takes longer than one sees
_HEIGHT = 272  # two of them, one below the other, fit on a stage
_HALF_WIDTH = 0.32  # of a node, in columns
_HALF_HEIGHT = 0.27  # in rows
_GAP = 1 - 2 * _HALF_HEIGHT  # between two rows of nodes
_SLANTED_WAY = 0.55  # of the way through that gap, for the words of a slanted edge
_FEWEST_COLUMNS = 2
_FEWEST_ROWS = 4
_WHOLE = 10  # from here on nobody asks for a fraction
_HEAD_PIXELS = 6  # from the end of an arrow to the middle of its head
_COLUMNS = (
    *("id", "what", "x", "y", "x2", "y2"),
    *("words", "words_x", "words_y", "kind", "status"),
)
# Of an edge, in pixels: how far it goes down, and to the right.
_DOWN = "scale('y', datum.y2) - scale('y', datum.y)"
_ACROSS = "scale('x', datum.x2) - scale('x', datum.x)"
_X = alt.X("x:Q", axis=None, scale=alt.Scale(zero=False, nice=False))
_Y = alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False, nice=False, reverse=True))
_PAGE = alt.ExprRef("background")  # Vega's own signal: of a light page, or of a dark one
_GROUND = {"color": _PAGE, "stroke": _PAGE, "strokeWidth": 6, "strokeJoin": "round"}
_DARK = "#333333"  # words on a node, whose ground is light on a dark page too


class ServiceGraph(SpanPicture):
    """Draw who calls whom, and who only shares a topic with whom, from the topic of their spans.

    `spans` is the topic that services write their spans to: `lab.topic("spans")`. Beside each edge
    stand how many a second and the 95th percentile of its latency (of a topic, how long an event
    lay there), or how many failed, over the last `window`. What was seen once keeps its place.
    Raises UsageError; `show` raises TopicError.
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
    over = math.copysign(_HALF_HEIGHT, end.y - begin.y)
    left = Place(begin.x, begin.y + over)
    arrived = Place(end.x, end.y - over)
    written = _beside(left, arrived)
    return {
        "what": "edge",
        "kind": kind,
        "x": left.x,
        "y": left.y,
        "x2": arrived.x,
        "y2": arrived.y,
        "words_x": written.x,
        "words_y": written.y,
        "words": _words(row) if has_words else "",
        "status": "error" if row and row["errors"] else "ok",
    }


def _beside(left: Place, arrived: Place) -> Place:
    """Return where an edge's words begin: on it, in the gap between rows before its end.

    Edges that part from one node are apart there, and no node is in the way.
    """
    is_slanted = arrived.x != left.x
    way_left = (1 - _SLANTED_WAY if is_slanted else 0.5) * _GAP / abs(arrived.y - left.y)
    across = arrived.x - left.x
    down = arrived.y - left.y
    return Place(arrived.x - way_left * across, arrived.y - way_left * down)


def _words(row: Row | None) -> str:
    if row is None:
        return "0/s"
    if row["errors"]:
        return f"{row['errors']:,} of {row['count']:,} failed"
    rate = row["rate_per_second"]
    often = f"{_short(rate)}/s" if rate == rate else f"{row['count']}"
    return f"{often}, {_short(row['p95_ms'])} ms"


def _short(number: float) -> str:
    """Return a number with no more digits than one reads at a glance."""
    return f"{number:,.0f}" if number >= _WHOLE else f"{number:.2g}"


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
    columns = max([_FEWEST_COLUMNS - 1.0, *(place.x for place in placed.values())])
    rows = max([_FEWEST_ROWS - 1.0, *(place.y for place in placed.values())])
    return [
        {"id": "first corner", "what": "room", "x": -0.5, "y": -0.4},
        {"id": "last corner", "what": "room", "x": columns + 0.5, "y": rows + 0.4},
    ]


def graph_chart() -> Layers:
    """Return a chart over the data "live", whose rows are nodes, edges and corners."""
    data = alt.Chart(alt.NamedData("live"))
    room = only(data, ["room"]).mark_point(opacity=0).encode(x=_X, y=_Y)
    edges = only(data, ["edge"])
    layers = [room]
    for status, colour in (("ok", MIDDLE_GREY), ("error", VERMILION)):
        layers += _edge_layers(only(edges, [status], field="status"), colour)
    calm: dict[str, Any] = {"status": "ok"}
    alarming: dict[str, Any] = {"status": "error", "color": VERMILION, "fontWeight": "bold"}
    # Lines that slant go through the words, so these have a ground; it covers lines and no node.
    layers += [_figures(edges, **(look | _GROUND)) for look in (calm, alarming)]
    layers += _node_layers(only(data, ["node"]))
    layers += [_figures(edges, **look) for look in (calm, alarming)]
    title = alt.Title(
        "Who calls whom",
        subtitle=[
            "solid: calls, and waits; blue: a topic, nobody waits",
            "beside it: how often; 95 of 100 take at most",
        ],
    )
    # Side by side two of them leave no room for the words.
    return alt.layer(*layers, title=title, usermeta={"wide": True}).properties(height=_HEIGHT)


def _edge_layers(edges: alt.Chart, colour: str) -> list[alt.Chart]:
    is_topic = "datum.kind == 'topic'"
    dashes = alt.condition(is_topic, alt.value([2, 2]), alt.value([1, 0]))
    thick = alt.condition(is_topic, alt.value(1.5), alt.value(3))
    lines = edges.mark_rule(color=colour)
    turned = f"atan2({_DOWN}, {_ACROSS})"
    heads = edges.mark_point(
        shape="triangle",
        filled=True,
        size=80,
        opacity=1,
        color=colour,
        angle=alt.ExprRef(f"90 + {turned} * 180 / PI"),
        xOffset=alt.ExprRef(f"-{_HEAD_PIXELS} * cos({turned})"),
        yOffset=alt.ExprRef(f"-{_HEAD_PIXELS} * sin({turned})"),
    )
    return [
        lines.encode(x=_X, y=_Y, x2="x2:Q", y2="y2:Q", strokeDash=dashes, strokeWidth=thick),
        heads.encode(x=alt.X("x2:Q", axis=None), y=alt.Y("y2:Q", axis=None)),
    ]


def _figures(edges: alt.Chart, status: str, **look: Any) -> alt.Chart:
    """Return the words of edges: right of those that go down, left of those that go up."""
    goes_down = "datum.y2 > datum.y"
    words: alt.Chart = (
        only(edges, [status], field="status")
        .mark_text(
            fontSize=11,
            align=alt.ExprRef(f"{goes_down} ? 'left' : 'right'"),
            dx=alt.ExprRef(f"{goes_down} ? 9 : -9"),
            **look,
        )
        .encode(x=alt.X("words_x:Q", axis=None), y=alt.Y("words_y:Q", axis=None), text="words:N")
    )
    return words


def _node_layers(nodes: alt.Chart) -> list[alt.Chart]:
    is_topic = "datum.kind == 'topic'"
    boxes = nodes.mark_rect(
        strokeWidth=2, cornerRadius=alt.ExprRef(f"{is_topic} ? 12 : 2"), opacity=1
    ).encode(
        x=_X,
        y=_Y,
        x2="x2:Q",
        y2="y2:Q",
        fill=alt.condition(is_topic, alt.value("#E1EEF6"), alt.value("#FFFFFF")),
        stroke=alt.condition(is_topic, alt.value(BLUE), alt.value(MIDDLE_GREY)),
    )
    centre = nodes.transform_calculate(
        middle="(datum.x + datum.x2) / 2", centre="(datum.y + datum.y2) / 2"
    )
    room = alt.ExprRef("scale('x', datum.x2) - scale('x', datum.x) - 6")
    names = centre.mark_text(limit=room, color=_DARK).encode(
        x=alt.X("middle:Q", axis=None), y=alt.Y("centre:Q", axis=None), text="words:N"
    )
    return [boxes, names]
