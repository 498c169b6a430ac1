"""The chart of a plan: topics are round, steps have corners, and state is a drum."""

from typing import Any

import altair as alt

from eventlab.live.theme import BLUE, GREEN, MIDDLE_GREY, ORANGE, VERMILION
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.plan_lines import LINE_PIXELS, TITLE_PIXELS

Look = dict[str, Any]

_WIDEST_COLUMN = 190  # pixels
_WIDEST_BOX = 150
_BETWEEN_BOXES = 10
_PADDING = 8  # pixels around a chart, as in eventlab.live.theme
_HEAD_PIXELS = 6  # from the end of an arrow to the middle of its head
_DARK = "#333333"  # words on a node, whose ground is light on a dark page too
_FILLS = {"stream": "#E1EEF6", "table": "#DCF1EA", "step": "#FFFFFF", "state": "#F4F4F4"}
_STROKES = {"stream": BLUE, "table": GREEN, "step": MIDDLE_GREY, "state": MIDDLE_GREY}
_WIDEST_DRUM = 138
_ROUND = 20  # pixels
_FLAT = 0.05  # how high an ellipse of a drum is, for its width
_ELLIPSE = f"M-1,0A1,{_FLAT},0,1,1,1,0A1,{_FLAT},0,1,1,-1,0Z"
_STATES = {"running": GREEN, "paused": ORANGE, "failed": VERMILION, "ended": MIDDLE_GREY}
_BESIDE_DOT = 14  # pixels


