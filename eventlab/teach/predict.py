"""Guess before the run, and see afterwards what came out.

The guesses of a kernel's life are kept here by the name of what they are about, so that running a
cell again asks again without forgetting what was answered.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from eventlab.errors import UsageError
from eventlab.teach.line import Line, number_text

Guess = str | float
Prepare = Callable[[ipywidgets.Widget], object]

_predictions: dict[str, "Prediction"] = {}

_THOUSANDS_APART = re.compile(r"(?<=\d)[,_ ](?=\d{3}\b)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")


def predict(
    about: str,
    question: str,
    options: Sequence[str] = (),
    *,
    unit: str = "",
    still: bool = False,
    prepare: Prepare | None = None,
) -> "Prediction":
    """Ask for a guess about something ("01.order"), and go on without waiting for the answer.

    With `options` the learner chooses one of them, without, they write a number in `unit`. `still`
    leaves the widget away, for a run without a front end. `prepare` is called with the widget that
    takes the answer, for instance to let it react while a cell runs.
    """
    earlier = _predictions.get(about)
    prediction = Prediction(question, tuple(map(str, options)), unit)
    if earlier:
        earlier.close()
        prediction.guess = earlier.guess if earlier.asks_like(prediction) else None
    if not still:
        prediction.open(prepare or (lambda widget: None))
    _predictions[about] = prediction
    return prediction


def reveal(about: str, outcome: Guess) -> "Revelation":
    """Show the guess about something against what came out; UsageError if it was never asked."""
    prediction = _predictions.get(about)
    if prediction is None:
        raise UsageError(
            f"Nothing was asked about {about!r}",
            expected=" or ".join(map(repr, _predictions)) or "a prediction before the run",
            remedy="Run the cell that asks for the guess first.",
        )
    return Revelation(prediction.guess, prediction.read(outcome), prediction.unit)


class Prediction:
    """Hold a question and the learner's `guess`, None until there is one."""

    def __init__(self, question: str, options: tuple[str, ...], unit: str):
        self.question, self.options, self.unit = question, options, unit
        self.guess: Guess | None = None
        self._box: ipywidgets.VBox | None = None

    def asks_like(self, other: "Prediction") -> bool:
        """Tell whether a guess for `other` is one for this question too."""
        return (self.options, self.unit) == (other.options, other.unit)

    def read(self, answer: object) -> Guess:
        """Return an answer as a guess: one of the options, or a number; else UsageError."""
        if self.options:
            return self._read_option(str(answer))
        number = _THOUSANDS_APART.sub("", str(answer)).strip()
        if re.fullmatch(_NUMBER, number):
            return float(number)
        raise UsageError(
            "This is no number", expected="a number such as 1200 or 0.5", found=repr(answer)
        )

    def _read_option(self, answer: str) -> str:
        if answer in self.options:
            return answer
        expected = " or ".join(map(repr, self.options))
        raise UsageError("This is none of the options", expected=expected, found=repr(answer))

    def open(self, prepare: Prepare) -> None:
        """Make the widgets that take the guess."""
        control = self._options_control() if self.options else self._number_control()
        note = ipywidgets.HTML(self._note())

        def keep(change) -> None:
            try:
                self.guess = self.read(change["new"])
                note.value = self._note()
            except UsageError as error:
                note.value = escape(str(error))

        control.observe(keep, "value")
        prepare(control)
        self._box = ipywidgets.VBox([ipywidgets.HTML(self._question_html()), control, note])

    def close(self) -> None:
        """Take the widgets away, if there are any left."""
        if self._box:
            for widget in (*self._box.children, self._box):
                widget.close()
            self._box = None

    def _options_control(self) -> ipywidgets.RadioButtons:
        layout = ipywidgets.Layout(width="auto")
        return ipywidgets.RadioButtons(options=self.options, value=self.guess, layout=layout)

    def _number_control(self) -> ipywidgets.Text:
        written = "" if self.guess is None else f"{self.guess:.15g}"
        placeholder = f"a number of {self.unit}" if self.unit else "a number"
        return ipywidgets.Text(written, placeholder=placeholder, continuous_update=False)

    def _note(self) -> str:
        if self.guess is None:
            return "&nbsp;"
        return f"Your guess: {escape(said(self.guess, self.unit))}"

    def _question_html(self) -> str:
        return f"<b>Predict.</b> {escape(self.question)}"

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        answers = self.options or (f"a number of {self.unit}" if self.unit else "a number",)
        items = "".join(f"<li>{escape(answer)}</li>" for answer in answers)
        still = {
            "text/plain": f"Predict. {self.question} ({' / '.join(answers)})",
            "text/html": f"<div>{self._question_html()}<ul>{items}</ul></div>",
        }
        return {**self._box._repr_mimebundle_(), **still} if self._box else still


@dataclass(frozen=True)
class Revelation:
    """Hold a guess and what came out; shown as one line."""

    guess: Guess | None
    outcome: Guess
    unit: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        tone = "good" if self.guess == self.outcome else "open"
        guess = "No guess" if self.guess is None else f"You guessed {said(self.guess, self.unit)}"
        return Line(tone, guess, f"It came out as {said(self.outcome, self.unit)}.").mimebundle


def said(guess: Guess, unit: str) -> str:
    """Return a guess as one says it, a number with its unit."""
    if isinstance(guess, str):
        return guess
    return f"{number_text(guess)} {unit}".strip()
