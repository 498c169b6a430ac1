"""The chart of lanes: a strip for each partition, an order a tick, readers as triangles below."""

from collections.abc import Sequence

import altair as alt

from eventlab.live.theme import CATEGORIES, COLOURS
from eventlab.pictures.layers import Layers, only

OTHERS = "others"
READER = "reader"
CHOSEN = "chosen reader"
END = "end"  # stands where the lanes end, so that they do not shrink while one looks

_PITCH_PIXELS = 60
_AROUND_PIXELS = 80  # the legend above, the axis below
_YELLOW = "#F0E442"  # of Okabe and Ito too: the chosen reader has the vermilion one
# Names in the legend: where two runs stand side by side there is room for two.
_IN_A_ROW = alt.ExprRef("width < 300 ? 2 : 3")
# Within a lane, from its upper edge at 0 to that of the next one at 1.
_TOP = 0.08
_MIDDLE = 0.28
_BOTTOM = 0.48
_MARK = 0.62
_NUMBER = 0.84


def lanes_chart(
    partitions: int, highlights: Sequence[str], *, joined: str = "", unit: str = "records"
) -> Layers:
    """Return a chart over the data "live", whose rows are records and readers' places.

    A row has `id` (its own key, so that a reader's place replaces the one before), `partition`,
    `offset` and `group`: one of `highlights` or OTHERS for a record, READER or CHOSEN for a place,
    END for where the lanes end; `label` is written under a place, and `what` says in words what it
    is. The records of the group `joined` are joined by a line, in the order of their `at`.
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
    legend = alt.Legend(orient="top", values=list(highlights), symbolOpacity=1, columns=_IN_A_ROW)
    colour = alt.Color(
        "group:N",
        title=None,
        scale=alt.Scale(domain=names, range=hues),
        legend=legend if highlights else None,
    )
    live = alt.Chart(alt.NamedData("live")).transform_calculate(
        middle=f"datum.partition + {_MIDDLE}"
    )
    plain = live.encode(x=across, y=down, tooltip=[alt.Tooltip("what:N", title=unit)])
    base = plain.encode(color=colour)
    layers = [
        _grounds(lanes, down),
        only(base, [END], field="group").mark_point(opacity=0),
        _ticks(base, down, [OTHERS], opacity=0.6),
        _ticks(base, down, highlights, opacity=1),
        _line(base, joined),
        _triangles(base, down, READER, size=80, edge="white"),
        _triangles(base, down, CHOSEN, size=170, edge=COLOURS["chosen"]),
        _numbers(plain, down),
    ]
    height = _PITCH_PIXELS * partitions + _AROUND_PIXELS
    return alt.layer(*layers).properties(height=height)


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


def _line(base: alt.Chart, group: str) -> alt.Chart:
    line: alt.Chart = (
        only(base, [group], field="group")
        .transform_calculate(offset="datum.offset + 0.4")
        .mark_line(strokeWidth=2, opacity=0.9)
        .encode(order="at:Q", tooltip=alt.value(None))
    )
    return line


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
        only(plain, [READER, CHOSEN], field="group")
        .transform_calculate(middle=f"datum.partition + {_NUMBER}")
        .mark_text(fontSize=11)
        .encode(y=down, text="label:N")
    )
    return numbers
