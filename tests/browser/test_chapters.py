"""The first chapter in a real JupyterLab, as a learner meets it."""

import re

import pytest

from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.broker

WELCOME = "00_welcome.ipynb"


def index_of(lab_page, words):
    """Return the number of the cell that has these words in its source."""
    return lab_page.page.evaluate(
        """(words) => window.jupyterapp.shell.currentWidget.content.widgets
            .findIndex(cell => cell.model.sharedModel.getSource().includes(words))""",
        words,
    )


def rate(lab_page):
    """Return how many events a second the control tells of."""
    found = lab_page.page.locator("text=/[0-9,]+ events a second/").first.inner_text()
    return int(found.split(" events a second")[0].split()[-1].replace(",", ""))


def claims(lab_page):
    """Return the verdicts that the page shows, by claim."""
    data = [o.get("data", {}) for cell in lab_page.outputs() for o in cell]
    found = [d[k] for d in data for k in d if k == "application/vnd.eventlab.claim+json"]
    return {claim["claim"]: claim["holds"] for claim in found}


def test_the_chart_of_the_first_chapter_moves_and_obeys(lab_page):
    """Orders draw frames, the slider changes the stream while a cell runs, and no page jumps."""
    lab_page.open(WELCOME)
    lab_page.command("notebook:run-all-cells", wait=False)
    until(lambda: lab_page.live().get("frames", 0) > 20, seconds=60, what="a moving chart")
    lab_page.select(index_of(lab_page, "lab.show(EventCards("))
    chart = lab_page.page.locator("[data-eventlab=chart]").first
    canvas, height = chart.locator("canvas").element_handle(), chart.bounding_box()["height"]

    until(lambda: rate(lab_page) > 10, what="the shop to open")
    assert lab_page.is_running(index_of(lab_page, "player.wait()"))
    before = rate(lab_page)
    until(lambda: lab_page.live()["rows"] > 500, seconds=60, what="enough orders for a picture")
    lab_page.select(index_of(lab_page, "lab.show(EventChart("))
    lab_page.screenshot("chapter_00", "#jp-main-dock-panel")
    lab_page.move_slider("speed", 2)
    until(lambda: rate(lab_page) > 2.5 * before, what="six times the rate")

    lab_page.until_ran(lab_page.cell_count() - 1, 120)
    assert claims(lab_page) == {"00.real": True, "00.resume": True}
    assert lab_page.error_outputs() == []
    assert chart.bounding_box()["height"] == height
    assert canvas.is_visible()
    assert lab_page.live()["embeds"] == 1
    assert lab_page.live("cards")["cards"] > 0


def test_the_page_says_that_the_broker_is_stopped_and_how_to_go_on(lab_page):
    """The button stops it, the card at the top says so, the other button brings it back."""
    lab_page.open(WELCOME)
    last = index_of(lab_page, "orders = lab.new_topic")
    lab_page.run_cells(0, last)
    buttons = index_of(lab_page, "lab.show(Buttons(")
    lab_page.page.evaluate(
        """(index) => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
            const source = cell.model.sharedModel.getSource();
            cell.model.sharedModel.setSource(source.replace("again.close()", "")); }""",
        buttons,
    )
    lab_page.run_cells(buttons, buttons)
    lab_page.press("Stop the broker")
    lab_page.page.wait_for_selector("text=Stop the broker: done.", timeout=30_000)
    lab_page.select(index_of(lab_page, "lab = Lab("))
    card = lab_page.page.locator("[role=status]:has-text('Apache Kafka')").first
    until(lambda: "lab.broker.start()" in card.inner_text(), what="the card to say how to go on")
    lab_page.screenshot("chapter_00_stopped")
    lab_page.select(buttons)
    lab_page.press("Start it again")
    lab_page.page.wait_for_selector("text=Start it again: done.", timeout=60_000)
    lab_page.select(index_of(lab_page, "lab = Lab("))
    until(lambda: "running" in card.inner_text(), what="the card to say that it runs")
    assert lab_page.error_outputs() == []


def test_run_all_twice_is_safe(lab_page):
    """The second run stops what the first one started, and shows the same."""
    lab_page.open(WELCOME)
    speed = index_of(lab_page, "SPEED = ")
    lab_page.page.evaluate(
        """(index) => { const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
            const source = cell.model.sharedModel.getSource();
            cell.model.sharedModel.setSource(source.replace("SPEED = 600", "SPEED = 0")); }""",
        speed,
    )
    for _ in range(2):
        lab_page.run_all()
        assert claims(lab_page) == {"00.real": True, "00.resume": True}
        assert lab_page.error_outputs() == []
    assert lab_page.count("[data-eventlab=chart]") == 1


def test_the_readme_shows_the_pictures_that_are_kept():
    """Each is there, each was taken by this browser's tests, and none is kept in vain."""
    shown = set(
        re.findall(
            r"\(docs/pictures/(\w+\.png)\)", (ROOT / "README.md").read_text(encoding="utf-8")
        )
    )
    kept = {path.name: path for path in (ROOT / "docs" / "pictures").iterdir()}
    assert shown == set(kept) == {"chapter_00.png", "chapter_19.png"}
    assert all(path.stat().st_size > 20_000 for path in kept.values())
