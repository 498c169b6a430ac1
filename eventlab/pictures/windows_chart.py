"""Windows along event time, and the events that fill them, with those that came too late."""

import altair as alt

from eventlab.live.theme import COLOURS
from eventlab.pictures.layers import only

ON_TIME = "on time"
LATE = "late, counted"
DROPPED = "dropped"
STREAM_TIME = "stream time"
WATERMARK = "watermark"
OPEN = "open window"
CLOSED = "closed window"

_UTC = alt.Scale(type="utc")
_CLOCK = "%d %b %H:%M"
_BARS_PIXELS = 110
_DOTS_PIXELS = 300
_LIGHT_TABLE = "#99D8C9"  # the table's green before it is final


def windows_chart(*, arrival: str, arrival_is_time: bool, value: str) -> alt.VConcatChart:
    """Return a chart over the data "live", whose rows are windows, events and stream times.

    A row has `id` and `what`: OPEN or CLOSED with `at`, `until` (milliseconds) and `value`; or
    ON_TIME, LATE or DROPPED with `at`, its arrival in `arrived` (milliseconds, or a number) and
    `words`; or STREAM_TIME with `at`, `arrived` and its `partition`; or WATERMARK with `at`.
    `arrival` and `value` are the titles of their axes.
    """
    data = alt.Chart(alt.NamedData("live"))
    x = alt.X("at:T", title="event time (UTC)", scale=_UTC, axis=alt.Axis(format=_CLOCK))
    y = _arrival_axis(arrival, is_time=arrival_is_time)
    rule = _watermark_rule(data)
    above = alt.layer(_bars(data, value), rule).properties(height=_BARS_PIXELS)
    line = only(data, [STREAM_TIME]).mark_line(strokeWidth=2)
    line = line.encode(x=x, y=y, order="arrived:Q", color=_colour(), detail="partition:N")
    on_time = _dots(data, ON_TIME, size=14, opacity=0.6).encode(x=x, y=y)
    late = _dots(data, LATE, size=14, opacity=0.8).encode(x=x, y=y)
    dropped = _dots(data, DROPPED, size=34, opacity=1).encode(x=x, y=y)
    below = alt.layer(line, on_time, late, rule, _watermark_name(data), dropped)
    both: alt.VConcatChart = alt.vconcat(above, below.properties(height=_DOTS_PIXELS))
    together: alt.VConcatChart = both.resolve_scale(x="shared")
    return together


def _colour() -> alt.Color:
    hues = {
        ON_TIME: COLOURS["on_time"],
        LATE: COLOURS["late"],
        DROPPED: COLOURS["lost"],
        STREAM_TIME: COLOURS["watermark"],
        OPEN: _LIGHT_TABLE,
        CLOSED: COLOURS["table"],
    }
    return alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(hues), range=list(hues.values())),
        legend=alt.Legend(orient="top", symbolOpacity=1),
    )


def _arrival_axis(title: str, *, is_time: bool) -> alt.Y:
    if is_time:
        return alt.Y("arrived:T", title=title, scale=_UTC, axis=alt.Axis(format=_CLOCK))
    return alt.Y("arrived:Q", title=title)


def _bars(data: alt.Chart, value: str) -> alt.Chart:
    bars = only(data, [OPEN, CLOSED]).mark_rect(stroke="white", strokeWidth=1)
    encoded: alt.Chart = bars.encode(
        x=alt.X("at:T", title=None, scale=_UTC, axis=alt.Axis(labels=False, ticks=False)),
        x2="until:T",
        y=alt.Y("value:Q", title=value, axis=alt.Axis(tickCount=4)),
        y2=alt.datum(0),
        color=_colour(),
        tooltip=["words:N"],
    )
    return encoded


def _dots(data: alt.Chart, what: str, *, size: float, opacity: float) -> alt.Chart:
    dots = only(data, [what]).mark_point(size=size, filled=True, opacity=opacity, strokeWidth=0)
    encoded: alt.Chart = dots.encode(color=_colour(), tooltip=["words:N"])
    return encoded


def _watermark_rule(data: alt.Chart) -> alt.Chart:
    rule = only(data, [WATERMARK]).mark_rule(
        color=COLOURS["watermark"], strokeDash=[4, 3], strokeWidth=2
    )
    encoded: alt.Chart = rule.encode(x=alt.X("at:T", scale=_UTC))
    return encoded


def _watermark_name(data: alt.Chart) -> alt.Chart:
    name = only(data, [WATERMARK]).mark_text(align="right", dx=-5, fontStyle="italic")
    encoded: alt.Chart = name.encode(
        x=alt.X("at:T", scale=_UTC), y=alt.value(_DOTS_PIXELS - 10), text=alt.value(WATERMARK)
    )
    return encoded
