"""Chapter 07 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import claims, counted, index_of
from tests.waiting import until

pytestmark = [pytest.mark.broker, pytest.mark.database]

CHAPTER = "07_shared_database.ipynb"
PANEL = ".eventlab-stage-panel"
FAILED = "shared table: failed look-ups"


def press(page, words):
    """Press a button of the stage; what has played stands in its cell with buttons too."""
    page.page.locator(f"{PANEL} .eventlab-stage-button:text-is('{words}')").click()


def all_fit(page):
    """Tell whether no picture of two on the stage is wider than its place."""
    return page.page.evaluate(
        """(panel) => [...document.querySelectorAll(`${panel} canvas`)].every(
            (one) => one.clientWidth < 0.6 * one.closest(panel).clientWidth)""",
        PANEL,
    )


@pytest.mark.long
@pytest.mark.timeout(400)
def test_four_services_wait_at_the_shared_table_and_one_does_not(lab_page):
    """Side by side, on a light page and on a dark one."""
    lab_page.open(CHAPTER)
    breaks = index_of(lab_page, "stage.break_it()")
    lab_page.run_cells(0, breaks, wait_seconds=240)
    lab_page.screenshot("chapter_07_broken")
    assert claims(lab_page) == {"07.contention": True}
    waits = [counted(lab_page, "shared table: had to wait at the end", run) for run in (0, 1)]
    assert waits[0] > 4 * waits[1]
    lab_page.use_theme("JupyterLab Dark")
    until(lambda: all_fit(lab_page), what="pictures that fit on a dark page")
    lab_page.screenshot("chapter_07_dark")
    assert lab_page.error_outputs() == []


@pytest.mark.long
@pytest.mark.timeout(400)
def test_a_column_that_is_renamed_by_hand_breaks_the_queries_of_the_others(lab_page):
    """Until they are deployed, and nobody's with a view of its own."""
    lab_page.open(CHAPTER)
    lab_page.run_cells(0, index_of(lab_page, "def start("), wait_seconds=120)
    first = index_of(lab_page, "def rename(")
    last = index_of(lab_page, "one_team_renames, broken")
    lab_page.run_cells(first, last, wait_seconds=240)
    press(lab_page, "Play again")
    until(lambda: counted(lab_page, "sent") in (1, 2, 3), seconds=60, what="a play from the start")
    press(lab_page, "Rename the column")
    until(lambda: counted(lab_page, FAILED) >= 3, seconds=60, what="look-ups that fail")
    assert counted(lab_page, "sent") < 10
    press(lab_page, "Deploy the others")
    lab_page.screenshot("chapter_07_renamed")
    assert counted(lab_page, "own views: failed look-ups") == 0
    assert lab_page.error_outputs() == []
