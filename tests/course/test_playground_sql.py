"""The playground of SQL: it runs from the first cell to the last, and what it says is so."""

import json
import shutil

import nbformat
import pytest

from eventlab.course.chapters import NOTEBOOKS, Chapter
from eventlab.tour import execute
from tests.structure.chapter_rules import (
    MOST_LINES,
    code_cells,
    has_one_title_and_no_leap,
    has_the_common_kernel,
    is_a_valid_notebook,
    is_stripped,
)

PATH = NOTEBOOKS / "playground_sql.ipynb"
RULES = [is_a_valid_notebook, has_the_common_kernel, is_stripped, has_one_title_and_no_leap]


@pytest.fixture(scope="module")
def notebook():
    """The playground as it lies there."""
    return nbformat.read(PATH, as_version=4)


def test_it_keeps_the_rules_that_are_not_a_chapter_s_alone(notebook):
    """It has no parts in an order, no claims and no exercises; its cells are as short."""
    assert [fault for rule in RULES for fault in rule(notebook)] == []
    lines = [
        len([line for line in cell.source.splitlines() if line]) for cell in code_cells(notebook)
    ]
    assert max(lines) <= MOST_LINES


@pytest.mark.notebook
@pytest.mark.broker
def test_it_runs_from_the_first_cell_to_the_last(tmp_path):
    """Its own assertions hold; each push query leaves rows that can be seen without a kernel."""
    target = tmp_path / "out.ipynb"
    run = execute(Chapter("sql", PATH), target, {"SPEED": 0, "SEED": 11, "N_EVENTS": 600})
    assert run.error == ""
    cells = code_cells(nbformat.read(target, as_version=4))
    shown = {
        cell.source: [kind for output in cell.outputs for kind in output.get("data", {})]
        for cell in cells
        if "EMIT CHANGES" in cell.source and "EXPLAIN" not in cell.source
    }
    assert len(shown) == 5
    assert [
        one for one, kinds in shown.items() if not {"text/html", "image/png"} & set(kinds)
    ] == []
    plans = [output for cell in cells if "EXPLAIN" in cell.source for output in cell.outputs]
    words = [output.metadata["image/png"]["alt"] for output in plans]
    assert words[0].startswith("CTAS_PER_COUNTRY_2 is running. Rows come from the topic orders")
    assert words[1].startswith("The plan of a statement. Rows come from the topic orders")
    if shutil.which("curl"):
        before, after = [
            [json.loads(line) for line in cell.outputs[0]["text"].splitlines()[1:] if line]
            for cell in cells
            if "{server.url}/query-stream" in cell.source
        ]
        assert sum(orders for _, orders in before) == 600 + 200
        assert sum(orders for _, orders in after) == 600 + 300
    (skipped,) = [cell for cell in cells if "if not FLINK" in cell.source]
    assert "Skipped, since FLINK is False" in skipped.outputs[0]["text"]
    assert "159 MB to download" in skipped.outputs[0]["text"]
