"""Guess before the run, and see afterwards what came out.

The questions of a kernel's life are kept here by the name of what they are about, so that running a
cell again asks again without forgetting what was answered. A guess is kept on disk too, with its
question, so that it outlives a restart of the kernel (teach.progress).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets

from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.teach.line import Line, Tone, number_text
from eventlab.teach.progress import remember, remembered

Guess = str | float
Prepare = Callable[[ipywidgets.Widget], object]

_predictions: dict[str, "Prediction"] = {}

_THOUSANDS_APART = re.compile(r"(?<=\d)[,_ ](?=\d{3}\b)")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?")


@checked
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
    earlier = _asked(about)
    prediction = Prediction(question, tuple(str(option) for option in options), unit, about)
    if earlier:
        earlier.close()
        prediction.guess = earlier.guess if earlier.asks_like(prediction) else None
    if not still:
        prediction.open(prepare or (lambda widget: None))
    _predictions[about] = prediction
    return prediction


@checked
def reveal(about: str, outcome: Guess) -> "Revelation":
    """Show the guess about something against what came out; UsageError if it was never asked."""
    prediction = _asked(about)
    if prediction is None:
        raise UsageError(
            f"Nothing was asked about {about!r:.80}",
            expected=" or ".join(repr(name) for name in _predictions) or "a prediction before",
            found=shown(about),
            remedy="Run the cell that asks for the guess first.",
        )
    return Revelation(prediction.guess, prediction.read(outcome), prediction.unit)


def _asked(about: str) -> "Prediction | None":
    """Return what was asked about something, in this kernel or in one before it."""
    return _predictions.get(about) or _kept(about)


def _kept(about: str) -> "Prediction | None":
    """Return the question of an earlier kernel, with its guess; None if what is kept is none."""
    facts: Any = remembered("prediction").get(about)
    with suppress(KeyError, TypeError, UsageError):
        kept = Prediction(facts["question"], tuple(facts["options"]), facts["unit"], about)
        kept.guess = kept.read(facts["guess"])
        return kept
    return None


class Prediction:
    """Hold a question and the learner's `guess`, None until there is one."""

    def __init__(self, question: str, options: tuple[str, ...], unit: str, about: str = "") -> None:
        self.about = about
        self.question = question
        self.options = options
        self.unit = unit
        self.guess: Guess | None = None
        self._box: ipywidgets.VBox | None = None

    def asks_like(self, other: "Prediction") -> bool:
        """Tell whether a guess for `other` is one for this question too."""
        return (self.options, self.unit) == (other.options, other.unit)

    @checked
    def read(self, answer: object) -> Guess:
        """Return an answer as a guess: one of the options, or a number; else UsageError."""
        if self.options:
            return self._read_option(_text(answer))
        number = _THOUSANDS_APART.sub("", _text(answer)).strip()
        if re.fullmatch(_NUMBER, number):
            return float(number)
        raise UsageError(
            "This is no number",
            expected="a number such as 1200 or 0.5",
            found=shown(answer),
            remedy="Write digits only, without a unit.",
        )

    def _read_option(self, answer: str) -> str:
        if answer in self.options:
            return answer
        raise UsageError(
            "This is none of the options",
            expected=" or ".join(repr(option) for option in self.options),
            found=shown(answer),
            remedy="Choose one of them, letter for letter.",
        )

    def open(self, prepare: Prepare) -> None:
        """Make the widgets that take the guess."""
        control = self._options_control() if self.options else self._number_control()
        note = ipywidgets.HTML(self._note())

        def keep(change: Mapping[str, object]) -> None:
            try:
                self.guess = self.read(change["new"])
                note.value = self._note()
                self._remember()
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

    def _remember(self) -> None:
        """Keep the guess, with what makes it one for this question, for a kernel to come."""
        asked = {"question": self.question, "options": self.options, "unit": self.unit}
        remember("prediction", self.about, asked | {"guess": self.guess})

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
        return f"Your guess: {escape(guess_text(self.guess, self.unit))}"

    def _question_html(self) -> str:
        return f"<b>Predict.</b> {escape(self.question)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
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

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        tone: Tone = "good" if self.guess == self.outcome else "open"
        outcome = f"It came out as {guess_text(self.outcome, self.unit)}."
        return Line(tone, self._word(), outcome).mimebundle

    def _word(self) -> str:
        if self.guess is None:
            return "No guess"
        return f"You guessed {guess_text(self.guess, self.unit)}"


def _text(answer: object) -> str:
    try:
        return str(answer)
    except Exception:  # it is no answer, and the error says so
        return shown(answer)


def guess_text(guess: Guess, unit: str) -> str:
    """Return a guess as one says it, a number with its unit."""
    if isinstance(guess, str):
        return guess
    return f"{number_text(guess)} {unit}".strip()
