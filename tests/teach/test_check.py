import json

import numpy
import pandas
import pytest

from eventlab.course import ch00
from eventlab.teach import check
from eventlab.teach.check import VERDICT_MIMETYPE
from eventlab.teach.exercises import Wrong, takes


@pytest.fixture
def exercise(monkeypatch):
    """An exercise 00.9 that wants the number 4."""

    @takes("a whole number")
    def check_9(answer, more=0):
        if answer / 1 != 4:
            raise Wrong("Count again.")
        return "Four it is."

    monkeypatch.setattr(ch00, "check_9", check_9, raising=False)
    return "00.9"


def test_a_right_answer_says_why(exercise):
    """The check's own reason is shown."""
    verdict = check(exercise, 4)
    assert (verdict.state, verdict.message) == ("right", "Four it is.")


def test_a_wrong_answer_is_helped_on(exercise):
    """The check's own hint is shown."""
    verdict = check(exercise, 5)
    assert (verdict.state, verdict.message) == ("wrong", "Count again.")


@pytest.mark.parametrize("blank", [..., None, [1, ...], {"a": ...}, {"a": [(...,)]}])
def test_what_was_not_attempted_is_not_wrong(exercise, blank):
    """Dots anywhere in the answer mean that it is still being worked on."""
    assert check(exercise, blank).state == "not yet"
    assert check(exercise, 4, more=blank).state == "not yet"


@pytest.mark.parametrize("odd", ["four", object(), [4], {}, pandas.DataFrame(), numpy.zeros(3)])
def test_an_odd_answer_never_raises_and_says_what_is_expected(exercise, odd):
    """Whatever a learner tries, the answer is a sentence."""
    verdict = check(exercise, odd)
    assert verdict.state == "wrong"
    assert verdict.message.startswith("Expected a whole number.")


def test_arguments_that_do_not_fit_never_raise(exercise):
    """A forgotten or an extra argument is answered too."""
    assert check(exercise).state == "wrong"
    assert check(exercise, 4, surprise=1).state == "wrong"


@pytest.mark.parametrize("number", ["00.99", "77.1", "0.1", "nonsense", "", 1.2, None])
def test_an_exercise_that_is_not_there_never_raises(number):
    """A slip in the number is named, and judged as nothing."""
    verdict = check(number, 4)
    assert verdict.state == "not yet"
    assert "There is no such exercise" in verdict.message


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (..., "○ 00.9 Not yet: Replace the dots with your answer."),
        (4, "✔ 00.9 Right: Four it is."),
        (5, "✘ 00.9 Not quite: Count again."),
    ],
)
def test_a_verdict_is_one_line_and_machine_readable(exercise, answer, text):
    """People read the line, tests read the JSON."""
    verdict = check(exercise, answer)
    bundle = verdict._repr_mimebundle_()
    assert bundle["text/plain"] == text
    assert json.loads(json.dumps(bundle[VERDICT_MIMETYPE])) == {
        "exercise": "00.9",
        "state": verdict.state,
        "message": verdict.message,
    }
