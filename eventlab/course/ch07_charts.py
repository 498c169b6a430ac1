"""Chapter 07: how its pictures are drawn."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import altair as alt

from eventlab.course.ch07_queue import Edge, places, reduced
from eventlab.course.ch07_table import DESIGNS, OWN, SHARED
from eventlab.live.theme import COLOURS, MIDDLE_GREY, NARROW
from eventlab.pictures.layers import Layers, only

Row = dict[str, Any]

HUES = {SHARED: COLOURS["late"], OWN: COLOURS["table"]}

# All of it is to be seen on a small page, below a stage's switches.
_PANEL_PIXELS = 76
_QUEUE_PIXELS = 57
_LINE_PIXELS = 15
_ROW_PIXELS = 17
_HALF_WIDTH = 0.44
_HALF_HEIGHT = 0.34
_IS_NARROW = alt.param(name=NARROW, value=False)
_WORDS_SIZE = alt.ExprRef(f"{NARROW} ? 10 : 12")
_NAMES_SIZE = alt.ExprRef(f"{NARROW} ? 9 : 11")
_MOMENT_SIZE = alt.ExprRef(f"{NARROW} ? 9 : 12")
_TITLE_SIZE = alt.ExprRef(f"{NARROW} ? 11 : 13")
_DARK = "#333333"
_ASIDE = 0.08  # of the way from one number of services to the next


# -- throughput and waiting -----------------------------------------------------------------------


def contention_chart(most: int, work: float) -> alt.VConcatChart:
    """Return what is done a second above, how long it is waited for below, and who waits."""
    data = alt.Chart(alt.NamedData("live"))
    tops = panel_tops(most, work)
    done = _panel(data, most, "per_second", ["done", "a second"], tops, is_last=False)
    waited = _panel(data, most, "waited_ms", ["waiting", "(ms)"], tops, is_last=True)
    chart: alt.VConcatChart = alt.vconcat(done, waited, _queue(data, most), spacing=8)
    fitting: alt.VConcatChart = chart.add_params(_IS_NARROW)
    return fitting


def panel_tops(most: int, work: float) -> dict[str, float]:
    """Return how far up what is measured goes, each in its panel."""
    return {"per_second": most / work, "waited_ms": 700 * most * work}


def _panel(
    data: alt.Chart,
    most: int,
    field: str,
    title: list[str],
    tops: Mapping[str, float],
    *,
    is_last: bool,
) -> Layers:
    """Return a line and its dots for each design, and at its newest dot what it is."""
    numbers = list(range(1, most + 1))
    named = "datum.value == 1 ? '1 service' : datum.value"
    axis = alt.Axis(values=numbers, labelExpr=named, labels=is_last, ticks=is_last)
    across = alt.X(
        "place:Q",
        title=None,
        scale=alt.Scale(domain=[0.8, most + 3.0], nice=False),  # room for what is said at the end
        axis=axis,
    )
    scale = alt.Scale(domain=[0, tops[field]], nice=False, clamp=True)
    axis_up = alt.Axis(tickCount=3, grid=False)
    up = alt.Y(f"{field}:Q", title=title, scale=scale, axis=axis_up)
    hue = alt.Color(
        "design:N", scale=alt.Scale(domain=DESIGNS, range=list(HUES.values())), legend=None
    )
    # Side by side: where both designs measure the same, neither hides the other.
    dots = only(data, ["measured"], field="kind").transform_calculate(
        place=f"datum.services + (datum.design == '{SHARED}' ? -{_ASIDE} : {_ASIDE})"
    )
    line = dots.mark_line(strokeWidth=3).encode(x=across, y=up, color=hue)
    points = dots.mark_point(filled=True, size=60, opacity=1).encode(
        x=across, y=up, color=hue, tooltip="words:N"
    )
    newest = dots.transform_window(
        last="max(services)", groupby=["design"], frame=[None, None]
    ).transform_filter("datum.services == datum.last")
    words = (
        newest.transform_calculate(
            said=f"{NARROW} ? datum.{field}_short : datum.{field}_words",
            place=f"datum.services + {_ASIDE}",  # to the right of both dots
        )
        .mark_text(align="left", dx=9, fontWeight="bold", fontSize=_WORDS_SIZE)
        .encode(x=across, y=alt.Y(f"{field}_at:Q", title=title, scale=scale), text="said:N")
    )
    return alt.layer(line, points, words).properties(height=_PANEL_PIXELS)


def measured_rows(
    services: int, measured: Mapping[str, Mapping[str, float]], tops: Mapping[str, float]
) -> list[Row]:
    """Return what is drawn of so many services.

    `measured` has for each design what is done `per_second` and the mean `waited_ms`.
    """
    places = {
        field: _beside({design: values[field] for design, values in measured.items()}, top)
        for field, top in tops.items()
    }
    return [_measured(design, services, measured[design], places) for design in measured]


def _measured(
    design: str,
    services: int,
    values: Mapping[str, float],
    places: Mapping[str, Mapping[str, float]],
) -> Row:
    short, _ = design.split()
    row: Row = {"id": f"{design} {services}", "kind": "measured"}
    row |= {"design": design, "services": services, **values}
    for field, value in values.items():
        row[f"{field}_words"] = f"{design}: {value:.0f}"
        row[f"{field}_short"] = f"{short} {value:.0f}"
        row[f"{field}_at"] = places[field][design]
    rate = f"{values['per_second']:.0f} a second"
    row["words"] = f"{services} services, {design}: {rate}, {values['waited_ms']:.0f} ms"
    return row


def _beside(values: Mapping[str, float], top: float) -> dict[str, float]:
    """Return where words stand: beside their values, a line apart, and inside of the panel."""
    line = top * _LINE_PIXELS / _PANEL_PIXELS
    names = sorted(values, key=lambda name: values[name])
    lowest = line / 2
    found: dict[str, float] = {}
    for number, name in enumerate(names, start=1):
        highest = top - line * (len(names) - number + 0.5)
        found[name] = max(lowest, min(values[name], highest))
        lowest = found[name] + line
    return found


# -- who waits for whom ---------------------------------------------------------------------------


def queue_rows(edges: Collection[Edge], wanted: str = "") -> list[Row]:
    """Return what is drawn of who waits for whom: a box each, and an arrow to whom it waits for.

    `wanted` says what it is that they wait for.
    """
    lines = reduced(edges)
    columns = places(lines)
    lanes = _lanes(columns)
    rows = [_box(name, x, lanes[name]) for name, x in columns.items()]
    rows += [_arrow(edge, columns, lanes) for edge in lines]
    said = f"who waits for {wanted}" if lines else "nobody waits"
    title = {"id": "title", "kind": "title", "words": f"PostgreSQL says: {said}", "short": said}
    return [*rows, title | {"x": -0.5, "y": -0.9}]


def _lanes(columns: Mapping[str, int]) -> dict[str, int]:
    """Return a lane for each: those who wait for the same one stand below each other."""
    taken: Counter[int] = Counter()
    lanes: dict[str, int] = {}
    for name, column in columns.items():
        lanes[name] = taken[column]
        taken[column] += 1
    return lanes


def _box(name: str, x: int, lane: int) -> Row:
    return {
        "id": f"box {name}",
        "kind": "box",
        "words": name,
        "design": "waits" if x else "works",
        "x": x - _HALF_WIDTH,
        "x2": x + _HALF_WIDTH,
        "y": lane - _HALF_HEIGHT,
        "y2": lane + _HALF_HEIGHT,
    }


def _arrow(edge: Edge, columns: dict[str, int], lanes: dict[str, int]) -> Row:
    waiting, blocking = edge
    return {
        "id": f"arrow {waiting} {blocking}",
        "kind": "arrow",
        "x": columns[waiting] - _HALF_WIDTH,
        "x2": columns[blocking] + _HALF_WIDTH,
        "y": lanes[waiting],
        "y2": lanes[blocking],
    }


def _queue(data: alt.Chart, most: int) -> Layers:
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[-0.5, most - 0.2], nice=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[1.4, -1.2], nice=False))
    boxes = only(data, ["box"], field="kind")
    drawn = boxes.mark_rect(cornerRadius=3, opacity=1, strokeWidth=2).encode(
        x=x,
        y=y,
        x2="x2:Q",
        y2="y2:Q",
        fill=alt.condition("datum.design == 'waits'", alt.value("#FCEFD5"), alt.value("#FFFFFF")),
        stroke=alt.condition(
            "datum.design == 'waits'", alt.value(COLOURS["late"]), alt.value(MIDDLE_GREY)
        ),
    )
    names = boxes.transform_calculate(
        middle="(datum.x + datum.x2) / 2", centre="(datum.y + datum.y2) / 2"
    )
    words = names.mark_text(color=_DARK, fontSize=_NAMES_SIZE).encode(
        x=alt.X("middle:Q", axis=None), y=alt.Y("centre:Q", axis=None), text="words:N"
    )
    arrows = only(data, ["arrow"], field="kind")
    lines = arrows.mark_rule(color=MIDDLE_GREY, strokeWidth=2).encode(
        x=x, y=y, x2="x2:Q", y2="y2:Q"
    )
    heads = arrows.mark_point(
        shape="triangle-left", filled=True, size=70, opacity=1, color=MIDDLE_GREY, xOffset=4
    ).encode(x=alt.X("x2:Q", axis=None), y=alt.Y("y2:Q", axis=None))
    title = only(data, ["title"], field="kind").transform_calculate(
        said=f"{NARROW} ? datum.short : datum.words"
    )
    said = title.mark_text(align="left", fontSize=_WORDS_SIZE).encode(x=x, y=y, text="said:N")
    return alt.layer(lines, heads, drawn, words, said).properties(height=_QUEUE_PIXELS)


# -- squares --------------------------------------------------------------------------------------

QUERIES = {"answered": COLOURS["table"], "failed": COLOURS["lost"]}
SALES = {"sold": COLOURS["table"], "sold out": COLOURS["muted"], "oversold": COLOURS["lost"]}


def squares_chart(rows: Sequence[str], across: int, states: Mapping[str, str]) -> alt.VConcatChart:
    """Return rows of squares, so many across, at the shared table and below it at own views.

    `states` has the colour of each. A vertical line is what happened between two squares.
    """
    data = alt.Chart(alt.NamedData("live"))
    panels = [_squares(data, design, rows, across, states) for design in DESIGNS]
    chart: alt.VConcatChart = alt.vconcat(*panels, spacing=6)
    fitting: alt.VConcatChart = chart.add_params(_IS_NARROW)
    return fitting


def _squares(
    data: alt.Chart, design: str, rows: Sequence[str], across: int, states: Mapping[str, str]
) -> Layers:
    mine = only(data, [design], field="design")
    x = alt.X("number:Q", scale=alt.Scale(domain=[0, across], nice=False), axis=None)
    y = alt.Y("row:N", title=None, scale=alt.Scale(domain=list(rows)))
    hue = alt.Color(
        "state:N",
        scale=alt.Scale(domain=list(states), range=list(states.values())),
        legend=None,
    )
    squares = (
        only(mine, ["square"], field="kind")
        .transform_calculate(right="datum.number + 0.85")
        .mark_bar(height={"band": 0.8})
        .encode(x=x, x2="right:Q", y=y, color=hue, tooltip="words:N")
    )
    moments = only(mine, ["moment"], field="kind")
    lines = moments.mark_rule(strokeWidth=2, color=MIDDLE_GREY, xOffset=-1).encode(x=x)
    said = moments.mark_text(align="left", baseline="bottom", dx=3, fontSize=_MOMENT_SIZE).encode(
        x=x, y=alt.value(-3), text="words:N"
    )
    title = (
        only(mine, ["title"], field="kind")
        .transform_calculate(said=f"{NARROW} ? datum.short : datum.words")
        .mark_text(align="left", baseline="bottom", fontWeight="bold", fontSize=_TITLE_SIZE)
        .encode(x=alt.value(0), y=alt.value(-18), text="said:N")
    )
    return alt.layer(squares, lines, said, title).properties(height=_ROW_PIXELS * len(rows))


def square_row(design: str, row: str, number: int, state: str, words: str = "") -> Row:
    """Return a square: which one of which row it is, and what is said of it."""
    place = f"{design} {row} {number}"
    return _placed("square", place, design, words) | {"row": row, "number": number, "state": state}


def moment_row(design: str, number: int, words: str) -> Row:
    """Return what happened before the squares of this number."""
    return _placed("moment", f"{design} {words}", design, words) | {"number": number}


def title_row(design: str, counted: int, words: str, short: str) -> Row:
    """Return what stands above the squares of a design: a count, and of what, in short too."""
    row = _placed("title", f"{design} title", design, f"{design}: {counted} {words}")
    return row | {"short": f"{design.split()[0]}: {counted} {short}"}


def _placed(kind: str, name: str, design: str, words: str) -> Row:
    return {"id": name, "kind": kind, "design": design, "words": words}


def as_columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return rows as a chart takes them."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
