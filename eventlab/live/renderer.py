"""Every static Altair chart as a picture: offline, on GitHub and in executed notebooks.

Altair's own renderers load Vega from the network, or write a Vega-Lite that JupyterLab 4.6 cannot
draw.
"""

from typing import Any

NAME = "eventlab"


def use_renderer() -> None:
    """Let Altair show its charts by this renderer."""
    import altair

    altair.renderers.register(NAME, _rendered)
    altair.renderers.enable(NAME)


def _rendered(spec: dict[str, Any], **_options: Any) -> tuple[dict, dict]:
    from eventlab.live.picture import still

    return still(spec, _alt(spec), "Chart")


def _alt(spec: dict[str, Any]) -> str:
    title = spec.get("title", "")
    words = title.get("text", "") if isinstance(title, dict) else title
    return spec.get("description") or (" ".join(words) if isinstance(words, list) else words)
