"""Chapter 01 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.axe import faults
from tests.browser.chapter_page import board, claims, index_of
from tests.browser.test_stage import ground
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "01_replayable_log.ipynb"
PANEL = ".eventlab-stage-panel"
PLACE = f"{PANEL} .eventlab-steps:has(span:text-is('its place')) input"


def place(page, run=0):
    """Return where the chosen reader stands, on the slider's ten steps."""
    return int(page.page.locator(PLACE).nth(run).input_value())


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_reader_is_dragged_back_and_no_other_moves(lab_page):
    """By the keyboard too; broken beside whole, the customers' lines leave their lanes."""
    lab_page.open(CHAPTER)
    lab_page.page.evaluate(
        """(index) => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
            const source = cell.model.sharedModel.getSource();
            cell.model.sharedModel.setSource(source.replace("SPEED = 120", "SPEED = 1_200")); }""",
        index_of(lab_page, "SPEED = "),
    )
    stage = index_of(lab_page, "stage = lab.stage(")
    lab_page.run_cells(0, stage)
    until(lambda: lab_page.live().get("rows", 0) > 130, seconds=90, what="lanes with orders")
    lab_page.screenshot("chapter_01_playing")
    until(lambda: place(lab_page) > 6, seconds=60, what="reader 4 to come along")
    drag_reader_back(lab_page)
    until(lambda: place(lab_page) < 10, what="reader 4 to go back in a lane")
    lab_page.page.locator(PLACE).first.press("Home")
    until(lambda: place(lab_page) < 6, what="reader 4 near the start, from where it reads on")
    lab_page.run_cells(stage + 1, index_of(lab_page, "lab.reveal("))
    assert claims(lab_page) == {"01.order": True, "01.replay": True}
    assert faults(lab_page, PANEL) == []
    lab_page.run_cells(index_of(lab_page, "01.crossings"), index_of(lab_page, "break_it()"))
    assert lab_page.error_outputs() == []
    counted = board(lab_page)  # the page has it before the cell has ended
    assert counted["sent"] == ["240", "240"]
    complete, broken_complete = counted["readers who have read it all"]
    assert complete == "10 of 10"
    assert broken_complete in ("0 of 10", "1 of 10")  # one may have it all before the others come
    assert counted["crossings"][0] == "0"
    assert int(counted["crossings"][1]) > 100
    look_at(lab_page)


def drag_reader_back(page):
    """Take the first triangle that the pointer finds from the right, and pull it to the left."""
    canvas = page.page.locator(f"{PANEL} .eventlab-live canvas").first
    edge = canvas.bounding_box()
    height = edge["y"] + edge["height"] - 55  # in the row of the chosen one
    for x in range(int(edge["x"] + edge["width"]), int(edge["x"]), -2):
        page.page.mouse.move(x, height)
        if canvas.evaluate("canvas => canvas.closest('.eventlab-live').style.cursor"):
            break
    page.page.mouse.down()
    page.page.mouse.move(edge["x"] + 120, height, steps=5)
    page.screenshot("chapter_01_dragging")
    page.page.mouse.up()


def look_at(page):
    """Keep pictures of the stage, wide and narrow, light and dark."""
    for width in (1280, 800):
        page.page.set_viewport_size({"width": width, "height": 1060})
        for theme in ("Dark", "Light"):
            page.use_theme(f"JupyterLab {theme}")
            brightness = {"Dark": 30, "Light": 255}[theme]
            until(lambda wanted=brightness: ground(page) == wanted, what=theme)
            page.screenshot(f"chapter_01_{width}_{theme.lower()}")
    page.page.set_viewport_size({"width": 1280, "height": 1060})
