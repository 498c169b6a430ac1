"""Chapter 08 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import claims, counted, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "08_data_service.ipynb"


@pytest.mark.long
@pytest.mark.timeout(400)
def test_calls_run_up_endpoints_grow_and_a_numbered_export_is_right(lab_page):
    """The reports, their broken run, and a copy by pages and then by numbers."""
    lab_page.open(CHAPTER)
    stage = index_of(lab_page, "stage = lab.stage(")
    lab_page.run_cells(0, stage, wait_seconds=120)
    until(lambda: counted(lab_page, "one by one: calls") > 40, seconds=60, what="calls that run up")
    assert counted(lab_page, "ours: calls") == 0
    lab_page.screenshot("chapter_08_reports")
    breaks = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(stage + 1, breaks, wait_seconds=240)
    lab_page.screenshot("chapter_08_broken")
    assert counted(lab_page, "endpoints added") == 0
    assert counted(lab_page, "endpoints added", run=1) == 3
    by_pages = index_of(lab_page, "copies.break_it()")
    lab_page.run_cells(breaks + 1, by_pages, wait_seconds=240)
    lab_page.screenshot("chapter_08_pages")
    assert counted(lab_page, "missed") == counted(lab_page, "came twice") == 0
    assert counted(lab_page, "missed", run=1) > 0
    assert counted(lab_page, "came twice", run=1) > 0
    numbered = index_of(lab_page, "ch08.why_numbered(")
    lab_page.run_cells(by_pages + 1, numbered, wait_seconds=240)
    lab_page.screenshot("chapter_08_numbered")
    wrong = ["missed", "came twice", "out of date"]
    assert [counted(lab_page, name, run=1) for name in wrong] == [0, 0, 0]
    assert claims(lab_page) == {"08.join": True, "08.endpoints": True, "08.export": True}
    assert lab_page.error_outputs() == []
