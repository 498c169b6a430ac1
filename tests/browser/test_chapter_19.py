"""Chapter 19 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.chapter_page import board, claims, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "19_windowed.ipynb"
VERDICT = "application/vnd.eventlab.verdict+json"
PANEL = ".eventlab-stage-panel"
WIDE, NARROW = {"width": 1280, "height": 1000}, {"width": 800, "height": 1000}


@pytest.mark.long
def test_the_grace_moves_the_whole_picture_and_the_broken_run_stands_beside_it(lab_page):
    """Flights come and windows close; the slider changes what is missing; then it is broken."""
    lab_page.page.set_viewport_size(WIDE)
    lab_page.open(CHAPTER)
    lab_page.replace(index_of(lab_page, "SPEED = "), "SPEED = 5400", "SPEED = 20000")
    lab_page.command("notebook:run-all-cells", wait=False)
    until(lambda: lab_page.live().get("rows", 0) > 900, seconds=90, what="flights")
    lab_page.screenshot("chapter_19_playing")
    lab_page.until_ran(index_of(lab_page, "by_event_time=by_event_time.hours"), 150)
    until(lambda: board(lab_page).get("missing") == ["319"], what="all that is missing")
    lab_page.screenshot("chapter_19")
    lab_page.until_ran(lab_page.cell_count() - 1, 200)
    until(lambda: board(lab_page).get("missing") == ["319", "748"], what="the broken run")
    names = ["19.arrival", "19.grace", "19.dropped", "19.kinds"]
    assert claims(lab_page) == dict.fromkeys(names, True)
    assert lab_page.error_outputs() == []
    look_at_it(lab_page)
    lab_page.move_slider("grace", 12)
    until(lambda: board(lab_page).get("missing") == ["154", "748"], what="the slider's grace")
    lab_page.screenshot("chapter_19_two_hours")
    lab_page.page.set_viewport_size(WIDE)
    make_the_last_flight_too_late(lab_page)


def look_at_it(page):
    """Keep pictures of both runs, light and dark, wide and narrow."""
    for theme in ("Light", "Dark"):
        page.use_theme(f"JupyterLab {theme}")
        for size in (WIDE, NARROW):
            page.page.set_viewport_size(size)
            page.page.wait_for_function(
                f"() => [...document.querySelectorAll('{PANEL} canvas')].length === 2"
            )
            page.screenshot(f"chapter_19_broken_{theme.lower()}_{size['width']}")
            box = page.page.locator(f"{PANEL} canvas").first.bounding_box()
            assert box["x"] + box["width"] <= size["width"] + 1
    page.use_theme("JupyterLab Light")


def make_the_last_flight_too_late(page):
    """Move it by the keyboard to an earlier hour, and say which it is."""
    page.select(index_of(page, "bench = lab.show("))
    page.screenshot("chapter_19_bench")
    last = page.page.locator("[data-eventlab=bench] [data-id]").last
    name = last.get_attribute("data-id")
    last.focus()

    def is_too_late():
        page.page.keyboard.press("Shift+ArrowLeft")
        return last.get_attribute("data-status") == "too late"

    until(is_too_late, what="the flight to come too late")
    answer = index_of(page, "my_flight = ...")
    page.replace(answer, "...", name)
    page.run_cells(answer, answer + 1)
    assert verdict(page, "19.2") == ("right", f"Flight {name} is too late, and no other.")


def verdict(page, exercise):
    """Return state and message of the verdict that stands below an exercise."""
    cell = page.outputs()[index_of(page, f'lab.check("{exercise}"')]
    (found,) = (output["data"][VERDICT] for output in cell if VERDICT in output.get("data", {}))
    return found["state"], found["message"]
