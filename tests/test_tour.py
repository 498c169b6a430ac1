import nbformat
import pytest

from eventlab.chapters import Chapter
from eventlab.errors import ChapterError
from eventlab.tour import execute, tour

CLAIM = """
from eventlab.teach import Claim
Claim("77.one", "One is {word}", holds={holds} != BREAK, broken=BREAK, seed=SEED)
"""


def chapter(folder, number="77", *cells):
    """Return a chapter with a parameters cell and these cells of code."""
    parameters = nbformat.v4.new_code_cell("SEED = 1\nSPEED = 1\nBREAK = False")
    parameters.metadata["tags"] = ["parameters"]
    notebook = nbformat.v4.new_notebook(cells=[parameters, *map(nbformat.v4.new_code_cell, cells)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    path = folder / f"{number}_made.ipynb"
    nbformat.write(notebook, path)
    return Chapter(number, path)


def test_a_run_returns_the_claims_with_the_parameters_they_had(tmp_path):
    """What the notebook claimed is what the tour tells, seed and verdict included."""
    made = chapter(tmp_path, "77", CLAIM.format(word="one", holds=True))
    (claim,) = execute(made, tmp_path / "out.ipynb", {"SEED": 5}).claims
    assert (claim["claim"], claim["holds"], claim["seed"]) == ("77.one", True, 5)


def test_an_error_in_a_cell_is_part_of_the_run(tmp_path):
    """Claims made before the error are kept, and the error is told in one line."""
    made = chapter(tmp_path, "77", CLAIM.format(word="one", holds=True), "1 / 0")
    done = execute(made, tmp_path / "out.ipynb", {})
    assert len(done.claims) == 1
    assert "ZeroDivisionError: division by zero" in done.error


def test_an_unknown_parameter_is_refused(tmp_path):
    """papermill only warns, and the chapter would run with its own value."""
    made = chapter(tmp_path)
    with pytest.raises(ChapterError, match="no parameter SPED: expected one of SEED, SPEED, BREAK"):
        execute(made, tmp_path / "out.ipynb", {"SPED": 0})


def test_a_tour_runs_every_chapter_and_tells_which_claims_flipped(tmp_path):
    """A claim that does not hold is flipped, whichever of the two at a time ends first."""
    chapters = [
        chapter(tmp_path, number, CLAIM.format(word=number, holds=holds))
        for number, holds in (("76", True), ("77", False))
    ]
    runs = {run.chapter.number: run for run in tour(chapters, {"BREAK": False})}
    assert not runs["76"].flipped
    assert [claim["sentence"] for claim in runs["77"].flipped] == ["One is 77"]


@pytest.mark.broker
def test_a_broken_run_has_a_broker_of_its_own(tmp_path, broker):
    """What a broken chapter does to its broker does not reach anybody else's."""
    made = chapter(
        tmp_path,
        "77",
        "from eventlab.broker import join\nseat = join()\nseat.kill()",
        "assert seat.status == 'stopped'",
    )
    before = broker.pid
    done = execute(made, tmp_path / "out.ipynb", {"BREAK": True})
    assert done.error == ""
    assert (broker.status, broker.pid) == ("running", before)
