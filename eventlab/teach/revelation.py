"""What came out, against the guess: right or how far off, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eventlab.teach.answers import Answer, Guess, Point
from eventlab.teach.curve import Curve
from eventlab.teach.drawing import curve_drawing, picture, point_drawing
from eventlab.teach.line import Line, Tone


@dataclass(frozen=True)
class Revelation:
    """Hold a guess, what came out and why; shown as one line, with a picture where one was drawn.

    `guess` is None where there was none. A choice and a number are told in words alone. `view` is
    the bundle of a widget in which a page draws it, in its own colours; the picture is for all
    others.
    """

    guess: Guess | None
    outcome: Any
    answer: Answer
    why: str = ""
    view: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def words(self) -> str:
        """Return the whole of it in words: the guess, how near it was, what came out, and why."""
        return f"{self._word()}: {self._text()}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        bundle = Line(self._tone(), self._word(), self._text()).mimebundle
        drawing = self._drawing()
        if not drawing:
            return bundle
        html = bundle["text/html"] + picture(drawing, self.words)
        return {**self.view, **bundle, "text/html": html}

    def _tone(self) -> Tone:
        is_right = self.guess is not None and self.answer.judge(self.guess, self.outcome).is_right
        return "good" if is_right else "open"

    def _word(self) -> str:
        if self.guess is None:
            return "No guess"
        return f"You guessed {self.answer.words(self.guess)}"

    def _text(self) -> str:
        came = f"It came out as {self.answer.words(self.outcome)}."
        judged = ""
        if self.guess is not None:
            words = self.answer.judge(self.guess, self.outcome).words
            judged = f"{words[:1].upper()}{words[1:]}."
        return " ".join(part for part in (judged, came, self.why.strip()) if part)

    def _drawing(self) -> str:
        match self.answer:
            case Point(first, last):
                guess = self.guess if isinstance(self.guess, float) else None
                return point_drawing(first, last, guess, self.outcome)
            case Curve():
                drawn = self.guess if isinstance(self.guess, tuple) else None
                return curve_drawing(self.answer, drawn, self.outcome)
        return ""