class _Drawing:
    """The layers of a chart that is so many columns wide and pixels high."""

    def __init__(self, columns: int, height: float) -> None:
        self.data = alt.Chart(alt.NamedData("live"))
        wide = f"min(width, {columns * _WIDEST_COLUMN})"
        self.box = f"min({_WIDEST_BOX}, {wide} / {columns} - {_BETWEEN_BOXES})"
        ends = [-0.5, columns - 0.5]
        across = alt.Scale(domain=ends, range=[0, {"expr": wide}], nice=False, zero=False)
        down = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
        self.x = alt.X("x:Q", axis=None, scale=across)
        self.y = alt.Y("y:Q", axis=None, scale=down)

    def of(self, *kinds: str) -> alt.Chart:
        """Return a chart of those rows that are of these kinds, at their places."""
        return only(self.data, kinds).encode(x=self.x, y=self.y)

    def boxes(self) -> list[alt.Chart]:
        """Return the nodes that are no state."""
        found = []
        for kind in ("stream", "table", "step"):
            corner = _ROUND if kind != "step" else 3
            look: Look = {"fill": _FILLS[kind], "stroke": _STROKES[kind], "cornerRadius": corner}
            found.append(self.of(kind).mark_rect(strokeWidth=2, **self._size(), **look))
        answer: Look = {"stroke": MIDDLE_GREY, "strokeDash": [3, 3], "fill": "#FFFFFF"}
        return [*found, self.of("answer").mark_rect(strokeWidth=1.5, **self._size(), **answer)]

    def drums(self) -> list[alt.Chart]:
        """Return the states: a drum has a lid, two sides and a bottom."""
        states = self.of("state")
        drum = f"min({_WIDEST_DRUM}, {self.box})"
        body = f"datum.height - {2 * _FLAT} * {drum}"
        look: Look = {"fill": _FILLS["state"], "stroke": _STROKES["state"], "strokeWidth": 1.5}
        size = alt.ExprRef(f"pow({drum}, 2)")
        ellipse: Look = {"shape": _ELLIPSE, "size": size, "opacity": 1, "filled": True, **look}
        lid = alt.ExprRef(f"-({body}) / 2")
        bottom = alt.ExprRef(f"({body}) / 2")
        sides = [
            states.mark_tick(
                orient="vertical",
                thickness=1.5,
                color=_STROKES["state"],
                opacity=1,
                size=alt.ExprRef(body),
                xOffset=alt.ExprRef(f"{sign} * {drum} / 2"),
            )
            for sign in (-1, 1)
        ]
        return [
            states.mark_point(yOffset=bottom, **ellipse),
            states.mark_rect(
                width=alt.ExprRef(drum), height=alt.ExprRef(body), fill=_FILLS["state"]
            ),
            *sides,
            states.mark_point(yOffset=lid, **ellipse),
        ]

    def edges(self) -> list[alt.Chart]:
        """Return the ways of the rows, with those on which some flow in another colour."""
        to = {"x2": "x2:Q", "y2": "y2:Q"}
        half = f"{self.box} / 2"
        links = self.of("link").mark_rule(
            color=MIDDLE_GREY,
            strokeDash=[2, 2],
            xOffset=alt.ExprRef(half),
            x2Offset=alt.ExprRef(f"-min({_WIDEST_DRUM}, {self.box}) / 2"),
        )
        found = [links.encode(**to)]
        for status, colour, width in (("rests", MIDDLE_GREY, 1.5), ("flows", BLUE, 3)):
            edges = only(self.of("edge"), [status], field="status")
            turned = (
                "atan2(scale('y', datum.y2) - scale('y', datum.y),"
                " scale('x', datum.x2) - scale('x', datum.x))"
            )
            found.append(edges.mark_rule(color=colour, strokeWidth=width).encode(**to))
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
            ends = {"x": alt.X("x2:Q", axis=None), "y": alt.Y("y2:Q", axis=None)}
            found.append(heads.encode(**ends))
        return found

    def words(self) -> list[alt.Chart]:
        """Return what stands in the boxes, beside the edges, and above all."""
        room = alt.ExprRef(f"{self.box} - 4")
        inside: Look = {"limit": room, "color": _DARK, "baseline": "middle"}
        titles = self.of("title").mark_text(fontSize=TITLE_PIXELS, fontWeight="bold", **inside)
        lines = self.of("line").mark_text(fontSize=LINE_PIXELS, **inside)
        # What goes straight down has its figures on the left: others come in from the right.
        counts = self.of("count").mark_text(
            fontSize=LINE_PIXELS,
            baseline="middle",
            align=alt.ExprRef("datum.x > 0 ? 'left' : 'right'"),
            dx=alt.ExprRef("datum.x > 0 ? 8 : -8"),
        )
        found = [titles, lines, counts]
        heads = only(self.of("head"), ["name"], field="status")
        found.append(heads.mark_text(fontWeight="bold", **_from_left(0)))
        hints = only(self.of("head"), ["hint"], field="status")
        found.append(hints.mark_text(fontSize=LINE_PIXELS, **_from_left(0)))
        states = only(self.of("head"), list(_STATES), field="status")
        found.append(states.mark_text(fontWeight="bold", **_from_left(_BESIDE_DOT)))
        return [one.encode(text="words:N") for one in found]

    def dots(self) -> list[alt.Chart]:
        """Return what says the state of a query by its colour, beside the words."""
        middle = alt.ExprRef(f"{_BESIDE_DOT / 2 - 2} - scale('x', 0)")
        return [
            only(self.of("head"), [state], field="status").mark_point(
                filled=True, size=70, opacity=1, color=colour, xOffset=middle
            )
            for state, colour in _STATES.items()
        ]

    def _size(self) -> Look:
        return {"width": alt.ExprRef(self.box), "height": alt.ExprRef("datum.height"), "opacity": 1}


def _from_left(pixels: int) -> Look:
    """Return how words look that begin so far from the chart's left edge."""
    begin = alt.ExprRef(f"{pixels} - scale('x', 0)")
    return {"align": "left", "baseline": "middle", "limit": alt.ExprRef("width"), "dx": begin}


def plan_chart(columns: int, height: float) -> Layers:
    """Return a chart over the data "live", whose rows are those of PlanRows."""
    drawing = _Drawing(columns, height)
    layers = [
        *drawing.edges(),
        *drawing.boxes(),
        *drawing.drums(),
        *drawing.words(),
        *drawing.dots(),
    ]
    return alt.layer(*layers).properties(height=height + 2 * _PADDING)
