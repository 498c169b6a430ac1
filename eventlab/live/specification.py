"""What is drawn: an Altair chart as the Vega-Lite specification of a chart that moves."""

from collections.abc import Iterator
from typing import Any

from eventlab.errors import ChartError, shown
from eventlab.live.theme import HEIGHT, WIDTH, in_our_style

DATA = "live"
_COMPOSED = {"hconcat", "vconcat", "concat", "facet", "repeat"}
_FACETS = {"row", "column", "facet"}


def specification(chart: Any) -> dict[str, Any]:
    """Return the Vega-Lite of a chart over alt.NamedData("live"), in our style, of a fixed size.

    Where a chart has no width of its own a page gives it the room that there is.

    Raises ChartError for what is no chart, and for one that draws other data.
    """
    spec = _vega_lite(chart)
    if DATA not in _data_names(spec):
        raise ChartError(
            "This chart does not draw what is live",
            expected='a chart over alt.NamedData("live")',
            found=f"data {', '.join(_data_names(spec)) or 'of its own'}",
            remedy='Begin it with alt.Chart(alt.NamedData("live")).',
        )
    if not _is_composed(spec):  # the outer box keeps its size when words or axes change
        spec.setdefault("autosize", {"type": "fit", "contains": "padding"})
        spec.setdefault("width", WIDTH)
        spec.setdefault("height", HEIGHT)
    return spec


def reserved_height(spec: dict[str, Any]) -> float:
    """Return the pixels a chart will take, so that the page keeps them free; 0 if unknown."""
    if "vconcat" in spec:
        heights = [reserved_height(one) for one in spec["vconcat"]]
        return sum(heights) if all(heights) else 0
    height = spec.get("height")
    if _is_composed(spec) or not isinstance(height, int | float):
        return 0
    return height


def alt_text(alt: str, spec: dict[str, Any]) -> str:
    """Return the words for those who cannot see the chart; ChartError where there are none."""
    words = alt or described(spec)
    if isinstance(words, str) and words.strip():
        return words
    raise ChartError(
        "A chart needs words for those who cannot see it",
        expected='alt="what it shows"',
        found=shown(alt),
        remedy='Add alt="..." to the chart, or give it a title.',
    )


def described(spec: dict[str, Any]) -> str:
    """Return a chart's own words: its description, or else its title."""
    title = spec.get("title") or ""
    words = title.get("text", "") if isinstance(title, dict) else title
    return spec.get("description") or (" ".join(words) if isinstance(words, list) else words)


def _vega_lite(chart: Any) -> dict[str, Any]:
    import altair  # half a second, and whoever has a chart has it

    if not isinstance(chart, altair.TopLevelMixin):
        raise ChartError(
            "This is no chart",
            expected="an Altair chart",
            found=type(chart).__name__,
            remedy='Make one with alt.Chart(alt.NamedData("live")).',
        )
    with in_our_style():
        return chart.to_dict()


def _data_names(part: Any) -> list[str]:
    return sorted(set(_names(part)))


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for one in part:
            yield from _names(one)
    elif isinstance(part, dict):
        data = part.get("data")
        if isinstance(data, dict) and isinstance(data.get("name"), str):
            yield data["name"]
        for key, one in part.items():
            if key != "datasets":
                yield from _names(one)


def _is_composed(spec: dict[str, Any]) -> bool:
    parts = [spec, *spec.get("layer", [])]
    return bool(_COMPOSED & set(spec) or any(_FACETS & set(p.get("encoding", {})) for p in parts))
