"""Windows along event time with what is missing from them, over the events as they came."""

from typing import NamedTuple
from zoneinfo import ZoneInfo

import altair as alt

from eventlab.live.theme import COLOURS, NARROW
from eventlab.moments import duration_milliseconds, from_milliseconds
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.window_tally import Extent

ON_TIME = "on time"
LATE = "late, counted"
TOO_LATE = "too late, missing"
STREAM_TIME = "watermark"
WATERMARK = "watermark now"
OPEN = "window, open"
CLOSED = "window, closed"
MISSING = "missing"
SHUT = "shut"
NOTE = "note"
OFFER = "offer"
CHOSEN = "chosen"

_UTC = alt.Scale(type="utc")
_CLOCK = "%a %H:%M"
_BARS_PIXELS = 130
_DOTS_PIXELS = 260
_OFFERS_PIXELS = 110
_LIGHT_TABLE = "#99D8C9"  # the table's green before it is final
# Beside another run there is half the room; the page says so.
_IS_NARROW = alt.param(name=NARROW, value=False)
_IN_A_ROW = alt.ExprRef(f"{NARROW} ? 2 : 3")
_SHORT_NAMES = {LATE: "late", TOO_LATE: "missing", OPEN: "open", CLOSED: "closed"}
_NAMES = f"{NARROW} && {_SHORT_NAMES}[datum.label] || datum.label"
_NAMES_PIXELS = alt.ExprRef(f"{NARROW} ? 10 : 12")
_FLUSH_PIXELS = 25  # from the end of an axis, within which half a label would be cut off
_WORDS_PIXELS = alt.ExprRef(f"{NARROW} ? 11 : 13")
_ROOM_FOR_WORDS = 1.45  # above the tallest bar, for what the grace gives


class Look(NamedTuple):
    """The words of a chart's axes, the zone of its second clock, and how far its axes reach."""

    arrival: str
    arrival_is_time: bool
    value: str
    clock: str | None = None
    extent: Extent | None = None


def windows_chart(look: Look) -> alt.VConcatChart:
    """Return a chart over the data "live", whose rows are windows, events and watermarks.

    A row has `id` and `what`: OPEN, CLOSED or MISSING, a part of a bar with `at`, `until`
    (milliseconds), `low` and `value`; ON_TIME, LATE or TOO_LATE with `at`, its arrival in `arrived`
    (milliseconds, or a number) and `words`; STREAM_TIME with `at`, `arrived` and its `partition`;
    SHUT, a window from when it was closed, with `at`, `until` and `arrived`; WATERMARK with `at`;
    NOTE with `words`; OFFER or CHOSEN, what a grace gives, with `delay`, `share` and `words`.
    """
    data = alt.Chart(alt.NamedData("live"))
    above = alt.layer(*_bars(data, look), _rule(data), _note(data, 0, 4), _note(data, 1, 21))
    below = alt.layer(*_dots(data, look))
    pair: alt.VConcatChart = alt.vconcat(
        above.properties(height=_BARS_PIXELS), below.properties(height=_DOTS_PIXELS), spacing=4
    )
    timed: alt.VConcatChart = pair.resolve_scale(x="shared")
    parts = [timed, _offers(data, look)] if look.arrival_is_time else [timed]
    together: alt.VConcatChart = alt.vconcat(*parts).add_params(_IS_NARROW)
    return together


def _colour() -> alt.Color:
    hues = {
        ON_TIME: COLOURS["on_time"],
        LATE: COLOURS["late"],
        TOO_LATE: COLOURS["lost"],
        STREAM_TIME: COLOURS["watermark"],
        OPEN: _LIGHT_TABLE,
        CLOSED: COLOURS["table"],
    }
    return alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(hues), range=list(hues.values())),
        legend=alt.Legend(
            orient="top",
            symbolOpacity=1,
            columns=_IN_A_ROW,
            columnPadding=6,
            labelExpr=_NAMES,
            labelFontSize=_NAMES_PIXELS,
        ),
    )


def _time_scale(look: Look) -> alt.Scale:
    if look.extent is None:
        return _UTC
    return alt.Scale(type="utc", domain=[look.extent.first, look.extent.last], nice=False)


def _event_time(look: Look) -> alt.X:
    axis = alt.Axis(format=_CLOCK)
    return alt.X("at:T", title="event time (UTC)", scale=_time_scale(look), axis=axis)


def _arrival(look: Look) -> alt.Y:
    if not look.arrival_is_time:
        return alt.Y("arrived:Q", title=look.arrival)
    axis = alt.Axis(format=_CLOCK)
    return alt.Y("arrived:T", title=look.arrival, scale=_time_scale(look), axis=axis)


# -- the bars -------------------------------------------------------------------------------------


