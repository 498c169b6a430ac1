from importlib import import_module

import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from eventlab.errors import UsageError
from eventlab.teach import Axis, Curve, Number, Point, predict, progress, reveal

WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def about(request):
    """A name of this test's own, because guesses live as long as the process."""
    return f"00.{request.node.name}"


def answering(about, question="How many?", *args, **options):
    """Ask, and return the prediction with the widget that answers it."""
    controls = []
    prediction = predict(about, question, *args, prepare=controls.append, **options)
    [control] = controls
    return prediction, control


def line(about, outcome) -> str:
    return reveal(about, outcome)._repr_mimebundle_()["text/plain"]


def test_a_choice_is_remembered_and_shown_against_what_came_out(about):
    """The learner chooses, the run answers, and both stand side by side."""
    prediction, control = answering(about, "Which?", ["none", "some"])
    assert (control.kind, control.settings) == ("choice", {"options": ["none", "some"]})
    control.value = "some"
    assert prediction.guess == "some"
    assert line(about, "none") == "○ You guessed “some”: Not so. It came out as “none”."
    assert line(about, "some") == "✔ You guessed “some”: Right. It came out as “some”."


def test_a_number_is_remembered_with_its_unit(about):
    """A free guess is a number, and the unit is part of the question."""
    prediction, control = answering(about, unit="orders")
    control.value = "1,200"
    assert prediction.guess == 1200
    assert line(about, 44) == (
        "○ You guessed 1,200 orders: Too high by a factor of 27.3. It came out as 44 orders."
    )


@pytest.mark.parametrize(
    ("written", "guess"),
    [("0", 0), ("12.5", 12.5), (" 1 200 ", 1200), ("-3", -3), ("1e6", 1e6), ("1,234,567", 1234567)],
)
def test_a_number_is_read_as_people_write_it(about, written, guess):
    """Thousands apart or not; zero is a guess like any other."""
    prediction, control = answering(about)
    control.value = written
    assert prediction.guess == guess
    assert "Your guess: " in control.note
    assert "You guessed " in line(about, 5.5)


@pytest.mark.parametrize("written", ["many", "", "1,5", "nan", "12 orders"])
def test_what_is_no_number_says_so_and_keeps_the_guess_before(about, written):
    """A slip of the keyboard is answered beside the box, and forgets nothing."""
    prediction, control = answering(about)
    control.value = "7"
    control.value = written
    assert prediction.guess == 7
    assert "This is no number" in control.note


def test_without_a_guess_the_run_goes_on_and_says_so(about):
    """Run-all never waits for an answer."""
    answering(about, unit="orders")
    assert line(about, 44) == "○ No guess: It came out as 44 orders."


def test_asking_again_remembers_the_guess_and_closes_the_widgets_before(about):
    """A cell can be run again without harm, and leaves nothing behind."""
    before, control = answering(about, "Which?", ["none", "some"])
    control.value = "some"
    again, fresh = answering(about, "Which?", ["none", "some"])
    assert (again.guess, fresh.value) == ("some", "some")
    assert control.comm is None
    assert before._box is None


def test_asking_something_else_forgets_the_guess(about):
    """A guess for other options is none for these."""
    _, control = answering(about, "Which?", ["none", "some"])
    control.value = "some"
    again, _ = answering(about, "Which?", ["few", "many"])
    assert again.guess is None


@pytest.fixture
def restart(monkeypatch, tmp_path):
    """What forgets all that a kernel knows, and leaves what is on disk."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    kernel = import_module("eventlab.teach.predict")  # its room has a function of that name
    monkeypatch.setattr(kernel, "_predictions", {})
    return lambda: monkeypatch.setattr(kernel, "_predictions", {})


@pytest.mark.parametrize(
    ("options", "written", "quoted"), [(["none", "some"], "some", "“some”"), ([], "1,200", "1,200")]
)
def test_a_guess_outlives_its_kernel(about, restart, options, written, quoted):
    """The reveal quotes it, whether the question's cell has run again or not."""
    _, control = answering(about, "Which?", options)
    control.value = written
    restart()
    assert f"You guessed {quoted}" in line(about, options[0] if options else 5)
    again, fresh = answering(about, "Which?", options)
    assert fresh.value == ("some" if options else "1200")
    assert f"You guessed {quoted}" in line(about, options[0] if options else 5)
    assert again.guess == (written if options else 1200)


