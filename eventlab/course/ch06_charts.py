"""Chapter 06: how the wall is drawn, and below it the business as it was."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import altair as alt

from eventlab.live.theme import BLUE, COLOURS, GREEN, GREY, MIDDLE_GREY, ORANGE, SKY
from eventlab.pictures.layers import Layers, only

MOST_COLUMNS = 8  # that the table has at any time
ROW = 22  # pixels
TOP = 40  # where the first row of names is
FOOT = TOP + ROW * MOST_COLUMNS + 4  # where the words about the last change are
BASE = FOOT + 130  # where the columns of the journal stand
TALLEST = 50
HEIGHT = BASE + 16

# Across, in hundredths of the width.
VALUES = 25  # end of the row's values
LEFT = 27  # where what leaves the table begins
WALL = (31, 37)
NAMES = 43  # where the names outside begin
READ = 70  # where what consumers read begins
LAMP = 87
FIRST_COLUMN = 1
LAST_COLUMN = 100
COUNTS = (1.5, 26, 48.5, 70)  # how many orders there are in each state

ON = "on"
OUT = "out"
STATES = {"placed": ORANGE, "paid": BLUE, "sent": GREEN, "cancelled": MIDDLE_GREY}

# Names are as long as they are, however wide the page is.
_AFTER_NAMES = f"min(datum.x, {NAMES} + 8000 / width)"
_ROOMY = "width > 400 ? 1 : 0"
_KINDS = {"what": "", "x": 0.0, "y": 0.0, "x2": 0.0, "y2": 0.0, "words": "", "hue": ""}


def _size(pixels: int) -> alt.ExprRef:
    """Return a size of letters that is smaller where two pictures share a narrow stage."""
    return alt.ExprRef(f"width < 240 ? 9 : {pixels}")


def drawn(name: str, what: str, **more: Any) -> Mapping[str, Any]:
    """Return a row of the chart, by its own name."""
    return _KINDS | {"id": name, "what": what} | more


def row_at(number: float) -> float:
    """Return the height of a row of names, the first being 0."""
    return TOP + ROW * number + ROW / 2


def wall_chart(*, has_wall: bool) -> Layers:
    """Return the chart: the table, the wall or its absence, names outside, lamps; the journal."""
    live = alt.Chart(alt.NamedData("live"))
    links = only(live, ["link"])
    reads = only(live, ["read"]).transform_calculate(x=_AFTER_NAMES)
    layers = [
        _lines(links, COLOURS["stream"], 1),
        _lines(reads, MIDDLE_GREY, 1),
        _wall(has_wall),
        _lines(only(live, ["undone"]), SKY, 3),  # above the bricks: it goes through the wall
        *_words(live),
        *_lamps(live),
        *_journal(live),
    ]
    drawn = alt.layer(*layers).properties(height=HEIGHT)
    chart: Layers = drawn.resolve_scale(color="independent")
    return chart


def _x(field: str = "x") -> alt.X:
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, 100], nice=False), axis=None)


def _y(field: str = "y") -> alt.Y:
    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[HEIGHT, 0], nice=False), axis=None)


def _lines(rows: alt.Chart, hue: str, width: float) -> alt.Chart:
    lines = rows.mark_rule(color=hue, strokeWidth=width, opacity=0.8)
    drawn: alt.Chart = lines.encode(x=_x(), x2="x2:Q", y=_y(), y2="y2:Q")
    return drawn


def _wall(has_wall: bool) -> alt.Chart:
    """Return the bricks; where there is no wall, the outline of the place where one could be."""
    if not has_wall:
        data = alt.InlineData(values=[_brick(WALL[0], WALL[1], TOP - 6, FOOT - 4)])
        outline = alt.Chart(data).mark_rect(
            filled=False, stroke=COLOURS["muted"], strokeDash=[4, 4]
        )
        return _bricked(outline)
    data = alt.InlineData(values=_bricks())
    return _bricked(alt.Chart(data).mark_rect(fill=GREY, stroke="#FFFFFF", strokeWidth=1))


def _bricked(marks: alt.Chart) -> alt.Chart:
    bricks: alt.Chart = marks.encode(x=_x(), x2="x2:Q", y=_y(), y2="y2:Q")
    return bricks


def _bricks() -> list[dict[str, float]]:
    left, right = WALL
    middle = (left + right) / 2
    bricks = []
    for number, top in zip(count(), range(TOP - 6, FOOT - 4, 13), strict=False):
        bottom = min(top + 13, FOOT - 4)
        if number % 2:
            bricks.append(_brick(left, right, top, bottom))
        else:
            bricks += [_brick(left, middle, top, bottom), _brick(middle, right, top, bottom)]
    return bricks


def _brick(left: float, right: float, top: float, bottom: float) -> dict[str, float]:
    return {"x": left, "x2": right, "y": top, "y2": bottom}


def _words(live: alt.Chart) -> Sequence[alt.Chart]:
    left: dict[str, Any] = {
        "clip": True,
        "align": "left",
        "baseline": "middle",
        "fontSize": _size(11),
    }
    titles = only(live, ["title"]).mark_text(
        clip=True, align="left", fontWeight="bold", fontSize=12
    )
    names = only(live, ["name"]).mark_text(**left)
    news = only(live, ["news"]).mark_text(fontWeight="bold", color=COLOURS["broken"], **left)
    counts = only(live, ["count"]).mark_text(dx=7, **left)
    values = only(live, ["value"]).mark_text(
        **left | {"align": "right"}, color=MIDDLE_GREY, opacity=alt.ExprRef(_ROOMY)
    )
    layers = (titles, names, news, counts, values)
    return [layer.encode(x=_x(), y=_y(), text="words:N") for layer in layers]


def _lamps(live: alt.Chart) -> Sequence[alt.Chart]:
    """Return the lamps: filled, with a glow, or an empty ring; so one needs no colours."""
    lamps = only(live, ["lamp"])
    on = lamps.transform_filter(f"datum.hue == '{ON}'")
    out = lamps.transform_filter(f"datum.hue == '{OUT}'")
    marks = [
        on.mark_circle(clip=True, size=620, color=COLOURS["table"], opacity=0.25),
        on.mark_circle(clip=True, size=220, color=COLOURS["table"], opacity=1),
        out.mark_point(clip=True, size=220, stroke=COLOURS["broken"], strokeWidth=3, opacity=1),
    ]
    names = only(live, ["who"]).mark_text(
        clip=True, align="center", baseline="middle", fontSize=_size(11), fontWeight="bold"
    )
    why = only(live, ["why"]).mark_text(
        clip=True, align="right", baseline="middle", fontSize=_size(10), color=COLOURS["broken"]
    )
    texts = [layer.encode(x=_x(), y=_y(), text="words:N") for layer in (names, why)]
    return [*(mark.encode(x=_x(), y=_y(), tooltip="words:N") for mark in marks), *texts]


def _journal(live: alt.Chart) -> Sequence[alt.Chart]:
    hue = alt.Color(
        "hue:N",
        scale=alt.Scale(domain=list(STATES), range=list(STATES.values())),
        legend=None,
    )
    columns = only(live, ["column"]).mark_rect()
    swatches = only(live, ["swatch"]).mark_square(clip=True, size=90, opacity=1)
    missing = only(live, ["missing"]).mark_text(
        clip=True, color=COLOURS["broken"], fontWeight="bold", fontSize=13
    )
    chosen = only(live, ["chosen"]).mark_rect(filled=False, stroke=SKY, strokeWidth=2)
    days = only(live, ["day"]).mark_text(clip=True, align="left", fontSize=_size(11))
    base = alt.Chart(alt.InlineData(values=[_brick(0, 100, BASE, BASE)])).mark_rule(
        color=COLOURS["muted"]
    )
    return [
        _bricked(columns).encode(color=hue, tooltip="words:N"),
        swatches.encode(x=_x(), y=_y(), color=hue),
        missing.encode(x=_x(), y=_y(), text="words:N"),
        days.encode(x=_x(), y=_y(), text="words:N"),
        _bricked(chosen),
        _bricked(base),
    ]
