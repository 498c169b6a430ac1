"""Judge an exercise: not yet, right or wrong, and always with a sentence that helps."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from eventlab.errors import ChapterError
from eventlab.teach.exercises import Check, Wrong, find
from eventlab.teach.line import Line

VERDICT_MIMETYPE = "application/vnd.eventlab.verdict+json"

State = Literal["not yet", "right", "wrong"]
_TONES = {"not yet": "open", "right": "good", "wrong": "bad"}
_WORDS = {"not yet": "Not yet", "right": "Right", "wrong": "Not quite"}


@dataclass(frozen=True)
class Verdict:
    """Hold how an exercise was judged; shown as one line, and carried in the output as JSON."""

    exercise: str
    state: State
    message: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        line = Line(_TONES[self.state], f"{self.exercise} {_WORDS[self.state]}", self.message)
        return {**line.mimebundle, VERDICT_MIMETYPE: asdict(self)}


def check(exercise: str, *answer: object, **given: object) -> Verdict:
    """Judge the answer to an exercise ("01.1") by the chapter's own check; never raise.

    What is not attempted (`...` or None, alone or inside a list or a dict) is "not yet".
    """
    try:
        judge = find(exercise)
    except ChapterError as error:
        return Verdict(str(exercise), "not yet", str(error))
    if any(map(_is_open, (*answer, *given.values()))):
        return Verdict(exercise, "not yet", "Replace the dots with your answer.")
    try:
        return Verdict(exercise, "right", judge(*answer, **given))
    except Wrong as wrong:
        return Verdict(exercise, "wrong", str(wrong))
    except Exception as error:
        return Verdict(exercise, "wrong", _odd_answer(judge, error))


def _is_open(answer: object) -> bool:
    if isinstance(answer, dict):
        return any(map(_is_open, answer.values()))
    if isinstance(answer, list | tuple | set):
        return any(map(_is_open, answer))
    return answer is None or answer is ...


def _odd_answer(judge: Check, error: Exception) -> str:
    return f"Expected {judge.takes}. What came could not be read: {type(error).__name__}, {error}."
