import inspect
import json
import re
from importlib import import_module
from pathlib import Path

import numpy
import pandas
import pytest

from eventlab.course import ch00
from eventlab.teach import check
from eventlab.teach.check import VERDICT_MIMETYPE
from eventlab.teach.exercises import Wrong, find, takes


@pytest.fixture
def exercise(monkeypatch):
    """An exercise 00.9 that wants the number 4."""

    @takes("a whole number")
    def check_9(answer, *, more=0):
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


class Unsayable(Exception):
    def __str__(self):
        raise RuntimeError("it cannot be said")


@pytest.mark.parametrize(
    "error",
    [ValueError("no"), Unsayable(), SystemExit(1), StopIteration(), ValueError("x\n" * 900)],
)
def test_what_the_learners_own_code_raises_is_one_line(monkeypatch, error):
    """A fold, a predicate: the check calls it, and whatever comes of it the notebook goes on."""

    @takes("a function")
    def check_9(function):
        function()

    def fails():
        raise error

    monkeypatch.setattr(ch00, "check_9", check_9, raising=False)
    verdict = check("00.9", fails)
    assert verdict.state == "wrong"
    unread = f"Expected a function. What came could not be read: {type(error).__name__}"
    assert verdict.message.startswith(unread)
    assert "\n" not in verdict.message
    assert len(verdict.message) < 300


def test_a_stopped_check_stops(monkeypatch):
    """Who interrupts the kernel means it."""

    @takes("a function")
    def check_9(function):
        raise KeyboardInterrupt

    monkeypatch.setattr(ch00, "check_9", check_9, raising=False)
    with pytest.raises(KeyboardInterrupt):
        check("00.9", print)


def exercises():
    """Return the number of every exercise that there is."""
    for path in sorted(Path(ch00.__file__).parent.glob("ch[0-9][0-9].py")):
        module = import_module(f"eventlab.course.{path.stem}")
        for name in vars(module):
            if re.fullmatch(r"check_[0-9]+", name):
                yield f"{path.stem[2:]}.{name[6:]}"


ODD = {
    "None": None,
    "a DataFrame": pandas.DataFrame({"a": [1]}),
    "a text": "four",
    "a number": 4,
    "rows": [{"a": 1}],
    "NaN": float("nan"),
    "an exception": ValueError("no"),
    "NA": pandas.NA,
    "an array": numpy.zeros(3),
    "a function": lambda: 1 / 0,
}


@pytest.mark.parametrize("number", list(exercises()))
@pytest.mark.parametrize("odd", ODD)
def test_every_exercise_answers_whatever_comes(number, odd):
    """In every place where something can be given, with one message in one line."""
    function = find(number).judge
    given = dict.fromkeys(inspect.signature(function).parameters, ODD[odd])
    first = next(iter(given))
    verdict = check(number, given.pop(first), **given)
    assert verdict.state == ("not yet" if odd == "None" else "wrong")
    assert verdict.message
    assert "\n" not in verdict.message
    assert "could not be read" not in verdict.message, "a learner is shown Python's own words"
    assert "✘" in verdict._repr_mimebundle_()["text/plain"] or odd == "None"


def test_arguments_that_do_not_fit_never_raise(exercise):
    """A forgotten or an extra argument is answered too."""
    expected = 'Expected a whole number: lab.check("00.9", answer, more=...). Found that '
    for verdict, found in [
        (check(exercise), "answer is missing."),
        (check(exercise, 4, surprise=1), "there is no surprise."),
        (check(exercise, 4, 2, 1), "there are 3 answers in place of 1."),
    ]:
        assert (verdict.state, verdict.message) == ("wrong", expected + found)


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
