"""The chart of lanes: a strip for each partition, an order a tick, readers as triangles below."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from eventlab.live.theme import CATEGORIES, COLOURS
from eventlab.pictures.layers import Layers, only

OTHERS = "others"
READER = "reader"
CHOSEN = "chosen reader"
END = "end"  # stands where the lanes end, so that they do not shrink while one looks

_PITCH_PIXELS = 72
_AROUND_PIXELS = 80  # the legend above, the axis below
_YELLOW = "#F0E442"  # of Okabe and Ito too: the chosen reader has the vermilion one
_EDGE = "white"  # of a line that lies on marks of its own hue, on a dark page too
# In the legend, in pixels: a name's mark with what is around it, a letter, the gap between names.
_SYMBOL = 24
_LETTER = 6.6
_BETWEEN = 10
# Within a lane, from its upper edge at 0 to that of the next one at 1.
_TOP = 0.07
_MIDDLE = 0.24
_BOTTOM = 0.41
_MARK = 0.53
_NUMBER = 0.7
_NAME = 0.88  # of the chosen reader, where no other number stands


def lanes_chart(partitions: int, highlights: Sequence[str], *, joined: str = "") -> Layers:
    """Return a chart over the data "live", whose rows are records and readers' places.

    A row has `id` (its own key, so that a reader's place replaces the one before), `partition`,
    `offset` and `group`: one of `highlights` or OTHERS for a record, READER or CHOSEN for a place,
    END for where the lanes end; `label` is written under a place, and `what` says in words what it
    is. The name of the chosen reader has a row of its own. The records of the group `joined` are
    joined by a line, in the order of their `at`; its name stands at its end.
    """
    names = [*highlights, OTHERS, READER, CHOSEN, END]
    muted = COLOURS["muted"]
    hues = [*_hues(len(highlights)), muted, COLOURS["reader"], COLOURS["chosen"], muted]
    across = alt.X(
        "offset:Q",
        title="offset in the partition",
        scale=alt.Scale(zero=True, nice=False),
        axis=alt.Axis(format="d", tickMinStep=1),
    )
    lanes = list(range(partitions))
    down = alt.Y(
        "middle:Q",
        title="partition",
        scale=alt.Scale(domain=[0, partitions], reverse=True, nice=False, zero=False),
        axis=alt.Axis(
            values=[lane + _MIDDLE for lane in lanes],
            labelExpr="floor(datum.value)",
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    legend = alt.Legend(
        orient="top", values=list(highlights), symbolOpacity=1, columns=_in_a_row(highlights)
    )
    colour = alt.Color(
        "group:N",
        title=None,
        scale=alt.Scale(domain=names, range=hues),
        legend=legend if highlights else None,
    )
    live = alt.Chart(alt.NamedData("live")).transform_calculate(
        middle=f"datum.partition + {_MIDDLE}"
    )
    plain = live.encode(x=across, y=down, tooltip="what:N")
    base = plain.encode(color=colour)
    layers = [
        _grounds(lanes, down),
        only(base, [END], field="group").mark_point(opacity=0),
        _ticks(base, down, [OTHERS], opacity=0.6),
        _ticks(base, down, highlights, opacity=1),
        *_line(base, down, joined),
        _triangles(base, down, READER, size=80, edge="white"),
        _triangles(base, down, CHOSEN, size=170, edge=COLOURS["chosen"]),
        _numbers(plain, down),
        _name(base, down),
    ]
    height = _PITCH_PIXELS * partitions + _AROUND_PIXELS
    return alt.layer(*layers).properties(height=height)


def _in_a_row(names: Sequence[str]) -> alt.ExprRef:
    """Return how many names stand side by side in the legend, none of them cut."""
    longest = _SYMBOL + _LETTER * max(map(len, names), default=0)
    return alt.ExprRef(f"max(1, floor((width + {_BETWEEN}) / {longest:g}))")


def _hues(count: int) -> list[str]:
    free = [_YELLOW if hue == COLOURS["chosen"] else hue for hue in CATEGORIES]
    return [free[number % len(free)] for number in range(count)]


def _grounds(lanes: Sequence[int], down: alt.Y) -> alt.Chart:
    edges = [{"middle": lane + _TOP, "bottom": lane + _BOTTOM} for lane in lanes]
    ground: alt.Chart = (
        alt.Chart(alt.InlineData(values=edges))
        .mark_rect(color=COLOURS["muted"], opacity=0.3)
        .encode(x=alt.value(0), x2=alt.value("width"), y=down, y2="bottom:Q")
    )
    return ground


def _ticks(base: alt.Chart, down: alt.Y, groups: Sequence[str], *, opacity: float) -> alt.Chart:
    ticks: alt.Chart = (
        only(base, groups, field="group")
        .transform_calculate(
            middle=f"datum.partition + {_TOP}",
            bottom=f"datum.partition + {_BOTTOM}",
            end="datum.offset + 0.85",
        )
        .mark_rect(opacity=opacity)
        .encode(y=down, y2="bottom:Q", x2="end:Q")
    )
    return ticks


def _line(base: alt.Chart, down: alt.Y, group: str) -> list[alt.Chart]:
    """Return a line with its name at its end, both with a light edge, as it lies on its own hue."""
    if not group:
        return []
    records = only(base, [group], field="group").transform_calculate(
        offset="datum.offset + 0.4", middle=f"datum.partition + {(_TOP + _BOTTOM) / 2}"
    )
    lines = records.encode(y=down, order="at:Q", tooltip=alt.value(None))
    # The name lies beside the line's end, on the side where there is more room.
    is_right = "datum.offset > domain('x')[1] / 2"
    beside: dict[str, Any] = {
        "align": alt.ExprRef(f"{is_right} ? 'right' : 'left'"),
        "dx": alt.ExprRef(f"{is_right} ? -8 : 8"),
        "fontSize": 12,
        "fontWeight": "bold",
    }
    ends = (
        records.transform_joinaggregate(newest="max(at)")
        .transform_filter("datum.at === datum.newest")
        .encode(y=down, text="group:N", tooltip=alt.value(None))
    )
    drawn: list[alt.Chart] = [
        lines.mark_line(stroke=_EDGE, strokeWidth=5),
        lines.mark_line(strokeWidth=2),
        ends.mark_text(stroke=_EDGE, strokeWidth=4, strokeJoin="round", **beside),
        ends.mark_text(**beside),
    ]
    return drawn


def _triangles(base: alt.Chart, down: alt.Y, group: str, *, size: float, edge: str) -> alt.Chart:
    triangles: alt.Chart = (
        only(base, [group], field="group")
        .transform_calculate(middle=f"datum.partition + {_MARK}")
        .mark_point(
            shape="triangle-up", filled=True, size=size, stroke=edge, strokeWidth=0.5, opacity=1
        )
        .encode(y=down)
    )
    return triangles


def _numbers(plain: alt.Chart, down: alt.Y) -> alt.Chart:
    numbers: alt.Chart = (
        only(plain, [READER], field="group")
        .transform_calculate(middle=f"datum.partition + {_NUMBER}")
        .mark_text(fontSize=11, dx=_within(6))
        .encode(y=down, text="label:N")
    )
    return numbers


def _name(base: alt.Chart, down: alt.Y) -> alt.Chart:
    name: alt.Chart = (
        only(base, [CHOSEN], field="group")
        .transform_calculate(middle=f"datum.partition + {_NAME}")
        .mark_text(fontSize=12, fontWeight="bold", dx=_within(7))
        .encode(y=down, text="label:N")
    )
    return name


def _within(letter: float) -> alt.ExprRef:
    """Return how far a label goes aside so that it ends within its lane; `letter` is in pixels."""
    half = f"{letter / 2} * length(datum.label)"
    place = "scale('x', datum.offset)"
    return alt.ExprRef(f"max({half} - {place}, min(0, width - {half} - {place}))")
