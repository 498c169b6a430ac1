"""Chapter 02 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.test_chapters import claims, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "02_stateful_stream_processor.ipynb"


def test_the_table_moves_beside_its_stream_vanishes_and_fills_again(lab_page):
    """Rows are lit as events come; after the kill the changelog is replayed; all claims hold."""
    lab_page.open(CHAPTER)
    lab_page.command("notebook:run-all-cells", wait=False)
    until(lambda: lab_page.live("sheet").get("updates", 0) > 60, seconds=60, what="a moving table")
    picture = index_of(lab_page, "TablePicture(")
    lab_page.select(picture)
    assert lab_page.live("sheet")["total"] > 0
    sheet = lab_page.page.locator("[data-eventlab=sheet]").first
    height = sheet.bounding_box()["height"]
    lab_page.screenshot("chapter_02", "#jp-main-dock-panel")
    lab_page.move_slider("speed", 3)
    killed = index_of(lab_page, "picture.replay(")
    lab_page.until_ran(killed, 120)
    lab_page.until_ran(lab_page.cell_count() - 1, 120)
    names = ["02.table", "02.survives", "02.enrich", "02.aborted", "02.same"]
    assert claims(lab_page) == dict.fromkeys(names, True)
    assert lab_page.error_outputs() == []
    assert sheet.bounding_box()["height"] == height
    assert sheet.locator("td").first.is_visible()
    assert sheet.locator("th").all_inner_texts() == ["key", "placed"]
    lab_page.select(picture)
    lab_page.screenshot("chapter_02_after")