@pytest.mark.parametrize(
    ("answer", "given", "outcome"),
    [
        (Point(0, 60, "s"), 12, 40),
        (Number("ms", 0, 99), "7", 9),
        (Curve(Axis("a", 0, 1), Axis("b", 0, 1, "s"), points=2), [0, 1], [1, 1]),
    ],
)
def test_a_guess_of_each_kind_outlives_its_kernel(about, restart, answer, given, outcome):
    """Without its question asked again, and with it."""
    before, control = answering(about, answer=answer)
    control.value = given
    restart()
    assert reveal(about, outcome).guess == before.guess
    assert answering(about, answer=answer)[0].guess == before.guess


def test_another_question_of_that_name_has_no_guess_after_a_restart(about, restart):
    """A chapter that has changed since asks afresh."""
    _, control = answering(about, "Which?", ["none", "some"])
    control.value = "some"
    restart()
    again, _ = answering(about, "Which?", ["few", "many"])
    assert again.guess is None


def test_a_question_without_a_guess_is_asked_again_after_a_restart(about, restart):
    """There is nothing to quote, and the error says which cell to run."""
    answering(about, "Which?", ["none", "some"])
    restart()
    with pytest.raises(UsageError, match="Run the cell that asks"):
        reveal(about, "some")


def test_a_reset_forgets_the_guess(about, restart):
    """The next class begins with open questions."""
    _, control = answering(about, "Which?", ["none", "some"])
    control.value = "some"
    progress.forget_everything()
    restart()
    again, _ = answering(about, "Which?", ["none", "some"])
    assert again.guess is None


@pytest.mark.parametrize(
    "facts",
    [None, 3, [], {}, {"question": "Which?", "options": ["none"], "unit": "", "guess": "some"}],
)
def test_what_is_kept_and_is_no_guess_is_none(about, restart, facts):
    """Another version may have written it."""
    progress.remember("prediction", about, facts)
    again, _ = answering(about, "Which?", ["none", "some"])
    assert again.guess is None


def test_an_outcome_that_was_no_option_is_noticed(about):
    """Options and outcome of a chapter cannot drift apart unseen."""
    answering(about, "Which?", ["none", "some"])
    with pytest.raises(UsageError, match="expected 'none' or 'some', found 'all'"):
        reveal(about, "all")


def test_what_was_never_asked_cannot_be_revealed():
    """The error says to run the question's cell first."""
    with pytest.raises(UsageError, match="Run the cell that asks"):
        reveal("00.never", 1)


def test_the_output_has_the_widget_and_the_same_question_as_text(about):
    """Where no widget can be shown, the question still stands there, and is no markup."""
    prediction, _ = answering(about, "Is 1 < 2?", ["yes", "no"])
    bundle = prediction._repr_mimebundle_()
    assert WIDGET in bundle
    assert bundle["text/plain"] == "Predict. Is 1 < 2? (yes / no)"
    assert "Is 1 &lt; 2?" in bundle["text/html"]


def test_a_still_has_no_widget(about):
    """A run without a front end leaves no widget that nobody can bring back to life."""
    bundle = predict(about, "How many?", unit="orders", still=True)._repr_mimebundle_()
    assert bundle["text/plain"] == "Predict. How many? (a number of orders)"
    assert WIDGET not in bundle


def test_a_point_is_guessed_and_what_came_out_is_laid_over_it(about):
    """The page gets both, and the sentence that judges; the cell has a picture with words."""
    prediction, control = answering(about, answer=Point(0, 60, "seconds"))
    control.value = 12
    assert (prediction.guess, control.note) == (12, "Your guess: 12 seconds")
    bundle = reveal(about, 40, why="The broker was away for 38 of them.")._repr_mimebundle_()
    said = (
        "You guessed 12 seconds: 28 seconds away. It came out as 40 seconds."
        " The broker was away for 38 of them."
    )
    assert bundle["text/plain"] == f"○ {said}"
    assert f'alt="{said}"' in bundle["text/html"]
    assert (control.outcome, control.verdict) == (40, said)
    assert WIDGET in bundle


def test_a_curve_is_drawn_and_the_runs_is_laid_over_it(about):
    """The same for a whole curve, which the run may know at other places."""
    curve = Curve(Axis("readers", 1, 5), Axis("rate", 0, 100), points=3)
    prediction, control = answering(about, answer=curve)
    control.value = [20, 20, 20]
    assert prediction.guess == (20, 20, 20)
    bundle = reveal(about, {1: 20, 5: 100})._repr_mimebundle_()
    assert "Furthest off at readers 5: you drew 20, the run gave 100." in bundle["text/plain"]
    assert "data:image/png;base64," in bundle["text/html"]
    assert control.outcome == {"x": (1, 5), "y": (20, 100)}


