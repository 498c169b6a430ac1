"""Chapter 19 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.test_chapters import claims, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "19_windowed.ipynb"
VERDICT = "application/vnd.eventlab.verdict+json"


def test_windows_fill_over_the_flights_and_the_bench_answers(lab_page):
    """Dots come and windows close; the point moves along the curve; a moved flight is judged."""
    lab_page.open(CHAPTER)
    lab_page.command("notebook:run-all-cells", wait=False)
    until(lambda: lab_page.live().get("rows", 0) > 900, seconds=90, what="flights")
    lab_page.select(index_of(lab_page, "= lab.show(WindowPicture("))
    lab_page.screenshot("chapter_19", "#jp-main-dock-panel")
    lab_page.move_slider("speed", 3)
    lab_page.until_ran(lab_page.cell_count() - 1, 150)
    names = ["19.arrival", "19.grace", "19.dropped", "19.kinds"]
    assert claims(lab_page) == dict.fromkeys(names, True)
    assert lab_page.error_outputs() == []
    lab_page.select(index_of(lab_page, "= lab.show(LatenessPicture("))
    lab_page.screenshot("chapter_19_lateness")
    move_along_the_curve(lab_page)
    make_the_last_flight_too_late(lab_page)
    assert verdict(lab_page, "19.2") == ("right", "Flight 25 is too late, and no other.")


def move_along_the_curve(page):
    """Move the slider of the curve, and wait for the picture that follows it."""
    page.select(index_of(page, "along.push("))
    curve = page.output(index_of(page, "along = lab.show(")).locator("[data-eventlab=chart]")
    before = int(curve.get_attribute("data-sequence"))
    page.move_slider("grace", 4)
    until(lambda: int(curve.get_attribute("data-sequence")) > before, what="the point to move")
    page.screenshot("chapter_19_curve")


def make_the_last_flight_too_late(page):
    """Move it by the keyboard to an earlier hour, and ask for the verdict."""
    page.select(index_of(page, "= lab.show(WindowBench("))
    last = page.page.locator("[data-eventlab=bench] [data-id='25']")
    assert last.get_attribute("data-status") == "late"
    last.focus()

    def is_dropped():
        page.page.keyboard.press("Shift+ArrowLeft")
        return last.get_attribute("data-status") == "dropped"

    until(is_dropped, what="the flight to come too late")
    page.screenshot("chapter_19_bench")
    check = index_of(page, 'lab.check("19.2"')
    page.run_cells(check, check)


def verdict(page, exercise):
    """Return state and message of the verdict that stands below an exercise."""
    cell = page.outputs()[index_of(page, f'lab.check("{exercise}"')]
    (found,) = (output["data"][VERDICT] for output in cell if VERDICT in output.get("data", {}))
    return found["state"], found["message"]
