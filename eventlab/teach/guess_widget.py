"""What takes a guess on a page: radio buttons, a field, a line with a point, a frame to draw in."""

from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent
_SCRIPTS = ("guess_curve.js", "guess.js")


class GuessWidget(anywidget.AnyWidget):
    """Ask a question and take the learner's answer in `value`, as the page gives it.

    `kind` and `settings` are an Answer's; `note` stands beside the control, `outcome` is what the
    run gave, laid over the guess, and `verdict` judges it. By keyboard and by pointer.
    """

    _esm = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    _css = (_HERE / "guess.css").read_text(encoding="utf-8")
    question = traitlets.Unicode().tag(sync=True)
    kind = traitlets.Unicode().tag(sync=True)
    settings = traitlets.Dict().tag(sync=True)
    value = traitlets.Any(None, allow_none=True).tag(sync=True)
    note = traitlets.Unicode().tag(sync=True)
    outcome = traitlets.Any(None, allow_none=True).tag(sync=True)
    verdict = traitlets.Unicode().tag(sync=True)
