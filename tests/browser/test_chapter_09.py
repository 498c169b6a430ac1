"""Chapter 09 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import claims, counted, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "09_data_movement.ipynb"
DIRECT = "connections point to point"
BY_LOG = "connections through the log"
OLD = "third copy: hours old"


@pytest.mark.long
@pytest.mark.timeout(500)
def test_connections_fill_the_square_and_a_copy_by_a_file_is_old(lab_page):
    """With two systems there is no gain; and what comes through the log is old in no hour."""
    lab_page.open(CHAPTER)
    first = index_of(lab_page, "stage = lab.stage(")
    lab_page.run_cells(0, first, wait_seconds=120)
    until(lambda: counted(lab_page, DIRECT) >= 6, seconds=60, what="connections")
    lab_page.screenshot("chapter_09_filling")
    two = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(first + 1, two, wait_seconds=240)
    lab_page.screenshot("chapter_09_two")
    assert counted(lab_page, DIRECT) > 2 * counted(lab_page, BY_LOG)
    assert counted(lab_page, DIRECT, run=1) < counted(lab_page, BY_LOG, run=1)
    copies = index_of(lab_page, "copies = lab.stage(")
    lab_page.run_cells(two + 1, copies, wait_seconds=240)
    lab_page.screenshot("chapter_09_copies")
    file = index_of(lab_page, "copies.break_it()")
    lab_page.run_cells(copies + 1, file, wait_seconds=240)
    lab_page.screenshot("chapter_09_file")
    assert counted(lab_page, OLD) == 0
    assert counted(lab_page, OLD, run=1) > 10
    assert claims(lab_page) == {"09.connections": True, "09.ages": True}
    assert lab_page.error_outputs() == []
