import json
import pickle
import sys

import nbformat
import pytest

from eventlab.course import kernel
from eventlab.course.chapters import Chapter
from eventlab.errors import ChapterError, SetupError
from eventlab.teach import claims_in
from eventlab.tour import execute, tour

pytestmark = pytest.mark.notebook

CLAIM = """
from eventlab.teach import Claim
one = {holds} != BREAK
Claim("77.one", "One is {word}", needs="one", figures=dict(one=one), broken=BREAK, seed=SEED)
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
    """Claims made before the error are kept, and the error is one line."""
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


def test_a_tour_keeps_the_notebooks_where_it_is_asked_to(tmp_path):
    """Executed, under the chapters' own names."""
    made = chapter(tmp_path, "77", CLAIM.format(word="one", holds=True))
    kept = tmp_path / "kept"
    kept.mkdir()
    (run,) = tour([made], {}, keep=kept)
    assert claims_in(nbformat.read(kept / made.path.name, as_version=4)) == run.claims != []


@pytest.fixture
def foreign_kernel(tmp_path, monkeypatch):
    """Install a kernel python3 for the user and on JUPYTER_PATH that ends at once."""
    written = {
        "argv": [sys.executable, "-c", "raise SystemExit('foreign')", "{connection_file}"],
        "display_name": "Python 3",
        "language": "python",
    }
    folder = tmp_path / "foreign" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(written), encoding="utf-8")
    for name in ("JUPYTER_PATH", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "foreign"))
    return folder


def test_a_foreign_kernel_of_the_same_name_is_passed_over(tmp_path, foreign_kernel):
    """The chapter runs in this Python, which has what chapters need."""
    made = chapter(tmp_path, "77", "import sys", f"assert sys.executable == {sys.executable!r}")
    assert execute(made, tmp_path / "out.ipynb", {}).error == ""


def test_another_kernel_that_the_notebook_names_is_passed_over(tmp_path):
    """A learner who ran a chapter in a kernel of another name has saved that name."""
    made = chapter(tmp_path, "77", "1")
    notebook = nbformat.read(made.path, as_version=4)
    notebook.metadata["kernelspec"]["name"] = "conda-base-py"
    nbformat.write(notebook, made.path)
    assert execute(made, tmp_path / "out.ipynb", {}).error == ""


def test_a_kernel_that_does_not_start_is_one_error(tmp_path, monkeypatch, foreign_kernel):
    """No traceback of Jupyter's, but what to do, from the process that ran the chapter too."""
    monkeypatch.setattr(kernel, "DATA", tmp_path / "foreign")
    with pytest.raises(SetupError, match="did not start") as caught:
        execute(chapter(tmp_path, "77", "1"), tmp_path / "out.ipynb", {})
    error = pickle.loads(pickle.dumps(caught.value))
    assert error.expected == f"that of {sys.executable}"
    assert error.found == "kernel died before replying to kernel_info"
    assert "make setup" in error.remedy


def test_a_kernel_that_ends_is_part_of_the_run(tmp_path):
    """What was claimed before is kept."""
    ends = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)"
    made = chapter(tmp_path, "77", CLAIM.format(word="one", holds=True), ends)
    done = execute(made, tmp_path / "out.ipynb", {})
    assert (len(done.claims), done.error) == (1, "its kernel ended before the chapter did")


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
    (done,) = tour([made], {"BREAK": True})
    assert done.error == ""
    assert (broker.status, broker.pid) == ("running", before)
