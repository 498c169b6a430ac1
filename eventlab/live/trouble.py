"""What went wrong, in the one line that a page shows."""

from html import escape
from typing import Any

from eventlab.checked import checked

_STYLE = "padding:4px;color:#A33B00;font-size:13px"

Bundle = tuple[dict[str, Any], dict[str, Any]]


@checked
def error_line(error: BaseException) -> str:
    """Return an error as one line: its kind and its words."""
    return f"{type(error).__name__}: {error}".replace("\n", " ")


def with_trouble(still: Bundle, trouble: str) -> Bundle:
    """Return a still (mimebundle, metadata) with the line under it; without trouble, as it is."""
    if not trouble:
        return still
    data, metadata = still
    line = f'<div role="alert" style="{_STYLE}">{escape(trouble)}</div>'
    html = as_html(still) + line
    plain = f"{data.get('text/plain', '')}: {trouble}"
    return data | {"text/html": html, "text/plain": plain}, metadata


def as_html(still: Bundle) -> str:
    """Return a still as HTML, a picture included."""
    data, metadata = still
    return str(data.get("text/html", _image(data, metadata)))


def _image(data: dict[str, Any], metadata: dict[str, Any]) -> str:
    # Where a page has HTML and a picture to choose from it shows the HTML: so the picture is in it.
    if "image/png" not in data:
        return ""
    size = metadata.get("image/png", {})
    words = escape(str(size.get("alt", "")), quote=True)
    width = size.get("width", "")
    return f'<img src="data:image/png;base64,{data["image/png"]}" width="{width}" alt="{words}">'
