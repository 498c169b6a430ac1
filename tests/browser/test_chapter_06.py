"""Chapter 06 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import claims, counted, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "06_data_outside.ipynb"
AS_OF = "label:has(span:text-is('as of')) input"


@pytest.mark.long
@pytest.mark.timeout(400)
def test_lamps_burn_behind_the_wall_and_go_out_one_by_one_without_it(lab_page):
    """The table changes three times in both; while nothing changes the rows are as good."""
    lab_page.open(CHAPTER)
    stage = index_of(lab_page, "stage = lab.stage(")
    lab_page.run_cells(0, stage, wait_seconds=120)
    until(lambda: counted(lab_page, "changes of the table") >= 2, seconds=90, what="two changes")
    assert counted(lab_page, "lamps out") == 0
    lab_page.screenshot("chapter_06_wall")
    before = lab_page.page.locator(AS_OF).first.get_attribute("aria-valuetext")
    lab_page.move_slider("as of", -3)
    assert lab_page.page.locator(AS_OF).first.get_attribute("aria-valuetext") != before
    breaks = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(stage + 1, breaks - 1, wait_seconds=120)
    lab_page.start_cell(breaks)
    out = set()

    def seen():
        out.add(counted(lab_page, "lamps out", run=1))
        return 3 in out

    until(seen, seconds=180, what="three lamps that are out")
    assert out >= {0, 1, 2, 3}
    lab_page.until_idle(120)
    lab_page.screenshot("chapter_06_broken")
    assert counted(lab_page, "lamps out") == counted(lab_page, "events not read") == 0
    assert counted(lab_page, "events not read", run=1) > 0
    moments = counted(lab_page, "moments built")
    assert 0 < counted(lab_page, "moments built", run=1) < moments
    nothing = index_of(lab_page, "ch06.why_nothing_changes(")
    lab_page.run_cells(breaks + 1, nothing, wait_seconds=240)
    assert counted(lab_page, "lamps out", run=1) == 0
    assert counted(lab_page, "moments built", run=1) == moments
    assert claims(lab_page) == {"06.lamps": True, "06.journal": True}
    assert lab_page.error_outputs() == []