def _bars(data: alt.Chart, look: Look) -> list[alt.Chart]:
    tallest = look.extent.tallest * _ROOM_FOR_WORDS if look.extent else None
    height = alt.Scale(domain=[0, tallest], nice=False) if tallest else alt.Scale()
    places = {
        "x": alt.X("at:T", title=None, scale=_time_scale(look), axis=_second_clock(look)),
        "x2": "until:T",
        "y": alt.Y("low:Q", title=look.value, scale=height, axis=alt.Axis(tickCount=4)),
        "y2": "value:Q",
        "tooltip": ["words:N"],
    }
    whole = only(data, [OPEN, CLOSED]).mark_rect().encode(color=_colour(), **places)
    gone = only(data, [MISSING]).mark_rect(color=COLOURS["lost"]).encode(**places)
    return [whole, gone]


def _second_clock(look: Look) -> alt.Axis:
    if look.clock is None:
        return alt.Axis(labels=False, ticks=False)
    offset = _offset_milliseconds(look.clock, look.extent)
    place = look.clock.rpartition("/")[2].replace("_", " ")
    label = f"utcFormat(toNumber(datum.value) + {offset}, '{_CLOCK}')"
    title = f"event time ({place})"
    return alt.Axis(orient="top", labelExpr=label, labelFlush=_FLUSH_PIXELS, title=title)


def _offset_milliseconds(clock: str, extent: Extent | None) -> int:
    """Return how far a clock is before UTC where the picture begins, which holds for all of it."""
    first = from_milliseconds(extent.first if extent else 0)
    offset = first.astimezone(ZoneInfo(clock)).utcoffset()
    return duration_milliseconds(offset) if offset else 0


def _note(data: alt.Chart, number: int, down: float) -> alt.Chart:
    """Return the note of a number, so many pixels below the top of its part."""
    line = only(data, [NOTE]).transform_filter(f"datum.value == {number}")
    words = line.mark_text(align="left", baseline="top", fontSize=_WORDS_PIXELS)
    encoded: alt.Chart = words.encode(x=alt.value(6), y=alt.value(down), text="words:N")
    return encoded


# -- the dots -------------------------------------------------------------------------------------


def _dots(data: alt.Chart, look: Look) -> list[alt.Chart]:
    x = _event_time(look)
    y = _arrival(look)
    shut = only(data, [SHUT]).mark_rect(color=COLOURS["table"], opacity=0.16)
    line = only(data, [STREAM_TIME]).mark_line(strokeWidth=2, interpolate="step-before")
    return [
        shut.encode(x=x, x2="until:T", y=y, y2=alt.value(0)),
        _events(data, ON_TIME, size=14, opacity=0.6).encode(x=x, y=y),
        _events(data, LATE, size=14, opacity=0.8).encode(x=x, y=y),
        line.encode(x=x, y=y, order="arrived:Q", color=_colour(), detail="partition:N"),
        _rule(data),
        _events(data, TOO_LATE, size=30, opacity=1).encode(x=x, y=y),
        _note(data, 2, 4),
    ]


def _events(data: alt.Chart, what: str, *, size: float, opacity: float) -> alt.Chart:
    dots = only(data, [what]).mark_point(size=size, filled=True, opacity=opacity, strokeWidth=0)
    encoded: alt.Chart = dots.encode(color=_colour(), tooltip=["words:N"])
    return encoded


def _rule(data: alt.Chart) -> alt.Chart:
    rule = only(data, [WATERMARK]).mark_rule(
        color=COLOURS["watermark"], strokeDash=[4, 3], strokeWidth=2
    )
    encoded: alt.Chart = rule.encode(x=alt.X("at:T", scale=_UTC))
    return encoded


# -- what a grace gives ---------------------------------------------------------------------------


def _offers(data: alt.Chart, look: Look) -> Layers:
    x = alt.X(
        "delay:Q",
        title=["minutes from a window's end", "to its result (median)"],
        scale=_delay_scale(look.extent),
    )
    axis = alt.Axis(format=".0%", tickCount=4)
    y = alt.Y("share:Q", title="counted", scale=_share_scale(look.extent), axis=axis)
    offers = only(data, [OFFER]).encode(x=x, y=y, tooltip=["words:N"])
    chosen = only(data, [CHOSEN]).encode(x=x, y=y)
    layers = alt.layer(
        offers.mark_line(strokeWidth=2, color=COLOURS["table"]).encode(order="delay:Q"),
        chosen.mark_point(filled=True, size=160, color=COLOURS["chosen"], opacity=1),
        chosen.mark_text(align="left", dx=12, dy=14, fontSize=13)
        .transform_filter("datum.share < 0.97")
        .encode(text="words:N"),
        chosen.mark_text(align="right", dx=4, dy=20, fontSize=13)
        .transform_filter("datum.share >= 0.97")
        .encode(text="words:N"),
    )
    return layers.properties(height=_OFFERS_PIXELS)


def _delay_scale(extent: Extent | None) -> alt.Scale:
    if extent is None:
        return alt.Scale()
    room = 0.03 * (extent.longest_delay - extent.shortest_delay) or 1
    return alt.Scale(domain=[extent.shortest_delay - room, extent.longest_delay + room], nice=False)


def _share_scale(extent: Extent | None) -> alt.Scale:
    if extent is None:
        return alt.Scale(zero=False)
    return alt.Scale(domain=[extent.least_share - 0.05, 1.03], nice=False)
