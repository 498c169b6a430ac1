from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from eventlab.course.chapters import Chapter
from eventlab.teach import check
from eventlab.tour import Run
from tests.course import harness
from tests.course.harness import (
    Answer,
    Chapters,
    Executed,
    compared_cells,
    section_of,
    taken_apart,
    with_answers,
    without_breaking,
)


@pytest.fixture
def chapter():
    """A chapter with two exercises, and a cell that the second one changes something of."""
    cells = [
        new_code_cell("bench = lay_out()"),
        new_code_cell("first = ...", metadata={"tags": ["exercise"]}),
        new_code_cell('lab.check("77.1", first)'),
        new_markdown_cell("## More"),
        new_code_cell("second = ...", metadata={"tags": ["exercise"]}),
        new_code_cell("bench.take(second)"),
        new_code_cell('lab.check("77.2", bench)'),
    ]
    return new_notebook(cells=cells)


def test_an_answer_is_followed_by_the_cells_that_judge_it(chapter):
    """Below the chapter's last cell come the filled blank and its way to the check."""
    answered = with_answers(chapter, [Answer("77.1", "solved", "first = 1", "right")])
    assert [cell.source for cell in answered.cells[7:]] == [
        "first = 1",
        'lab.check("77.1", first)',
    ]
    assert answered.cells[:7] == chapter.cells


def test_what_an_answer_changes_is_made_anew_before_it(chapter):
    """The cell that has the words runs once more, and all between blank and check."""
    answer = Answer("77.2", "solved", "second = 2", "right", again=("lay_out()",))
    answered = with_answers(chapter, [answer])
    assert [cell.source for cell in answered.cells[7:]] == [
        "bench = lay_out()",
        "second = 2",
        "bench.take(second)",
        'lab.check("77.2", bench)',
    ]
    assert len({cell.id for cell in answered.cells}) == len(answered.cells)


def test_the_answers_verdicts_are_no_verdicts_of_the_chapter(chapter):
    """Each answer has its own, although all were judged in one kernel."""
    answers = [Answer("77.1", name, "first = 1", "right") for name in ("one", "two")]
    notebook = with_answers(chapter, answers)
    for cell in notebook.cells[2::2]:
        if "lab.check" in cell.source:
            shown = check("00.1", ...)._repr_mimebundle_()
            cell.outputs = [new_output("display_data", data=shown)]
    done = taken_apart(Run(None), notebook, answers)
    assert len(done.own.cells) == 7
    assert [len(done.judged[answer.label].cells) for answer in answers] == [2, 2]


def test_a_chapter_is_executed_once_normal_and_once_broken(tmp_path, monkeypatch):
    """However many tests ask for either."""
    runs = []
    monkeypatch.setattr(harness, "executed", lambda *given, **options: runs.append(options))
    chapters = Chapters(tmp_path)
    for _ in range(3):
        chapters.normal("77", [])
        chapters.broken("77")
    assert runs == [{"whole": True, "BREAK": False}, {"whole": False, "BREAK": True}]


def test_a_broken_chapter_plays_nothing_broken_beside_itself():
    """The cells that break a stage, or look at what came of it, go; words and claims stay."""
    cells = [
        new_code_cell("stage = lab.stage()"),
        new_markdown_cell("Now `stage.break_it()`."),
        new_code_cell("lab.predict()"),
        new_code_cell("stage.break_it().wait()"),
        new_code_cell("lab.reveal(stage.broken_counts)"),
        new_code_cell("lab.claim(stage.counts)"),
    ]
    kept = without_breaking(new_notebook(cells=cells))
    assert kept.cells == [cells[n] for n in (0, 1, 2, 5)]


def test_the_ledger_takes_a_chapter_s_runs_as_they_are(monkeypatch):
    """Its own cells, without those of the answers, and what each run ended with."""
    monkeypatch.setattr(harness, "chosen", lambda numbers: [Chapter(*numbers, Path("77.ipynb"))])
    done = [Executed(Run(None, error=error), new_notebook(), {}) for error in ("", "gone")]
    section = section_of("77", *done)
    assert (section.chapter.number, section.normal.error, section.broken.error) == (
        "77",
        "",
        "gone",
    )


@pytest.mark.parametrize(("came", "same"), [("2", True), ("3", False)])
def test_nbval_compares_the_cells_that_ask_for_it(tmp_path, request, monkeypatch, came, same):
    """Another output than the one that is kept is noticed; other cells are left alone."""
    kept = new_code_cell("1 + 1", metadata={"tags": ["nbval-check-output"]})
    kept.outputs = [new_output("execute_result", {"text/plain": "2"})]
    free = new_code_cell("id(1)", outputs=[new_output("execute_result", {"text/plain": "7"})])
    nbformat.write(new_notebook(cells=[kept, free]), tmp_path / "kept.ipynb")
    (cell,) = compared_cells(tmp_path / "kept.ipynb", request, monkeypatch)
    outputs = [new_output("execute_result", {"text/plain": came})]
    assert cell.compare_outputs(outputs, cell.cell.outputs) is same


def test_runs_of_one_chapter_stay_on_one_worker(request):
    """Two at once would empty each other's topics; xdist is given the group."""
    for item in request.session.items:
        number = getattr(item.cls, "number", None)
        if number:
            groups = [mark.args for mark in item.iter_markers("xdist_group")]
            assert groups == [(f"chapter {number}",)]
