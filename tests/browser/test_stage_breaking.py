"""What is broken on the stage: by the story, by a hand, and by what is turned."""

import nbformat
import pytest

from tests.browser.axe import faults
from tests.browser.chapter_page import board
from tests.waiting import until

pytestmark = pytest.mark.broker

SHOP = """
from itertools import islice
from eventlab import Lab
from eventlab.events import Shop
from eventlab.live import Cards
from eventlab.services import FaultSchedule, Outage

lab = Lab("breaking")
story = list(islice(Shop(seed=7).orders(), 60))

async def take(request):
    return "yes"

def shop(lab, orders=30):
    services = [lab.serve(name, take) for name in ("shop", "stock")]
    length = (story[-1].at - story[0].at).total_seconds()
    outages = [Outage(0.4 * length, 0.6 * length, name, "killed") for name in ("shop", "stock")]
    lab.play(story[:orders], into=services, speed=0, faults=FaultSchedule(outages))
    return Cards()

shop = lab.stage("A shop", shop, turn={"orders": [10, 30, 60]})
"""
PANEL = ".eventlab-stage-panel"


@pytest.fixture
def staged(lab_page, server):
    """The page, with a shop on its stage."""
    return opened(lab_page, server, SHOP)


def opened(lab_page, server, source):
    """Return the page, when the stage of a notebook with this one cell has its outages."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    cells = [nbformat.v4.new_code_cell(source)]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata=kernel), server.root / "breaking.ipynb"
    )
    lab_page.open("breaking.ipynb")
    lab_page.run_cells(0, 0)
    lab_page.page.wait_for_selector(f"{PANEL} .eventlab-stage-lane")
    return lab_page


def hand(page):
    """Return the two choices: of what is broken, and of what happens to it."""
    return page.page.locator(f"{PANEL} .eventlab-stage-hand select")


def test_the_outages_of_the_story_are_bands_under_the_pictures(staged):
    """What happens to both at the same time has one lane, and the moment goes over it."""
    lanes = staged.page.locator(f"{PANEL} .eventlab-stage-lane")
    assert lanes.count() == 1
    assert lanes.inner_text().split("\n") == ["shop, stock", "killed"]
    track = lanes.locator(".eventlab-stage-track").bounding_box()
    outage = lanes.locator(".eventlab-stage-outage").bounding_box()
    assert track["x"] < outage["x"] < outage["x"] + outage["width"] < track["x"] + track["width"]
    cursor = lanes.locator(".eventlab-stage-cursor")
    until(lambda: cursor.bounding_box()["x"] > outage["x"], what="the moment to pass the outage")
    staged.screenshot("stage_outages")
    assert faults(staged, PANEL) == []


@pytest.mark.long
def test_a_story_whose_length_nobody_knows_is_as_long_as_it_has_come(lab_page, server):
    """The outage that ended after 0.6 of it stands there, and not at its end."""
    endless = SHOP.replace("story[:orders], into", "iter(story), into")
    page = opened(lab_page, server, endless).page
    until(lambda: 0.55 < page.evaluate(OUTAGE_END, PANEL) < 0.65, what="a band of the whole")


OUTAGE_END = """(panel) => {
    const track = document.querySelector(`${panel} .eventlab-stage-track`);
    const outage = track?.querySelector(".eventlab-stage-outage");
    if (!outage) return 0;
    const { left, width } = track.getBoundingClientRect();
    return (outage.getBoundingClientRect().right - left) / width;
}"""


def test_a_hand_breaks_a_service_and_mends_it(staged):
    """The list says what is wrong with what."""
    hand(staged).first.select_option("stock")
    hand(staged).last.select_option("frozen")
    stock = staged.page.locator(f"{PANEL} option[value=stock]")
    until(lambda: stock.inner_text() == "stock: frozen", what="a frozen service")
    hand(staged).last.select_option("")
    until(lambda: stock.inner_text() == "stock", what="a service that is up")


def test_what_is_turned_begins_anew(staged):
    """With the value that the slider is at."""
    until(lambda: board(staged)["sent"] == ["30"], what="thirty orders")
    slider = staged.page.get_by_label("orders")
    slider.press("ArrowRight")
    until(lambda: board(staged)["sent"] == ["60"], what="sixty orders")
    assert slider.get_attribute("aria-valuetext") == "60"
