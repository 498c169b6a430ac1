"""Chapter 04: how its pictures are drawn."""

from collections.abc import Sequence

import altair as alt

from eventlab.live.theme import CATEGORIES, COLOURS
from eventlab.pictures.layers import Layers, only

TOOK = "took"
REFUSED = "refused"
LAG = "lag"
BURST = "burst"
NOTE = "note"

_SENDER_PIXELS = 90
_RECEIVER_PIXELS = 46
_NOTE_PIXELS = 18
_BAND_OPACITY = 0.3


def receivers_chart(
    names: Sequence[str], orders: int, ceiling: float, seconds: float
) -> alt.VConcatChart:
    """Return the sender's answers above, and below a row with the lag of each receiver.

    The axes go up to `ceiling` milliseconds, and to so many `seconds` or more.
    """
    data = alt.Chart(alt.NamedData("live"))
    rows = [_lag(data, name, orders, is_last=name == names[-1]) for name in names]
    chart: alt.VConcatChart = alt.vconcat(_answers(data, ceiling, seconds), *rows, spacing=6)
    shared: alt.VConcatChart = chart.resolve_scale(x="shared")
    return shared


def _across(*, is_last: bool = False) -> alt.X:
    axis = alt.Axis(tickMinStep=1) if is_last else alt.Axis(labels=False, ticks=False)
    scale = alt.Scale(nice=False, zero=True)
    return alt.X("at:Q", title="seconds" if is_last else None, axis=axis, scale=scale)


def _band(data: alt.Chart) -> alt.Chart:
    bands = only(data, [BURST], field="kind").mark_rect(
        color=COLOURS["muted"], opacity=_BAND_OPACITY
    )
    drawn: alt.Chart = bands.encode(x=alt.X("at:Q"), x2="until:Q")
    return drawn


def _note(data: alt.Chart, part: str, down: float = 2) -> alt.Chart:
    words = only(only(data, [NOTE], field="kind"), [part], field="part")
    texts = words.mark_text(align="left", baseline="top", fontSize=12)
    drawn: alt.Chart = texts.encode(x=alt.value(6), y=alt.value(down), text="words:N")
    return drawn


def _answers(data: alt.Chart, ceiling: float, seconds: float) -> Layers:
    y = alt.Y(
        "value:Q",
        title="answer (ms)",
        scale=alt.Scale(domain=[0, ceiling], nice=False),
        axis=alt.Axis(tickCount=3),
    )
    colour = alt.Color(
        "kind:N",
        scale=alt.Scale(domain=[TOOK, REFUSED], range=[COLOURS["stream"], COLOURS["lost"]]),
        legend=None,
    )
    dots = only(data, [TOOK, REFUSED], field="kind").mark_point(filled=True, size=18, opacity=0.8)
    dots = dots.encode(x=_across(), y=y, color=colour, tooltip="words:N")
    room = alt.Chart(alt.InlineData([{}])).mark_point(opacity=0).encode(x=alt.datum(seconds))
    note = _note(data, "sender", -_NOTE_PIXELS)  # above: the slowest answers are at the top
    return alt.layer(_band(data), dots, note, room).properties(height=_SENDER_PIXELS)


def _lag(data: alt.Chart, name: str, orders: int, *, is_last: bool) -> Layers:
    y = alt.Y(
        "value:Q",
        title="waiting",
        scale=alt.Scale(domain=[0, orders], nice=False),
        axis=alt.Axis(tickCount=2),
    )
    mine = only(only(data, [LAG], field="kind"), [name], field="part")
    area = mine.mark_area(color=COLOURS["late"], line={"color": COLOURS["late"]})
    area = area.encode(x=_across(is_last=is_last), y=y)
    return alt.layer(_band(data), area, _note(data, name)).properties(height=_RECEIVER_PIXELS)


# -- members of a group ---------------------------------------------------------------------------

BLOCK = "block"
NAME = "name"

_PARTITION_PIXELS = 34


def member_names(number: int) -> list[str]:
    """Return the names of so many members of a group."""
    return [f"member {one}" for one in range(1, number + 1)]


def members_chart(partitions: Sequence[int], names: Sequence[str]) -> Layers:
    """Return a bar for each partition along time, in the colour of who reads it."""
    data = alt.Chart(alt.NamedData("live"))
    across = alt.X("at:Q", title="seconds", scale=alt.Scale(nice=False, zero=True))
    down = alt.Y("partition:O", title="partition", scale=alt.Scale(domain=list(partitions)))
    colour = alt.Color(
        "member:N",
        scale=alt.Scale(domain=list(names), range=CATEGORIES[: len(names)]),
        legend=alt.Legend(orient="top", title=None),
    )
    blocks = only(data, [BLOCK], field="kind").mark_bar(height={"band": 0.8})
    bars = blocks.encode(x=across, x2="until:Q", y=down, color=colour, tooltip="member:N")
    words = only(data, [NAME], field="kind").mark_text(
        align="right", dx=-4, color="#FFFFFF", fontWeight="bold"
    )
    whose = words.encode(x=across, y=down, text="member:N")
    return alt.layer(bars, whose).properties(height=_PARTITION_PIXELS * len(partitions))
