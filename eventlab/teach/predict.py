"""Guess before the run, and see afterwards what came out.

The questions of a kernel's life are kept here by the name of what they are about, so that running a
cell again asks again without forgetting what was answered. A guess is kept on disk too, with its
question, so that it outlives a restart of the kernel (teach.progress).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from html import escape
from typing import Any

import ipywidgets

from eventlab.arguments import refused, required_name
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.teach.answers import Answer, Choice, Guess, Number, Point
from eventlab.teach.curve import Axis, Curve, Run
from eventlab.teach.guess_widget import GuessWidget
from eventlab.teach.progress import remember, remembered
from eventlab.teach.revelation import Revelation

Prepare = Callable[[ipywidgets.Widget], object]

_predictions: dict[str, "Prediction"] = {}


@checked
def predict(
    about: str,
    question: str,
    options: Sequence[str] = (),
    *,
    answer: Number | Point | Curve | None = None,
    unit: str = "",
    still: bool = False,
    prepare: Prepare | None = None,
) -> "Prediction":
    """Ask for a guess about something ("01.order"), and go on without waiting for the answer.

    With `options` the learner chooses one of them, without, they write a number in `unit`; `answer`
    asks for a number within bounds, a point on a line or a drawn curve. `still` leaves the widget
    away, for a run without a front end. `prepare` is called with the widget that takes the answer,
    for instance to let it react while a cell runs. Raises UsageError.

    Examples:
        >>> predict("19.lag", "How late is the latest flight?", answer=Point(0, 240, "minutes"))
        Predict. How late is the latest flight? (a point from 0 to 240 minutes)
    """
    required_name("about", about, example='"01.order"')
    earlier = _asked(about)
    prediction = Prediction(question, _wanted(options, answer, unit), about)
    if earlier:
        earlier.close()
        prediction.guess = earlier.guess if earlier.asks_like(prediction) else None
    if not still:
        prediction.open(prepare or (lambda widget: None))
    _predictions[about] = prediction
    return prediction


@checked
def reveal(about: str, outcome: object, why: str = "") -> Revelation:
    """Show the guess about something against what came out, how far off it was, and `why`.

    `why` is a sentence or two with this run's own figures. Raises UsageError if nothing was asked,
    or if what came out is of another kind than the guess.

    Examples:
        >>> guess = predict("00.sum", "How many cents do both pay?")
        >>> reveal("00.sum", 25, why="Ann pays 20 of them.").words
        'No guess: It came out as 25. Ann pays 20 of them.'
    """
    prediction = _asked(about)
    if prediction is None:
        raise UsageError(
            f"Nothing was asked about {about!r:.80}",
            expected=" or ".join(repr(name) for name in _predictions) or "a prediction before",
            found=shown(about),
            remedy="Run the cell that asks for the guess first.",
        )
    return prediction.reveal(outcome, why)


def _asked(about: str) -> "Prediction | None":
    """Return what was asked about something, in this kernel or in one before it."""
    return _predictions.get(about) or _kept(about)


def _kept(about: str) -> "Prediction | None":
    """Return the question of an earlier kernel, with its guess; None if what is kept is none."""
    facts: Any = remembered("prediction").get(about)
    with suppress(KeyError, TypeError, UsageError):
        answer = _kept_answer(facts["kind"], facts["answer"])
        kept = Prediction(facts["question"], answer, about)
        kept.guess = kept.read(facts["guess"])
        return kept
    return None


def _kept_answer(kind: str, facts: dict[str, Any]) -> Answer:
    """Return the kind of answer that was asked for, from its fields as they are kept."""
    match kind:
        case "choice":
            return Choice(tuple(facts["options"]))
        case "curve":
            return Curve(Axis(**facts["across"]), Axis(**facts["up"]), facts["points"])
        case "point":
            return Point(**facts)
    return Number(**facts)


class Prediction:
    """Hold a question and the learner's `guess`, None until there is one."""

    def __init__(self, question: str, answer: Answer, about: str = "") -> None:
        self.about = about
        self.question = question
        self.answer = answer
        self.guess: Guess | None = None
        self._widget: GuessWidget | None = None
        self._box: ipywidgets.VBox | None = None

    def asks_like(self, other: "Prediction") -> bool:
        """Tell whether a guess for `other` is one for this question too."""
        return self.answer == other.answer

    @checked
    def read(self, answer: object) -> Guess:
        """Return an answer as a guess of the kind that was asked for; else UsageError."""
        return self.answer.read(answer)

    def reveal(self, outcome: object, why: str) -> Revelation:
        """Return the guess against what came out, and lay that over the guess on the page."""
        came = self.answer.read_outcome(outcome)
        view = self._box._repr_mimebundle_() if self._box else {}
        revelation = Revelation(self.guess, came, self.answer, why, view)
        if self._widget:
            self._widget.outcome = vars(came) if isinstance(came, Run) else came
            self._widget.verdict = revelation.words
        return revelation

    def open(self, prepare: Prepare) -> None:
        """Make the widget that takes the guess."""
        widget = GuessWidget(
            question=self.question,
            kind=self.answer.kind,
            settings=self.answer.settings,
            value=self._for_page(),
            note=self._note(),
        )

        def keep(change: Mapping[str, object]) -> None:
            try:
                self.guess = self.read(change["new"])
                widget.note = self._note()
                self._remember()
            except UsageError as error:
                widget.note = str(error)

        widget.observe(keep, "value")
        prepare(widget)
        self._widget = widget
        # When the kernel has gone, the front end marks a box, and no view of anywidget's own.
        self._box = ipywidgets.VBox([widget])

    def close(self) -> None:
        """Take the widgets away, if there are any left."""
        if self._box:
            for widget in (*self._box.children, self._box):
                widget.close()
            self._box = None
            self._widget = None

    def __repr__(self) -> str:
        return f"Predict. {self.question} ({self.answer.asked})"

    def _remember(self) -> None:
        """Keep the guess, with what makes it one for this question, for a kernel to come."""
        fields = asdict(self.answer)  # type: ignore[call-overload]  # each kind is a dataclass
        answer = {"kind": self.answer.kind, "answer": fields}
        facts = {"question": self.question, **answer, "guess": self.guess}
        remember("prediction", self.about, facts)

    def _for_page(self) -> object:
        if isinstance(self.guess, tuple):
            return list(self.guess)
        is_written = isinstance(self.guess, float) and isinstance(self.answer, Number)
        return f"{self.guess:.15g}" if is_written else self.guess

    def _note(self) -> str:
        return "" if self.guess is None else f"Your guess: {self.answer.words(self.guess)}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        still = {"text/plain": repr(self), "text/html": self._html()}
        return {**self._box._repr_mimebundle_(), **still} if self._box else still

    def _html(self) -> str:
        options = self.answer.options if isinstance(self.answer, Choice) else (self.answer.asked,)
        items = "".join(f"<li>{escape(option)}</li>" for option in options)
        return f"<div><b>Predict.</b> {escape(self.question)}<ul>{items}</ul></div>"


def _wanted(options: Sequence[str], answer: Answer | None, unit: str) -> Answer:
    if answer is None:
        choices = tuple(str(option) for option in options)
        if any(not choice.strip() for choice in choices):
            raise refused("options", options, "words in each of them", '["none", "some"]')
        return Choice(choices) if choices else Number(unit)
    if options:
        raise refused("options", options, "none beside an answer of another kind", "[]")
    if unit:
        raise refused("unit", unit, "none beside an answer, which has one of its own", '""')
    return answer
