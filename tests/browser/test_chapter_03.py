"""Chapter 03 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import claims, counted, index_of, press_on_stage
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "03_asynchronicity.ipynb"
PANEL = ".eventlab-stage-panel"


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_warehouse_that_is_down_refuses_in_the_chain_and_waits_beside_the_log(lab_page):
    """By the learner's hand; and then the yes that came too early loses orders."""
    lab_page.open(CHAPTER)
    lab_page.run_cells(0, index_of(lab_page, "stage = lab.stage("), wait_seconds=120)
    until(lambda: counted(lab_page, "beside the log: done") >= 3, what="orders that are done")
    press_on_stage(lab_page, "Warehouse down")
    until(lambda: counted(lab_page, "the chain: refused") >= 2, what="orders that are refused")
    until(lambda: counted(lab_page, "beside the log: wait") >= 2, what="orders that wait")
    lab_page.screenshot("chapter_03_down")
    assert counted(lab_page, "beside the log: refused") == 0
    press_on_stage(lab_page, "Warehouse up")
    until(lambda: counted(lab_page, "beside the log: wait") <= 1, seconds=60, what="a drained log")
    waits = index_of(lab_page, "stage.wait()")
    breaks = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(waits, breaks, wait_seconds=240)
    lab_page.screenshot("chapter_03_broken")
    assert claims(lab_page) == {"03.completes": True}
    assert counted(lab_page, "beside the log: lost") == 0
    assert counted(lab_page, "beside the log: lost", run=1) > 0
    assert lab_page.error_outputs() == []
