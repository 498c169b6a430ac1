"""Chapter 08: how its pictures are drawn."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from eventlab.course.squares import squares_of
from eventlab.live.theme import COLOURS
from eventlab.pictures.layers import Layers, only

# -- reports --------------------------------------------------------------------------------------

LISTED = 3  # endpoints in a column
_ROW_PIXELS = 17
_NAMES_PIXELS = 72  # for the lanes' names beside the bars
_WORDS_PIXELS = 90  # for what is said after a bar


def reports_chart(lanes: Sequence[str], fields: Sequence[str], most: int) -> Layers:
    """Return the chart: for each field a bar in each lane, and the list of endpoints below.

    `most` are the most calls that a bar stands for.
    """
    live = alt.Chart(alt.NamedData("live"))
    rows = len(fields) * (len(lanes) + 1) + 1.5 + LISTED
    span: list[Any] = [_NAMES_PIXELS, alt.ExprRef(f"width - {_WORDS_PIXELS}")]
    scale = alt.Scale(domain=[0, most], range=span, nice=False)
    values = list(range(0, most + 1, 20))
    axis = alt.Axis(title="calls to the data service", values=values, orient="top")
    down = alt.Y("row:Q", scale=alt.Scale(domain=[rows, -0.5], nice=False), axis=None)
    colour = alt.Color(
        "hue:N",
        scale=alt.Scale(domain=["calls", "view"], range=[COLOURS["late"], COLOURS["table"]]),
        legend=None,
    )
    bars = only(live, ["bar"], field="kind")
    across = alt.X("length:Q", scale=scale, axis=axis)
    lengths = (
        bars.transform_calculate(top="datum.row - 0.38", bottom="datum.row + 0.38")
        .mark_rect()
        .encode(x=across, x2=alt.datum(0), y=_at("top", rows), y2="bottom:Q", color=colour)
    )
    without = bars.transform_filter("datum.length == 0")  # a report that has no bar
    dots = without.mark_circle(size=70, opacity=1).encode(x=across, y=down, color=colour)
    said = bars.mark_text(align="left", dx=8).encode(x=across, y=down, text="words:N")
    missing = only(live, ["missing"], field="kind").mark_text(
        align="left", dx=8, fontWeight="bold", color=COLOURS["lost"]
    )
    left = alt.value(0)
    titles = only(live, ["title"], field="kind").mark_text(align="left", fontWeight="bold")
    names = only(live, ["name"], field="kind").mark_text(align="left")
    listed = only(live, ["endpoint", "added"], field="kind").transform_calculate(
        place="datum.length * 1.2"
    )
    there = only(listed, ["endpoint"], field="kind").mark_text(align="left")
    added = only(listed, ["added"], field="kind").mark_text(align="left", color=COLOURS["broken"])
    place = alt.X("place:Q", scale=alt.Scale(domain=[0, 2.4]), axis=None)
    paths = [one.encode(x=place, y=down, text="words:N") for one in (there, added)]
    parts = [
        lengths,
        dots,
        said,
        missing.encode(x=across, y=down, text="words:N"),
        titles.encode(x=left, y=down, text="words:N"),
        names.encode(x=left, y=down, text="words:N"),
    ]
    both = alt.layer(alt.layer(*parts), alt.layer(*paths)).properties(
        height=round(_ROW_PIXELS * rows)
    )
    chart: Layers = both.resolve_scale(x="independent", color="independent")
    return chart


def _at(field: str, rows: float) -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[rows, -0.5], nice=False), axis=None)


# -- a copy ---------------------------------------------------------------------------------------

ACROSS = 25
NOT_YET = "not copied yet"
RIGHT = "as in the shop"
TWICE = "came twice"
OLD = "out of date"
MISSED = "missed"
CLOSED = ""  # closed in the shop, and not in the copy
_STATES = [NOT_YET, RIGHT, TWICE, OLD, MISSED]
_HUES = ["#DDDDDD", COLOURS["table"], COLOURS["join"], COLOURS["late"], COLOURS["lost"]]


def copy_chart(orders: int) -> Layers:
    """Return the chart: a square for each order, and above them how far the copy is."""
    live = alt.Chart(alt.NamedData("live"))
    rows = -(-orders // ACROSS)
    hues = dict(zip(_STATES, _HUES, strict=True))
    squares, across, down = squares_of(
        live, hues, columns=ACROSS, rows=rows, above=1.2, folds_below=330
    )
    words = (
        only(live, ["title"], field="kind")
        .transform_calculate(left="0", top="-0.6")
        .mark_text(align="left", fontSize=13)
        .encode(x=across, y=down, text="words:N")
    )
    return alt.layer(squares, words).properties(height=22 * (rows + 2))
