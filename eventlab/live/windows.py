"""Windows along event time, and the events that fill them, with those that came too late."""

import altair as alt

from eventlab.live.theme import COLOURS

ON_TIME, LATE, DROPPED = "on time", "late, counted", "dropped"
STREAM_TIME, WATERMARK = "stream time", "watermark"
OPEN, CLOSED = "open window", "closed window"

_UTC = alt.Scale(type="utc")
_CLOCK = "%d %b %H:%M"
_BARS_PIXELS, _DOTS_PIXELS = 110, 300


def windows_chart(*, arrival: str, arrival_is_time: bool, value: str) -> alt.VConcatChart:
    """Return a chart over the data "live", whose rows are windows, events and stream times.

    A row has `id` and `what`: OPEN or CLOSED with `at`, `until` (milliseconds) and `value`; or
    ON_TIME, LATE or DROPPED with `at`, its arrival in `arrived` (milliseconds, or a number) and
    `words`; or STREAM_TIME with `at`, `arrived` and its `partition`; or WATERMARK with `at`.
    `arrival` and `value` are the titles of their axes.
    """
    data = alt.Chart(alt.NamedData("live"))
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(
            domain=[ON_TIME, LATE, DROPPED, STREAM_TIME, OPEN, CLOSED],
            range=[
                COLOURS["on_time"],
                COLOURS["late"],
                COLOURS["lost"],
                COLOURS["watermark"],
                _LIGHT_TABLE,
                COLOURS["table"],
            ],
        ),
        legend=alt.Legend(orient="top", symbolOpacity=1),
    )
    bars = _only(data, OPEN, CLOSED).mark_rect(stroke="white", strokeWidth=1)
    bars = bars.encode(
        x=alt.X("at:T", title=None, scale=_UTC, axis=alt.Axis(labels=False, ticks=False)),
        x2="until:T",
        y=alt.Y("value:Q", title=value, axis=alt.Axis(tickCount=4)),
        y2=alt.datum(0),
        color=colour,
        tooltip=["words:N"],
    )
    kind = "T" if arrival_is_time else "Q"
    y = alt.Y(f"arrived:{kind}", title=arrival)
    if arrival_is_time:
        y = y.scale(_UTC).axis(format=_CLOCK)
    x = alt.X("at:T", title="event time (UTC)", scale=_UTC, axis=alt.Axis(format=_CLOCK))
    line = _only(data, STREAM_TIME).mark_line(strokeWidth=2)
    line = line.encode(x=x, y=y, order="arrived:Q", color=colour, detail="partition:N")
    dots = {
        what: _only(data, what)
        .mark_point(size=size, filled=True, opacity=opacity, strokeWidth=0)
        .encode(x=x, y=y, color=colour, tooltip=["words:N"])
        for what, size, opacity in ((ON_TIME, 14, 0.6), (LATE, 14, 0.8), (DROPPED, 34, 1))
    }
    mark = _only(data, WATERMARK)
    rule = mark.mark_rule(color=COLOURS["watermark"], strokeDash=[4, 3], strokeWidth=2)
    rule = rule.encode(x=alt.X("at:T", scale=_UTC))
    name = mark.mark_text(align="right", dx=-5, fontStyle="italic").encode(
        x=alt.X("at:T", scale=_UTC), y=alt.value(_DOTS_PIXELS - 10), text=alt.value(WATERMARK)
    )
    above = alt.layer(bars, rule).properties(height=_BARS_PIXELS)
    below = alt.layer(line, dots[ON_TIME], dots[LATE], rule, name, dots[DROPPED])
    return alt.vconcat(above, below.properties(height=_DOTS_PIXELS)).resolve_scale(x="shared")


_LIGHT_TABLE = "#99D8C9"  # the table's green before it is final


def _only(data: alt.Chart, *kinds: str) -> alt.Chart:
    return data.transform_filter(alt.FieldOneOfPredicate(field="what", oneOf=list(kinds)))
