import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from eventlab.ledger.evidence import evidence_in
from tests.ledger.made import PIXEL, cell, claim, notebook, shown, still


def test_the_claims_are_found_by_their_names():
    """All that a claim carries is evidence."""
    one = claim()
    assert evidence_in(notebook(one)).claims == {"77.order": one.as_dict()}


def test_the_first_picture_is_that_of_the_run():
    """It is the chapter's main one; what it shows is said in words too."""
    found = evidence_in(new_notebook(cells=[cell(), cell(still("main"), still("more"))])).still
    assert (found.png, found.alt, found.width) == (PIXEL, "main", 640)


def test_a_picture_without_words_or_size_is_taken_too():
    """A chart of someone else's may have neither."""
    output = new_output("display_data", data={"image/png": f"{PIXEL[:20]}\n{PIXEL[20:]}\n"})
    found = evidence_in(new_notebook(cells=[cell(output)])).still
    assert (found.png, found.alt, found.width) == (PIXEL, "", 0)


def test_a_run_without_a_picture_has_none():
    """Nothing is drawn in its place."""
    assert evidence_in(notebook(claim())).still is None


def test_a_run_to_its_end_has_no_error():
    """Words, and a cell with nothing in it, never run."""
    cells = [new_markdown_cell("# Title"), cell(shown(claim())), new_code_cell(" ")]
    assert evidence_in(new_notebook(cells=cells)).error == ""


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ([cell(new_output("error", ename="KeyError", evalue="'at'"))], "KeyError: 'at'"),
        ([cell(), cell(ran=False)], "it was not run to its end"),
    ],
)
def test_a_run_that_stopped_says_so(cells, error):
    """An error in a cell, or cells that nobody ran."""
    assert evidence_in(new_notebook(cells=cells)).error == error


def test_what_a_run_is_known_to_have_ended_with_comes_first():
    """A kernel that ended leaves no error in the notebook."""
    assert evidence_in(new_notebook(cells=[cell(ran=False)]), error="gone").error == "gone"


def test_the_date_is_that_of_the_run():
    """papermill writes it down; without it the file's date has to do."""
    made = notebook(claim())
    assert evidence_in(made, date="2026-02-01").date == "2026-02-01"
    made.metadata["papermill"] = {"end_time": "2026-01-31T10:00:00.123456+00:00"}
    assert evidence_in(made, date="2026-02-01").date == "2026-01-31"
