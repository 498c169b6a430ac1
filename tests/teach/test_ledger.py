import json

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from eventlab.teach import Claim, check, claims_in, verdicts_in


def notebook_showing(*shown_in_cells: list) -> nbformat.NotebookNode:
    """Return an executed notebook with these objects among the outputs of its cells."""
    cells = [new_markdown_cell("# Title")]
    for objects in shown_in_cells:
        outputs = [new_output("stream", text="noise")]
        outputs += [new_output("display_data", data=o._repr_mimebundle_()) for o in objects]
        cells.append(new_code_cell("...", outputs=outputs))
    notebook = new_notebook(cells=cells)
    nbformat.validate(notebook)
    return nbformat.reads(nbformat.writes(notebook), as_version=4)


def made(crossings: int) -> Claim:
    """Return a claim that holds without crossings."""
    return Claim(
        "01.order", "Order holds", needs="crossings == 0", figures={"crossings": crossings}
    )


def test_the_claims_of_a_notebook_come_in_its_order():
    """Each claim is found once, whatever else the notebook shows."""
    first = Claim(
        "01.order", "Order holds", needs="crossings == 0", figures={"crossings": 0}, seed=7
    )
    second = Claim(
        "01.replay", "Replay is the same", needs="same > 0", figures={"same": 0}, broken=True
    )
    found = claims_in(notebook_showing([first, check("01.1", ...)], [], [second]))
    assert found == [first.as_dict(), second.as_dict()]


def test_of_a_claim_made_twice_the_last_counts():
    """A cell that ran again replaces what it said before."""
    claims = [made(crossings) for crossings in (0, 1)]
    [found] = claims_in(notebook_showing(claims))
    assert found["holds"] is False


def test_the_verdicts_of_the_exercises_are_found_apart_from_the_claims():
    """A judged exercise is no claim, and a claim is no exercise."""
    notebook = notebook_showing([made(0), check("01.1", ...)])
    assert [verdict["state"] for verdict in verdicts_in(notebook)] == ["not yet"]
    assert len(claims_in(notebook)) == 1


def test_a_notebook_without_claims_has_an_empty_ledger():
    """Nothing is made up."""
    assert claims_in(notebook_showing([])) == []


@pytest.mark.notebook
def test_a_claim_made_in_a_kernel_reaches_the_ledger(tmp_path):
    """The way of the evidence holds from the cell to the file."""
    cell = "Claim('01.order', 'Order holds', needs='n < 2', figures={'n': 1}, seed=3)"
    cells = [new_code_cell("from eventlab.teach import Claim"), new_code_cell(cell)]
    notebook = new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3").execute()
    path = tmp_path / "executed.ipynb"
    nbformat.write(notebook, path)
    [found] = claims_in(json.loads(path.read_text(encoding="utf-8")))
    assert (found["claim"], found["holds"], found["seed"]) == ("01.order", True, 3)
    assert found["inequality"] == "n < 2"
