"""How charts look: one palette whose colours mean the same in every chapter, light and dark.

The hues are those of Okabe and Ito (Color Universal Design, 2008), chosen so that people with any
common colour blindness can tell them apart.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from eventlab.arguments import required_whole_number
from eventlab.checked import checked

BLUE = "#0072B2"
ORANGE = "#E69F00"
GREEN = "#009E73"
PINK = "#CC79A7"
SKY = "#56B4E9"
VERMILION = "#D55E00"
GREY = "#595959"
MIDDLE_GREY = "#808080"  # it stands out from a light page and from a dark one

COLOURS = {
    "stream": BLUE,
    "table": GREEN,
    "join": PINK,
    "watermark": SKY,
    "on_time": BLUE,
    "late": ORANGE,
    "lost": VERMILION,
    "broken": VERMILION,
    "reader": GREY,
    "chosen": VERMILION,
    "muted": "#BBBBBB",
}

# The order in which hues are given to categories that have no meaning of their own.
CATEGORIES = [BLUE, ORANGE, GREEN, PINK, SKY, VERMILION]

_MOST_CATEGORIES = 100_000

NAME = "eventlab"
_ALTAIRS_OWN = "default"
# The name of a parameter of charts in several parts: whether the page has little room for them.
NARROW = "narrow"
WIDTH = 640  # pixels
HEIGHT = 240


@checked
def categories(count: int) -> list[str]:
    """Return hues for so many categories, going round when there are more than six."""
    required_whole_number("count", count, at_least=0, at_most=_MOST_CATEGORIES)
    return [CATEGORIES[i % len(CATEGORIES)] for i in range(count)]


def use_theme() -> None:
    """Let every Altair chart of this kernel look like ours."""
    _registered().enable(NAME)


def in_our_style() -> AbstractContextManager[Any]:
    """Let charts look like ours for a moment, unless another theme was chosen."""
    themes = _registered()
    return themes.enable(NAME) if themes.active == _ALTAIRS_OWN else nullcontext()


def _registered() -> Any:
    from altair import theme

    if NAME not in theme.names():
        theme.register(NAME, enable=False)(_theme)
    return theme


def _theme() -> Any:
    return {"config": chart_config()}


def chart_config() -> dict[str, Any]:
    """Return Vega-Lite's config: a white ground of its own, readable on a dark page too."""
    text = "#333333"
    line = "#DDDDDD"
    words = {
        "labelColor": text,
        "titleColor": text,
        "titleFontWeight": "normal",
        "labelFontSize": 12,
        "titleFontSize": 12,
    }
    return {
        "background": "#FFFFFF",
        "padding": 8,
        "font": "sans-serif",
        "view": {"continuousWidth": WIDTH, "continuousHeight": HEIGHT, "stroke": None},
        "axis": words
        | {"labelSeparation": 6, "gridColor": line, "domainColor": line, "tickColor": line},
        "axisX": {"grid": False},
        # With more, labels overlap, and of half seconds those that go are the whole ones.
        "axisTemporal": {"tickCount": 8},
        "legend": words,
        "header": words,
        "title": {"anchor": "start", "fontSize": 14, "color": text, "subtitleColor": text},
        "range": {"category": CATEGORIES},
        "mark": {"color": BLUE},
        "line": {"strokeWidth": 2},
        "text": {"fontSize": 12, "color": text},
    }
