"""Run a chapter as the tour does, with other parameters or with its exercises answered."""

from pathlib import Path

import nbformat

from eventlab.chapters import ROOT, Chapter, chosen
from eventlab.teach import verdicts_in
from eventlab.tour import Run, execute

SOLUTIONS = ROOT / "notebooks" / "solutions"


def run(number: str, folder: Path, **parameters) -> Run:
    """Return how a chapter goes at full speed."""
    (chapter,) = chosen((number,))
    return execute(chapter, folder / chapter.path.name, {"SPEED": 0} | parameters)


def verdicts(number: str, folder: Path, answers: dict[int, str]) -> dict[str, str]:
    """Return the state of each exercise once its blank is replaced by an answer's source."""
    (chapter,) = chosen((number,))
    notebook = nbformat.read(chapter.path, as_version=4)
    blanks = [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    for exercise, source in answers.items():
        blanks[exercise - 1].source = source
    answered = folder / f"answered_{chapter.path.name}"
    nbformat.write(notebook, answered)
    done = execute(Chapter(number, answered), folder / "done.ipynb", {"SPEED": 0})
    assert done.error == ""
    executed = nbformat.read(folder / "done.ipynb", as_version=4)
    return {row["exercise"]: row["state"] for row in verdicts_in(executed)}


def solution(number: str, exercise: int) -> str:
    """Return the solution that is kept apart from the chapter."""
    return (SOLUTIONS / f"{number}_{exercise}.py").read_text()
