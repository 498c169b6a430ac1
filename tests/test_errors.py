"""The tree of errors, and how each speaks."""

import pickle
import re

import pandas
import pytest
from IPython.core.interactiveshell import InteractiveShell

from eventlab import errors
from eventlab.errors import DeliveryError, EventlabError, SqlError, TopicError, UsageError, shown


def _kinds(kind: type = EventlabError) -> list[type]:
    return [kind, *(deeper for child in kind.__subclasses__() for deeper in _kinds(child))]


def _drawn() -> dict[str, str | None]:
    """Return each class in the drawing with the class that it hangs from."""
    parents, path = {}, []
    for line in errors.__doc__.splitlines():
        if match := re.match(r"^([│├└─ ]*)([A-Z]\w+Error)\b", line):
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            parents[match[2]] = path[depth - 1] if depth else None
    return parents


def test_the_drawing_is_the_tree():
    """What is drawn at the top of the module is what the classes are."""
    ours = [kind for kind in _kinds() if kind.__module__ == errors.__name__]
    real = {kind.__name__: kind.__bases__[0].__name__ for kind in ours}
    assert _drawn() == real | {"EventlabError": None}


def test_nobody_adds_a_class_elsewhere():
    """Every error that can be met is in the drawing."""
    assert {kind.__module__ for kind in _kinds()} == {errors.__name__}


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({}, "It broke"),
        ({"expected": "a"}, "It broke: expected a"),
        ({"found": "b"}, "It broke: found b"),
        ({"remedy": "Mend it."}, "It broke. Mend it."),
        (
            {"expected": "a", "found": "b", "remedy": "Mend it."},
            "It broke: expected a, found b. Mend it.",
        ),
    ],
)
def test_it_speaks_in_one_breath(parts, said):
    """What happened, what was expected, what was found, what to do."""
    assert str(EventlabError("It broke", **parts)) == said


@pytest.mark.parametrize("kind", _kinds())
def test_it_survives_the_way_to_another_process(kind):
    """Kind, words and parts are the same after pickling."""
    error = kind("It broke", expected="a", found="b", remedy="Mend it.")
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


def test_a_report_travels_along():
    """A DeliveryError keeps which messages were not acknowledged."""
    error = pickle.loads(pickle.dumps(DeliveryError("Lost", report=[1, 2])))
    assert error.report == [1, 2]


def test_a_wrong_argument_is_a_value_error_too():
    """Whoever catches ValueError catches it."""
    assert issubclass(UsageError, ValueError)


def test_a_notebook_shows_one_line(capsys):
    """IPython prints the sentence and no traceback."""
    shell = InteractiveShell()
    shell.user_ns["error"] = TopicError("No topic", remedy="Make it.")
    shell.run_cell("raise error")
    printed = capsys.readouterr()
    assert (printed.out + printed.err).strip() == "TopicError: No topic. Make it."


def test_a_statement_that_is_wrong_is_shown_with_a_caret():
    """Below it what was expected, found, and to do; without a text, or a place in it, the rest."""
    error = SqlError("No column", expected="a", found="b", remedy="Take a.", position=(2, 8))
    assert error._render_traceback_() == [
        "SqlError: No column",
        "  expected: a",
        "  found:    b",
        "  to do:    Take a.",
    ]
    error.text = "-- what\nSELECT b FROM c;"
    assert error._render_traceback_()[1:3] == ["  2 | SELECT b FROM c;", "             ^"]
    error.position = (3, 1)
    assert len(error._render_traceback_()) == 4


class Unshowable:
    """Something whose representation cannot be had."""

    def __repr__(self):
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        ("a\nb", r"'a\nb'"),
        ("x" * 100, "'" + "x" * 59),
        (pandas.Series([1, 2], name="a"), "0 1 1 2 Name: a, dtype: int64"),
        (Unshowable(), "something of the class Unshowable that cannot be shown"),
    ],
)
def test_a_value_is_shown_in_one_line(found, text):
    """Whatever its class does: an error that cannot be said hides what was wrong."""
    assert shown(found) == text
