"""Chapter 02 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import board, claims, index_of, press_on_stage
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "02_stateful_stream_processor.ipynb"
PANEL = ".eventlab-stage-panel"
SHEET = f"{PANEL} [data-eventlab=sheet]"


def total(page):
    """Return how many rows each table on the stage has."""
    return [int(one.get_attribute("data-total") or -1) for one in page.page.locator(SHEET).all()]


def says(page):
    """Return the status lines of the tables on the stage."""
    return " / ".join(page.page.locator(f"{SHEET} [role=status]").all_text_contents())


def until_as_many_are_marked_as_counted(page):
    """Wait, in the page itself, until it marks as many cells as the scoreboard calls wrong."""
    page.page.wait_for_function(
        """([panel, sheet]) => {
            const rows = [...document.querySelectorAll(`${panel} .eventlab-stage-board tr`)];
            const names = [...rows[0].cells].map((cell) => cell.textContent);
            const counted = rows.at(-1).cells[names.indexOf("wrong cells now")];
            const marked = document.querySelectorAll(`${sheet} .eventlab-sheet-wrong`).length;
            return marked > 0 && counted?.textContent === String(marked);
        }""",
        arg=[PANEL, SHEET],
    )


def good_run(page):
    """Return how often the good run was killed, and how many of its cells are wrong."""
    return [board(page)[name][0] for name in ("kills", "wrong cells now")]


def is_within(page, selector):
    """Tell whether nothing of an element is clipped at the sides of the stage."""
    return page.page.evaluate(
        """([panel, selector]) => {
            const room = document.querySelector(panel).getBoundingClientRect();
            return [...document.querySelectorAll(selector)].every((one) => {
                const box = one.getBoundingClientRect();
                return box.left >= room.left - 1 && box.right <= room.right + 1;
            });
        }""",
        [PANEL, selector],
    )


@pytest.mark.long
def test_a_kill_empties_the_table_and_the_changelog_fills_it_again(lab_page):
    """By the learner's hand; then the two stand side by side, and the slider goes back."""
    lab_page.open(CHAPTER)
    lab_page.run_cells(0, index_of(lab_page, "stage = lab.stage("))
    until(lambda: lab_page.count(f"{SHEET} .eventlab-sheet-chip"), what="an event that flies")
    lab_page.screenshot("chapter_02_flies")
    until(lambda: total(lab_page)[0] >= 4, seconds=60, what="some customers")
    lab_page.screenshot("chapter_02")
    press_on_stage(lab_page, "kill -9")
    until(lambda: total(lab_page) == [0], what="an empty table")
    until(lambda: "The changelog still has all" in says(lab_page), what="what is left")
    assert lab_page.page.locator(f"{SHEET} .eventlab-sheet-changelog li").count() > 0
    lab_page.screenshot("chapter_02_killed")
    press_on_stage(lab_page, "Start it again")
    until(lambda: total(lab_page)[0] > 0, what="the first row that comes back")
    lab_page.screenshot("chapter_02_refills")
    waits = index_of(lab_page, "stage.wait()")
    breaks = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(waits, breaks, wait_seconds=180)
    until(lambda: good_run(lab_page) == ["1", "0"], seconds=60, what="the good run's second life")
    until_as_many_are_marked_as_counted(lab_page)
    assert board(lab_page)["the same after it"] == ["12", "12"]
    assert claims(lab_page) == {"02.table": True, "02.survives": True}
    assert lab_page.error_outputs() == []
    press_on_stage(lab_page, "kill -9")
    until(lambda: says(lab_page).count("a kill would change nothing") == 2, what="too late")
    press_on_stage(lab_page, "Start it again")
    until(lambda: says(lab_page).count("nothing left to start it for") == 2, what="why not")
    assert board(lab_page)["kills"] == ["1", "1"]
    look_at_it_from_everywhere(lab_page)
    slide_back(lab_page)


def look_at_it_from_everywhere(page):
    """Light and dark, wide and narrow: nothing is clipped."""
    size = page.page.viewport_size
    for theme in ("Light", "Dark"):
        page.use_theme(f"JupyterLab {theme}")
        for width in (1280, 800):
            page.page.set_viewport_size({"width": width, "height": size["height"]})
            until(lambda: is_within(page, f"{SHEET} :is(td, input, output)"), what="all of it")
            page.page.locator(PANEL).evaluate("panel => panel.scrollTo(0, 0)")
            page.screenshot(f"chapter_02_{theme.lower()}_{width}")
    page.use_theme("JupyterLab Light")
    page.page.set_viewport_size(size)


def slide_back(page):
    """At the first record there is one row; at the end all of them, as before."""
    slider = page.page.locator(f"{SHEET} input[type=range]").first
    slider.focus()
    slider.press("Home")
    slider.press("ArrowRight")
    until(lambda: total(page)[0] == 1, what="the table after one record")
    slider.press("End")
    until(lambda: total(page)[0] == 6, what="the whole table")
