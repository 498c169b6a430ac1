"""Judge an exercise: not yet, right or wrong, and always with a sentence that helps."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from eventlab.errors import ChapterError, shown
from eventlab.teach.exercises import Check, Wrong, find
from eventlab.teach.line import Line, Tone

VERDICT_MIMETYPE = "application/vnd.eventlab.verdict+json"

# Letters: what an answer that is a table brings into a message can be pages long.
_MOST_OF_AN_ERROR = 200
_MOST_OF_A_HINT = 500

State = Literal["not yet", "right", "wrong"]
_TONES: dict[State, Tone] = {"not yet": "open", "right": "good", "wrong": "bad"}
_WORDS: dict[State, str] = {"not yet": "Not yet", "right": "Right", "wrong": "Not quite"}


@dataclass(frozen=True)
class Verdict:
    """Hold how an exercise was judged; shown as one line, and carried in the output as JSON."""

    exercise: str
    state: State
    message: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        line = Line(_TONES[self.state], f"{self.exercise} {_WORDS[self.state]}", self.message)
        return {**line.mimebundle, VERDICT_MIMETYPE: asdict(self)}


def check(exercise: object, *answer: object, **given: object) -> Verdict:
    """Judge the answer to an exercise ("01.1") by the chapter's own check; never raise.

    What is not attempted (`...` or None, alone or inside a list or a dict) is "not yet".
    """
    try:
        judge = find(exercise)
    except ChapterError as error:
        return Verdict(shown(exercise), "not yet", str(error))
    number = str(exercise)
    try:
        if any(_is_open(part) for part in (*answer, *given.values())):
            return Verdict(number, "not yet", "Replace the dots with your answer.")
        misfit = judge.misfit(number, answer, given)
        if misfit:
            return Verdict(number, "wrong", _in_a_line(misfit, _MOST_OF_A_HINT))
        return Verdict(number, "right", judge(*answer, **given))
    except Wrong as wrong:
        return Verdict(number, "wrong", _in_a_line(str(wrong), _MOST_OF_A_HINT))
    except KeyboardInterrupt:  # the learner's own wish to stop
        raise
    except BaseException as error:  # a learner may answer anything, and is never shown a traceback
        return Verdict(number, "wrong", _odd_answer(judge, error))


def _is_open(answer: object) -> bool:
    if isinstance(answer, dict):
        return any(_is_open(part) for part in answer.values())
    if isinstance(answer, list | tuple | set):
        return any(_is_open(part) for part in answer)
    return answer is None or answer is ...


def _odd_answer(judge: Check, error: BaseException) -> str:
    return f"Expected {judge.takes}. What came could not be read: {_said(error)}."


def _said(error: BaseException) -> str:
    kind = type(error).__name__
    try:
        words = _in_a_line(str(error), _MOST_OF_AN_ERROR).rstrip(".")
    except Exception:  # what cannot even be said is no answer either
        return kind
    return f"{kind}, {words}" if words else kind


def _in_a_line(words: str, most: int) -> str:
    line = " ".join(words.split())
    return line if len(line) <= most else f"{line[:most].rstrip()} …"
