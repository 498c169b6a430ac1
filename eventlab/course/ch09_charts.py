"""Chapter 09: how its pictures are drawn."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from eventlab.course.ch09_system import CALL, FILE, LOG
from eventlab.live.theme import COLOURS, GREY
from eventlab.pictures.layers import Layers, only

DIRECT = "point to point"
WRITES = "writes"
READS = "reads"
HUES = {CALL: COLOURS["table"], FILE: COLOURS["late"], LOG: COLOURS["stream"]}
_WAYS = alt.Scale(domain=[DIRECT, LOG], range=[GREY, COLOURS["stream"]])

_SHORT = "replace(datum.label, /^(by a|through the) /, '')"

MOST_HOURS = 72
_DAYS = {0: "Mon 8:00", 16: "Tue", 40: "Wed", 64: "Thu"}  # by the hours of the story
_LANE_PIXELS = 96
_MATRIX_PIXELS = 240
_CURVE_PIXELS = 110
_CAPTION = 0.42  # of the square's width: the room for what stands above the stripe
_LEAST_CONNECTIONS = 10  # that the curve has room for, so that no dot is under its legend


def row_drawn(what: str, words: str, x: float, y: float, kind: str = "", name: str = "") -> Any:
    """Return a row of the chart of connections; what has a `name` may change its words."""
    key = f"{what} {name or words}"
    return {"id": key, "what": what, "x": x, "y": y, "kind": kind, "words": words}


def matrix_chart(systems: int) -> alt.VConcatChart:
    """Return the chart: the matrix and the log's stripe above, both counts as curves below."""
    chart: alt.VConcatChart = alt.vconcat(
        _Cells(systems).layers(), _curve(systems), spacing=14
    ).resolve_scale(color="independent")
    return chart


class _Cells:
    """Draw a square of cells and, beside it, a stripe of two columns; all in the units of a cell.

    `systems` is how many rows both have.
    """

    def __init__(self, systems: int) -> None:
        self._live = alt.Chart(alt.NamedData("live"))
        self._systems = systems
        self._stripe = 1.25 * systems + 0.5  # where the stripe begins
        self._head = 0.24 * systems + 0.2  # how high the words above are
        left = -0.3 * systems - 0.7
        right = self._stripe + max(2 + 0.1 * systems, _CAPTION * systems)
        across = alt.Scale(domain=[left, right], nice=False)
        down = alt.Scale(domain=[1.1 * systems, -self._head], nice=False)
        self._x = alt.X("left:Q", scale=across, axis=None)
        self._y = alt.Y("top:Q", scale=down, axis=None)

    def layers(self) -> Layers:
        """Return all of it."""
        layers = [self._rooms(), self._cells("cell", 0), self._cells("log", self._stripe)]
        layers += [self._names(), self._counts(), self._captions()]
        return alt.layer(*layers).properties(height=_MATRIX_PIXELS)

    def _rooms(self) -> alt.Chart:
        """Return the room that there is for connections, before there are any."""
        ends = {0: self._systems, self._stripe: self._stripe + 2}
        rooms = [
            {"left": left, "right": right, "top": 0, "bottom": self._systems}
            for left, right in ends.items()
        ]
        frames = alt.Chart(alt.InlineData(values=rooms)).mark_rect(
            filled=False, stroke=COLOURS["muted"]
        )
        drawn: alt.Chart = frames.encode(x=self._x, x2="right:Q", y=self._y, y2="bottom:Q")
        return drawn

    def _cells(self, what: str, offset: float) -> alt.Chart:
        kinds = list(HUES)
        colour = alt.Color(
            "kind:N",
            scale=alt.Scale(domain=kinds, range=[HUES[kind] for kind in kinds]),
            legend=alt.Legend(orient="top", title=None, labelExpr=_SHORT),
        )
        cells = only(self._live, [what]).transform_calculate(
            left=f"datum.x + {offset} + 0.06",
            right=f"datum.x + {offset} + 0.94",
            top="datum.y + 0.06",
            bottom="datum.y + 0.94",
        )
        drawn: alt.Chart = cells.mark_rect(cornerRadius=2).encode(
            x=self._x, x2="right:Q", y=self._y, y2="bottom:Q", color=colour, tooltip="words:N"
        )
        return drawn

    def _names(self) -> alt.Chart:
        names = only(self._live, ["name"]).transform_calculate(left="-0.1", top="datum.y + 0.5")
        texts = names.mark_text(align="right", baseline="middle", fontSize=11)
        drawn: alt.Chart = texts.encode(x=self._x, y=self._y, text="words:N")
        return drawn

    def _counts(self) -> alt.Chart:
        counts = only(self._live, ["count"]).transform_calculate(
            left=f"datum.kind == '{LOG}' ? {self._stripe} : 0", top="-0.12"
        )
        texts = counts.mark_text(align="left", baseline="bottom", fontSize=26, fontWeight="bold")
        drawn: alt.Chart = texts.encode(x=self._x, y=self._y, text="words:N")
        return drawn

    def _captions(self) -> alt.Chart:
        top = -self._head
        values = [
            {"left": 0, "top": top, "words": DIRECT},
            {"left": self._stripe, "top": top, "words": "the log"},
        ]
        captions = alt.Chart(alt.InlineData(values=values)).mark_text(
            align="left", baseline="top", fontSize=12
        )
        drawn: alt.Chart = captions.encode(x=self._x, y=self._y, text="words:N")
        return drawn


