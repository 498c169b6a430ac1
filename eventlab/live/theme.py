"""How charts look: one palette whose colours mean the same in every chapter, light and dark.

The hues are those of Okabe and Ito (Color Universal Design, 2008), chosen so that people with any
common colour blindness can tell them apart.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

BLUE, ORANGE, GREEN, PINK = "#0072B2", "#E69F00", "#009E73", "#CC79A7"
SKY, VERMILION, GREY = "#56B4E9", "#D55E00", "#595959"

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

NAME = "eventlab"
_ALTAIRS_OWN = "default"
WIDTH, HEIGHT = 640, 240


def categories(count: int) -> list[str]:
    """Return hues for so many categories, going round when there are more than six."""
    return [CATEGORIES[i % len(CATEGORIES)] for i in range(count)]


def use_theme() -> None:
    """Let every Altair chart of this kernel look like ours."""
    _registered().enable(NAME)


def in_our_style() -> AbstractContextManager:
    """Let charts look like ours for a moment, unless another theme was chosen."""
    themes = _registered()
    return themes.enable(NAME) if themes.active == _ALTAIRS_OWN else nullcontext()


def _registered() -> Any:
    from altair import theme

    if NAME not in theme.names():
        theme.register(NAME, enable=False)(lambda: theme.ThemeConfig(config=chart_config()))
    return theme


def chart_config() -> dict[str, Any]:
    """Return Vega-Lite's config: a white ground of its own, readable on a dark page too."""
    text, line = "#333333", "#DDDDDD"
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
        "title": {"anchor": "start", "fontSize": 14, "color": text},
        "range": {"category": CATEGORIES},
        "mark": {"color": BLUE},
        "line": {"strokeWidth": 2},
        "text": {"fontSize": 12, "color": text},
    }
