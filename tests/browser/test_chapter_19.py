"""Chapter 19 in a real JupyterLab, as a learner meets it."""

import pytest

from tests.browser.test_chapters import claims, index_of
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTER = "19_windowed.ipynb"


def test_windows_fill_over_the_flights_and_the_bench_answers(lab_page):
    """Dots come and windows close; the point moves along the curve; a dragged flight is judged."""
    lab_page.open(CHAPTER)
    lab_page.command("notebook:run-all-cells", wait=False)
    until(lambda: lab_page.live().get("rows", 0) > 900, seconds=90, what="flights")
    lab_page.select(index_of(lab_page, "lab.show_windows("))
    lab_page.screenshot("chapter_19", "#jp-main-dock-panel")
    lab_page.move_slider("speed", 3)
    lab_page.until_ran(lab_page.cell_count() - 1, 150)
    names = ["19.arrival", "19.grace", "19.dropped", "19.kinds"]
    assert claims(lab_page) == dict.fromkeys(names, True)
    assert lab_page.error_outputs() == []
    lab_page.select(index_of(lab_page, "along.push("))
    lab_page.screenshot("chapter_19_curve")
    lab_page.select(index_of(lab_page, "lab.bench("))
    lab_page.screenshot("chapter_19_bench")
