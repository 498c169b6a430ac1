"""Outputs that are kept in the chapters are what every run gives, compared by nbval."""

import subprocess
import sys

import nbformat
import pytest

from eventlab.chapters import chapters

pytestmark = pytest.mark.broker


def at_full_speed(chapter, folder):
    """Write a copy of a chapter that plays as fast as it can, and return its path.

    nbval compares the outputs of a cell that was run, and a stripped notebook keeps no counts.
    """
    notebook = nbformat.read(chapter.path, as_version=4)
    (parameters,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    parameters.source += "\nSPEED = 0"
    for cell in notebook.cells:
        if cell.get("outputs"):
            cell.execution_count = 1
    path = folder / chapter.path.name
    nbformat.write(notebook, path)
    return path


def checked_by_nbval(path):
    """Return nbval's verdict on a notebook: its run."""
    command = [sys.executable, "-m", "pytest", "--nbval-lax", str(path), "-q", "-p", "no:xdist"]
    return subprocess.run(
        [*command, "-p", "no:cacheprovider", "--rootdir", str(path.parent), "-c", "/dev/null"],
        capture_output=True,
        text=True,
        timeout=170,
    )


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)
def test_a_run_gives_what_the_chapter_shows(chapter, tmp_path):
    """No cell fails, and each output that is kept comes out again."""
    done = checked_by_nbval(at_full_speed(chapter, tmp_path))
    assert done.returncode == 0, done.stdout[-3000:]


def test_another_output_is_noticed(tmp_path):
    """nbval does compare the cells that ask for it."""
    cell = nbformat.v4.new_code_cell("1 + 1", metadata={"tags": ["nbval-check-output"]})
    cell.execution_count = 1
    cell.outputs = [nbformat.v4.new_output("execute_result", {"text/plain": "3"})]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbformat.write(notebook, tmp_path / "wrong.ipynb")
    assert checked_by_nbval(tmp_path / "wrong.ipynb").returncode == 1


def test_runs_of_one_chapter_stay_on_one_worker(request):
    """Two at once would empty each other's topics; xdist shows the group that it keeps."""
    under_xdist = hasattr(request.config, "workerinput")
    assert not under_xdist or request.node.nodeid.endswith("@chapter none")
