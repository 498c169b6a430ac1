"""The first chapter in a real JupyterLab, as a learner meets it."""

import re

import pytest

from tests.browser.chapter_page import board, claims, index_of, press_on_stage, set_speed
from tests.structure.files import ROOT
from tests.waiting import until

pytestmark = pytest.mark.broker

WELCOME = "00_welcome.ipynb"


@pytest.mark.long
def test_orders_wait_behind_the_bookmark_and_the_reader_goes_on_there(lab_page):
    """On the stage, which stays in view; then beside it a reader without a bookmark."""
    lab_page.open(WELCOME)
    set_speed(lab_page, 600)
    staged = index_of(lab_page, "stage = lab.stage(")
    lab_page.run_cells(0, staged)
    until(lambda: lab_page.live().get("frames", 0) > 5, seconds=60, what="a moving log")
    until(
        lambda: int(board(lab_page)["waiting for you"][0]) > 20, seconds=60, what="orders to wait"
    )
    assert board(lab_page)["read by you"] == ["40"]
    lab_page.screenshot("chapter_00")
    lab_page.command("notebook:run-all-below", wait=False)
    lab_page.until_ran(lab_page.cell_count() - 1, 120)
    assert claims(lab_page) == {"00.real": True, "00.resume": True}
    assert lab_page.error_outputs() == []
    until(lambda: board(lab_page)["lost to you"] == ["0", "110"], what="the damage")
    lab_page.screenshot("chapter_00_broken")


@pytest.mark.long
def test_the_page_says_that_the_broker_is_stopped_and_how_to_go_on(lab_page):
    """The stage and the card say so; played again it is refused; started it catches up."""
    lab_page.open(WELCOME)
    lab_page.run_cells(0, index_of(lab_page, "stage = lab.stage("))
    until(lambda: int(board(lab_page)["sent"][0]) > 2, seconds=60, what="orders")
    press_on_stage(lab_page, "Stop the broker")
    lab_page.select(index_of(lab_page, "lab = Lab("))
    card = lab_page.page.locator("[role=status]:has-text('Apache Kafka')").first
    until(lambda: "lab.broker.start()" in card.inner_text(), what="the card to say how to go on")
    until(lambda: lab_page.count(".eventlab-stage-button:text-is('Start it again'):enabled") == 1)
    sent = board(lab_page)["sent"]
    press_on_stage(lab_page, "Play again")
    lab_page.page.wait_for_selector("text=Kafka did not begin anew >> visible=true")
    lab_page.screenshot("chapter_00_stopped")
    for words in ("Pause", "Play again", "Start it again"):
        button = f".eventlab-stage-button:text-is('{words}'):visible:enabled"
        until(lambda button=button: lab_page.count(button) == 1, what=words)
    assert board(lab_page)["sent"] == sent  # what waits for the broker is not in the log
    press_on_stage(lab_page, "Start it again")
    until(lambda: "running" in card.inner_text(), seconds=60, what="the card to say that it runs")
    until(lambda: board(lab_page)["read by you"] == ["40"], seconds=90, what="the shop to go on")
    assert lab_page.error_outputs() == []


@pytest.mark.long
def test_run_all_twice_is_safe(lab_page):
    """The second run stops what the first one started, and shows the same."""
    lab_page.open(WELCOME)
    set_speed(lab_page, 0)
    for _ in range(2):
        lab_page.run_all()
        assert claims(lab_page) == {"00.real": True, "00.resume": True}
        assert lab_page.error_outputs() == []
    assert lab_page.count("[data-eventlab=stage]") == 1


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
