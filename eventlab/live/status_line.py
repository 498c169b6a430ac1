"""A line under a control that says how it fares, to those who cannot see it too."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent


class StatusLine(anywidget.AnyWidget):
    """Show `value`, as HTML; a screen reader tells `spoken`, as text, each time it changes.

    What changes many times a second would talk without end: so the two are apart.
    """

    _esm = (_HERE / "status_line.js").read_text(encoding="utf-8")
    _css = (_HERE / "controls.css").read_text(encoding="utf-8")
    value = traitlets.Unicode().tag(sync=True)
    spoken = traitlets.Unicode().tag(sync=True)
