"""A slider over a few steps, each with a word: the browser's own, which has a name and speaks."""

from collections.abc import Sequence
from pathlib import Path

import anywidget
import traitlets

_HERE = Path(__file__).parent

Step = tuple[str, float]


class StepSlider(anywidget.AnyWidget):
    """Let the learner move `value` along `options`, (word, value) from left to right.

    ipywidgets' own sliders have no name that a screen reader could tell, and speak the number of
    the step in place of its word. Observe `index` to learn of a move.
    """

    _esm = (_HERE / "steps.js").read_text(encoding="utf-8")
    _css = (_HERE / "controls.css").read_text(encoding="utf-8")
    description = traitlets.Unicode().tag(sync=True)
    words = traitlets.List(traitlets.Unicode()).tag(sync=True)
    index = traitlets.Int().tag(sync=True)
    disabled = traitlets.Bool().tag(sync=True)

    def __init__(self, description: str, options: Sequence[Step], value: float) -> None:
        self.options = list(options)
        words = [word for word, _ in self.options]
        super().__init__(description=description, words=words, index=self._index_of(value))

    @property
    def value(self) -> float:
        """Return where it is; set it to one of the values of its options."""
        return self.options[self.index][1]

    @value.setter
    def value(self, value: float) -> None:
        self.index = self._index_of(value)

    def offer(self, options: Sequence[Step], value: float) -> None:
        """Put other options in place of these, at this value; the page gets both at once."""
        self.options = list(options)
        with self.hold_sync():
            self.words = [word for word, _ in self.options]
            self.index = self._index_of(value)

    def _index_of(self, value: float) -> int:
        return [one for _, one in self.options].index(value)