def _curve(systems: int) -> Layers:
    live = alt.Chart(alt.NamedData("live"))
    across = alt.X(
        "x:Q",
        title="systems",
        scale=alt.Scale(domain=[1.5, systems + 0.5], nice=False),
        axis=alt.Axis(values=list(range(2, systems + 1))),
    )
    most = max(systems * systems, _LEAST_CONNECTIONS)
    up = alt.Y("y:Q", title="connections", scale=alt.Scale(domain=[0, most], nice=False))
    colour = alt.Color("kind:N", scale=_WAYS, legend=alt.Legend(orient="top-left", title=None))
    dots = only(live, ["dot"]).mark_line(point=alt.OverlayMarkDef(size=50, filled=True))
    line = dots.encode(x=across, y=up, color=colour, tooltip="words:N")
    return alt.layer(line).properties(height=_CURVE_PIXELS)


# -- copies that age ------------------------------------------------------------------------------


def ages_chart(lanes: Mapping[str, str], down: float, up: float, end: float) -> alt.VConcatChart:
    """Return the chart: a row of bars for each copy, with the way that it comes.

    Along the hours of the story, until its `end`; `down` and `up` are those of the outage.
    """
    names = list(lanes)
    band = {"at": down, "until": up, "words": "the shop is down"}
    first = _lane(names[0], lanes[names[0]], band, end, is_first=True)
    others = [_lane(name, lanes[name], band, end, is_last=name == names[-1]) for name in names[1:]]
    chart: alt.VConcatChart = alt.vconcat(first, *others, spacing=8)
    return chart


def _lane(
    lane: str,
    way: str,
    band: dict[str, Any],
    end: float,
    *,
    is_first: bool = False,
    is_last: bool = False,
) -> Layers:
    live = only(alt.Chart(alt.NamedData("live")), [lane], field="lane")
    across = _across(end, is_last=is_last)
    up = alt.Y(
        "hours:Q",
        title="hours old",
        scale=alt.Scale(domain=[0, MOST_HOURS], nice=False),
        axis=alt.Axis(values=[0, 24, 48]),
    )
    bars = (
        only(live, ["bar"])
        .transform_calculate(until="datum.at + 0.8", ground="0")
        .mark_rect(color=HUES[way])
        .encode(x=across, x2="until:Q", y=up, y2="ground:Q", tooltip="hours:Q")
    )
    words = only(live, ["words"])
    whose = words.mark_text(align="left", baseline="top", fontWeight="bold")
    title = whose.encode(x=alt.value(6), y=alt.value(1), text=alt.datum(f"{lane}, {way}"))
    now = words.mark_text(align="left", baseline="top", fontSize=12)
    state = now.encode(x=alt.value(6), y=alt.value(16), text="words:N")
    outage = alt.Chart(alt.InlineData(values=[band]))
    shade = outage.mark_rect(color=COLOURS["muted"], opacity=0.35).encode(x=across, x2="until:Q")
    layers = [shade, bars, title, state]
    if is_first:  # nothing is old there before the outage, so that the words stand on no bar
        down = outage.mark_text(align="right", baseline="top", dx=-4, fontSize=11)
        layers.append(down.encode(x=across, y=alt.value(36), text="words:N"))
    return alt.layer(*layers).properties(height=_LANE_PIXELS)


def _across(end: float, *, is_last: bool) -> alt.X:
    words = " : ".join(f"datum.value == {hours} ? '{day}'" for hours, day in _DAYS.items())
    axis = alt.Axis(
        values=list(_DAYS), labelExpr=f"{words} : ''", labels=is_last, ticks=is_last, grid=True
    )
    scale = alt.Scale(domain=[0, int(end) + 1], nice=False)
    return alt.X("at:Q", title=None, scale=scale, axis=axis)