@pytest.mark.parametrize(
    ("answer", "odd", "words"),
    [
        (Number("orders", 0, 100), "101", "from 0 to 100, found 101 orders"),
        (Number(at_least=1), "0", "1 or more, found 0"),
        (Number(), "1e999", "This is no number"),
        (Point(0, 60), 61, "from 0 to 60, found 61"),
        (Point(0, 60), float("nan"), "This is no number"),
        (Curve(Axis("a", 0, 1), Axis("b", 0, 1)), [0, 1], "9 numbers"),
        (Curve(Axis("a", 0, 1), Axis("b", 0, 1), points=2), [0, 2], "from 0 to 1, found 2"),
        (Curve(Axis("a", 0, 1), Axis("b", 0, 1), points=2), "up", "This is no curve"),
    ],
)
def test_a_guess_that_cannot_be_is_answered_and_forgets_nothing(about, answer, odd, words):
    """One message beside the control; the run goes on, with no guess or the one before."""
    prediction, control = answering(about, answer=answer)
    control.value = odd
    assert words in control.note
    assert prediction.guess is None


def test_another_kind_of_answer_leaves_no_room_for_options_or_a_unit(about):
    """Which of the two should count?"""
    for more in ({"options": ["a"]}, {"unit": "orders"}):
        with pytest.raises(UsageError, match="none beside an answer"):
            predict(about, "How many?", answer=Number("orders"), **more)


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_a_name_or_an_option_without_words_is_refused(about, nothing):
    """Nobody could choose it, or reveal what came out."""
    with pytest.raises(UsageError, match=r'argument about .* about="01\.order"'):
        predict(nothing, "How many?")
    for options in ([nothing], ["some", nothing]):
        with pytest.raises(UsageError, match=r"argument options .* words in each of them"):
            predict(about, "How many?", options)


def test_a_guess_of_each_kind_is_shown_again_when_its_cell_runs_again(about):
    """As it was drawn, written or chosen."""
    curve = Curve(Axis("a", 0, 1), Axis("b", 0, 1), points=2)
    for answer, guess in [(Number("ms"), "7"), (Point(0, 9), 7), (curve, [0, 1])]:
        _, control = answering(about, answer=answer)
        control.value = guess
        _, again = answering(about, answer=answer)
        assert again.value == guess


@pytest.mark.notebook
def test_a_notebook_runs_through_without_a_front_end():
    """Under papermill's engine the question is asked, not answered, and nothing waits or fails."""
    cells = [
        "from eventlab.teach import predict, reveal",
        "predict('00.rate', 'How many?', ['few', 'many'])",
        "reveal('00.rate', 'few', why='3 of 9.')",
    ]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3").execute()
    _, [question], [answer] = (cell.outputs for cell in notebook.cells)
    assert question.data["text/plain"] == "Predict. How many? (few / many)"
    assert answer.data["text/plain"] == "○ No guess: It came out as “few”. 3 of 9."


SLIPS = [
    ("Claim('00.a', 'Less.', needs='lots == 0', figures={'lost': 0})", "expected one of lost"),
    (
        "Claim('00.a', 'Less.', needs='lost == 0', figures={'lost': float('nan')})",
        "found float nan",
    ),
    ("predict('00.b', 'How many?', answer=Number(at_least=2, at_most=1))", "a number above 2"),
    ("reveal('00.c', 4)", "Run the cell that asks for the guess first."),
    ("reveal('00.rate', 'lots')", "expected 'few' or 'many', found 'lots'"),
    ("reveal('00.rate', DataFrame())", "This is none of the options"),
]


@pytest.mark.notebook
def test_after_a_slip_with_one_clear_message_the_notebook_goes_on():
    """The message is one line without a traceback, and the cell after it works as ever."""
    first = "from pandas import DataFrame\nfrom eventlab.teach import *\n"
    asked = "predict('00.rate', 'How many?', ['few', 'many'])"
    cells = [first + asked, *(slip for slip, _ in SLIPS), "reveal('00.rate', 'few')"]
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", allow_errors=True).execute()
    for cell, (_, words) in zip(notebook.cells[1:-1], SLIPS, strict=True):
        [output] = cell.outputs
        [line] = output.traceback
        assert line.startswith("UsageError: ")
        assert words in line
        assert "\n" not in line
    [answer] = notebook.cells[-1].outputs
    assert answer.data["text/plain"] == "○ No guess: It came out as “few”."
