"""The stage in a real JupyterLab: beside the notebook, in its cell, and back."""

import json

import nbformat
import pytest

from tests.browser.axe import faults
from tests.browser.chapter_page import board
from tests.waiting import until

pytestmark = pytest.mark.broker

SET_UP = """
from itertools import islice
from eventlab import Lab
from eventlab.events import Shop
from eventlab.pictures import EventCards, Lanes

lab = Lab("stage")
story = list(islice(Shop(seed=7, customers=6).orders(), 200))
"""
LANES = """
def lanes(lab, key="customer_id", readers=3):
    orders = lab.new_topic("orders", partitions=4)
    lab.play(story, into=orders, key=key, speed=3600)
    return Lanes(orders, readers=readers)

ENDS = ["accepted", "acknowledged", "refused", "lost"]
PLACES = {"accepted":1,"acknowledged":2,"refused":3,"lost":4,"nobody":5,"knows":6,"which":7}
MORE = [f"{way}: {end}" for way in ["request", "topics"] for end in ENDS]

def count(lab):
    return {"keys": lab.read("orders")["key"].nunique()} | dict.fromkeys(MORE, 0)

lanes = lab.stage("Three readers", lanes, broken={"key": "order_id"}, counts=count,
                  turn={"readers": [1, 2, 3, 4, 5, 6]})
"""
CARDS = """
def cards(lab):
    orders = lab.new_topic("cards")
    lab.play(story, into=orders, speed=3600)
    return EventCards(orders)

cards = lab.stage("The newest orders", cards)
"""
WORDS = "## A part\n\n" + "A few words to scroll through. " * 60
CELLS = [SET_UP, LANES, *["#"] * 6, CARDS]
LANES_CELL, FAR, CARDS_CELL = 1, 7, 8
STAGE, PANEL = "[data-eventlab=stage]", ".eventlab-stage-panel"


# In one go: what is looked at first and pressed then may be at rest by then.
PRESS_WHILE_BUSY = """() => {
    const all = [...document.querySelectorAll(".eventlab-stage-button[aria-disabled=true]")];
    const button = all.find((one) => one.innerText === "Break it");
    button?.click();
    return button !== undefined;
}"""


# A key that is refused comes no further than the stage.
HEAR_KEY = """() => {
    window.isTaken = false;
    window.addEventListener("keydown", () => { window.isTaken = true; }, { once: true });
}"""


@pytest.fixture
def notebook(server):
    """A notebook with two experiments, far from each other."""
    cells = [
        nbformat.v4.new_markdown_cell(WORDS) if source == "#" else nbformat.v4.new_code_cell(source)
        for source in CELLS
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=kernel)
    nbformat.write(notebook, server.root / "stage.ipynb")
    return "stage.ipynb"


@pytest.fixture
def staged(lab_page, notebook):
    """The page, with the first experiment on its stage."""
    return on_its_stage(lab_page, notebook)


@pytest.fixture
def quick(lab_page, notebook, server):
    """The same with fewer orders, and readers who are soon at the end, where all is counted."""
    path = server.root / notebook
    written = path.read_text(encoding="utf-8").replace("orders(), 200)", "orders(), 60)")
    path.write_text(written.replace("readers=readers)", "readers=readers, pace=200)"), "utf-8")
    return on_its_stage(lab_page, notebook)


def on_its_stage(lab_page, notebook):
    """Return the page, on which the first experiment is about to move."""
    lab_page.open(notebook)
    lab_page.run_cells(0, LANES_CELL)
    lab_page.page.wait_for_selector(f"{PANEL} canvas", timeout=90_000)
    return lab_page


def press(page, words):
    page.page.locator(f".eventlab-stage-button:text-is('{words}'):visible").click()


def hurry(page):
    """Play at the greatest speed, and no more slowly at first."""
    page.page.locator(f"{STAGE} label:has-text('Speed') input").press("End")


def is_in_view(page, selector):
    box = page.page.locator(selector).first.bounding_box()
    size = page.page.viewport_size
    return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= size["width"] + 1


def test_it_stays_in_view_and_moves_while_the_notebook_scrolls(staged):
    """Beside the notebook, whose words are not covered by it."""
    frames = staged.live()["frames"]
    staged.select(FAR)
    until(lambda: staged.live()["frames"] > frames, what="a picture that moves")
    assert is_in_view(staged, f"{PANEL} canvas")
    staged.screenshot("stage_scrolled")
    words = staged.page.locator(".jp-MarkdownOutput p").last.bounding_box()
    panel = staged.page.locator(PANEL).bounding_box()
    assert words["x"] + words["width"] <= panel["x"]


@pytest.mark.long
def test_the_cell_that_brings_it_stays_in_sight(lab_page, notebook):
    """The notebook gets narrower and its lines fold: what one reads stays where it is."""
    lab_page.open(notebook)
    lab_page.run_cells(0, 0)
    lab_page.select(CARDS_CELL)
    before = place_of_active(lab_page)
    width = lab_page.page.locator(".jp-WindowedPanel-outer").bounding_box()["width"]
    lab_page.run_cells(CARDS_CELL, CARDS_CELL)
    lab_page.page.wait_for_selector(f"{PANEL} h2", timeout=90_000)
    narrow = lab_page.page.locator(".jp-WindowedPanel-outer").bounding_box()["width"]
    assert narrow < 0.7 * width
    until(lambda: abs(place_of_active(lab_page) - before) < 40, what="the cell where it was")


def place_of_active(page):
    """Return how far down on the page the active cell begins."""
    return page.page.locator(".jp-Notebook .jp-Cell.jp-mod-active").bounding_box()["y"]


def focused(page):
    """Return the words of what has the keyboard's focus: a button's, or those around a slider."""
    return page.page.evaluate(
        "() => (document.activeElement.closest('label') ?? document.activeElement).innerText"
    )


def spoken(page):
    """Return the word that a screen reader has for the value of what has the focus."""
    return page.page.evaluate("() => document.activeElement.getAttribute('aria-valuetext')")


def enter(page):
    """Press Enter, and tell whether the stage took it; on a busy machine it may not be at rest."""
    page.page.evaluate(HEAR_KEY)
    page.page.keyboard.press("Enter")
    return page.page.evaluate("() => window.isTaken")


def is_busy(page):
    """Tell whether the stage does something just now."""
    again = page.page.locator(".eventlab-stage-button:text-is('Play again'):visible")
    return again.get_attribute("aria-disabled") == "true"


@pytest.mark.long
@pytest.mark.parametrize("is_in_its_cell", [False, True])
def test_a_key_can_be_held_through_all_values_of_a_slider(staged, is_in_its_cell):
    """The first step begins all anew: those that follow go on, and the last one counts."""
    if is_in_its_cell:
        press(staged, "Back into the cell")
        staged.select(LANES_CELL)
    slider = staged.page.locator(f"{STAGE} label:has-text('readers') input")
    slider.focus()
    keyboard = staged.page.keyboard
    for readers in (2, 1, 1):
        keyboard.press("ArrowLeft")
        assert spoken(staged) == str(readers)
    for readers in (2, 3, 4, 5, 6, 6):
        keyboard.press("ArrowRight")
        assert spoken(staged) == str(readers)
    assert focused(staged).startswith("readers")
    keyboard.press("Tab")  # what Python says stands on a slider that nobody is at
    said = slider.get_attribute
    until(lambda: said("aria-valuetext") == "6" and not is_busy(staged), seconds=90, what="six")
    speed = staged.page.locator(f"{STAGE} label:has-text('Speed') input")
    speed.focus()
    speeds = []
    for _ in range(4):
        keyboard.press("ArrowRight")
        speeds.append(spoken(staged))
    assert len(set(speeds)) == 4
    assert focused(staged).startswith("Speed")
    keyboard.press("Tab")
    until(lambda: speed.get_attribute("aria-valuetext") == speeds[-1], what="the last speed")


def test_a_switch_keeps_the_focus_while_it_is_at_work(staged):
    """It breaks and mends by the keyboard alone; what is pressed meanwhile does nothing."""
    staged.page.locator(".eventlab-stage-button:text-is('Break it')").focus()
    for runs in (2, 1):
        until(lambda: enter(staged), what="a stage that takes the key")
        until(lambda: staged.page.evaluate(PRESS_WHILE_BUSY), what="a stage at work")
        assert focused(staged) == "Break it"
        until(lambda: not is_busy(staged), seconds=60, what="a stage at rest")
        until(lambda n=runs: staged.count(f"{PANEL} figure") == n, seconds=60, what="the runs")
        assert focused(staged) == "Break it"


@pytest.mark.timeout(400)  # a play from its slow beginning, and a count at leisure
def test_its_end_is_spoken_in_figures(quick):
    """Once, when all is counted; while it plays only that it does."""
    region = quick.page.locator(f"{PANEL} .eventlab-spoken[role=status]")
    until(lambda: region.inner_text() == "playing", what="the beginning")
    hurry(quick)
    until(lambda: "finished" in region.inner_text(), seconds=90, what="the end")
    until(lambda: "sent 60, keys 6" in region.inner_text(), seconds=90, what="the figures")


@pytest.mark.parametrize("size", [(800, 700), (1280, 800)])
def test_picture_controls_and_figures_are_seen_together(staged, size):
    """Both runs too: the pictures alone scroll, and the sign that there is more covers nothing."""
    staged.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    staged.page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))
    press(staged, "Break it")
    until(lambda: staged.count(f"{PANEL} figure") == 2, seconds=60, what="both runs")
    until(lambda: "keys" in board(staged), seconds=60, what="the scoreboard")
    staged.screenshot(f"stage_together_{size[0]}")
    panel = edges(staged, PANEL)
    scene = edges(staged, f"{PANEL} .eventlab-stage-scene")
    for part in (f"{PANEL} .eventlab-stage-board", ".eventlab-stage-button:text-is('Pause')"):
        box = edges(staged, part)
        assert panel["top"] <= box["top"]
        assert box["bottom"] <= panel["bottom"]
    assert scene["bottom"] <= edges(staged, f"{PANEL} .eventlab-stage-board")["top"]
    assert scene["height"] > 200
    if staged.page.locator(".eventlab-stage-more").is_visible():
        sign = edges(staged, ".eventlab-stage-more")
        assert sign["top"] >= scene["bottom"] or sign["right"] <= scene["left"]
    staged.page.set_viewport_size({"width": 1280, "height": 1060})
    staged.page.evaluate("() => window.jupyterapp.shell.expandLeft()")


@pytest.mark.long
def test_a_line_of_code_has_room_beside_it_on_a_small_page(staged):
    """For 72 characters, on a page of 1280 pixels as the environment opens it."""
    staged.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    staged.page.set_viewport_size({"width": 1280, "height": 800})
    line = staged.page.locator(".jp-CodeCell .cm-line:has-text('def lanes')")
    until(lambda: room_for_characters(line) >= 72, what="room for a line of code")
    staged.page.set_viewport_size({"width": 1280, "height": 1060})
    staged.page.evaluate("() => window.jupyterapp.shell.expandLeft()")


def room_for_characters(line):
    """Return how many characters of its own width a line of code has room for."""
    return line.evaluate(
        """(line) => {
            const range = document.createRange();
            range.selectNodeContents(line);
            const { left, width } = range.getBoundingClientRect();
            const right = line.parentElement.getBoundingClientRect().right;
            return Math.floor((right - left) / (width / line.textContent.length));
        }"""
    )


def broken_words(page):
    """Return the words of the scoreboard that stand in more than one line."""
    return page.page.evaluate(
        """(panel) => [...document.querySelectorAll(`${panel} th`)].flatMap((th) => {
            const text = th.firstChild, found = text ? [...text.data.matchAll(/\\S+/g)] : [];
            return found.filter((word) => {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                return range.getClientRects().length > 1;
            }).map((word) => word[0]);
        })""",
        PANEL,
    )


def test_it_breaks_side_by_side_and_plays_again(quick):
    """The switch begins both runs anew; the scoreboard has the damage, and no word is broken."""
    press(quick, "Break it")
    until(lambda: quick.count(f"{PANEL} figure") == 2, seconds=60, what="both runs")
    hurry(quick)
    until(lambda: board(quick)["sent"] == ["60", "60"], seconds=150, what="all of both")
    until(lambda: board(quick).get("keys") == ["6", "60"], seconds=30, what="the damage")
    quick.screenshot("stage_broken")
    assert broken_words(quick) == []  # many counts are folded between their words
    press(quick, "Play again")
    until(lambda: board(quick)["sent"] != ["60", "60"], what="the play to begin again")
    hurry(quick)
    until(lambda: board(quick).get("keys") == ["6", "60"], seconds=150, what="the same damage")
    press(quick, "Break it")
    until(lambda: quick.count(f"{PANEL} figure") == 1, what="the first run alone")


@pytest.mark.long
def test_no_line_of_code_is_cut_off_beside_it(staged):
    """Not even one without a space to fold it at; what is folded stands further in."""
    hidden = staged.page.evaluate(
        """() => [...document.querySelectorAll(".jp-CodeCell .cm-scroller")]
            .map((one) => one.scrollWidth - one.clientWidth)"""
    )
    assert len(hidden) == sum(source != "#" for source in CELLS)
    assert max(hidden) == 0
    lefts = staged.page.evaluate(
        """(words) => {
            const line = [...document.querySelectorAll(".jp-CodeCell .cm-line")]
                .find((one) => one.textContent.startsWith(words));
            const range = document.createRange();
            range.selectNodeContents(line);
            const rects = [...range.getClientRects()];
            const last = Math.max(...rects.map((one) => one.top));
            return [Math.min(...rects.map((one) => one.left)),
                    Math.min(...rects.filter((one) => one.top === last).map((one) => one.left))];
        }""",
        "lanes = lab.stage(",
    )
    assert lefts[0] + 40 < lefts[1]


def test_it_goes_into_its_cell_and_comes_back_by_one_click(staged):
    """And a cell that runs again never makes a second one."""
    press(staged, "Back into the cell")
    assert staged.count(PANEL) == 1
    until(lambda: staged.count(PANEL) == 0, what="the panel to close")
    staged.select(LANES_CELL)
    assert staged.output(LANES_CELL).locator(STAGE).count() == 1
    press(staged, "Show it beside the notebook")
    assert staged.page.locator(PANEL).locator(STAGE).count() == 1
    staged.run_cells(LANES_CELL, LANES_CELL)
    staged.page.wait_for_selector(f"{PANEL} canvas")
    assert staged.count(STAGE) == 1


def test_a_new_experiment_takes_it_and_the_old_one_goes_home(staged):
    """With its name; one stage for each notebook."""
    staged.run_cells(CARDS_CELL, CARDS_CELL)
    until(lambda: staged.page.locator(f"{PANEL} h2").all_inner_texts() == ["The newest orders"])
    staged.select(LANES_CELL)
    assert staged.output(LANES_CELL).locator(f"{STAGE} canvas").count() == 1


@pytest.mark.long
def test_it_fits_narrow_pages_and_follows_the_theme(staged):
    """Nothing is cut off; a chart on a dark page is dark."""
    for width in (1600, 1280, 800):
        staged.page.set_viewport_size({"width": 300, "height": 900})  # no room for anything
        staged.page.set_viewport_size({"width": width, "height": 900})
        until(lambda: is_in_view(staged, f"{PANEL} canvas"), what=f"all of it at {width} pixels")
        for theme in ("Dark", "Light"):
            staged.use_theme(f"JupyterLab {theme}")
            until(lambda t=theme: ground(staged) == {"Dark": 30, "Light": 255}[t], what=theme)
            staged.screenshot(f"stage_{width}_{theme.lower()}")
        assert faults(staged, PANEL) == []
    staged.page.set_viewport_size({"width": 1280, "height": 1060})


@pytest.mark.long
def test_under_a_narrow_notebook_the_controls_stand_beside_the_picture(staged):
    """It begins where the panel begins; what is out of sight has a sign, which goes there."""
    staged.page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    staged.page.set_viewport_size({"width": 800, "height": 500})
    sign = staged.page.locator(".eventlab-stage-more")
    sign.wait_for(state="visible")
    staged.screenshot("stage_below")
    pause = edges(staged, ".eventlab-stage-button:text-is('Pause')")
    picture = edges(staged, f"{PANEL} canvas")
    assert pause["right"] < picture["left"]
    assert picture["top"] < pause["bottom"]
    until(lambda: is_at_its_end_by(staged, sign), what="the last line of the stage")
    staged.page.set_viewport_size({"width": 800, "height": 1600})  # room for all of it
    sign.wait_for(state="hidden")
    staged.page.set_viewport_size({"width": 1280, "height": 1060})
    staged.page.evaluate("() => window.jupyterapp.shell.expandLeft()")


def edges(page, selector):
    """Return where an element stands on the page."""
    return page.page.locator(f"{selector}:visible").first.evaluate(
        "(one) => one.getBoundingClientRect().toJSON()"
    )


def is_at_its_end_by(page, sign):
    """Press the sign while there is one, and tell whether the last of the stage is in sight."""
    if sign.is_visible():
        sign.dispatch_event("click")
    return page.page.locator(f"{PANEL} .eventlab-stage-scene").evaluate(
        "(one) => one.scrollHeight - one.scrollTop - one.clientHeight < 16"
    )


def ground(page):
    """Return how bright a corner of the chart is."""
    return page.page.evaluate(
        f"""() => {{
            const canvas = document.querySelector("{PANEL} canvas");
            return canvas?.getContext("2d").getImageData(2, 2, 1, 1).data[0];
        }}"""
    )


@pytest.mark.long
def test_without_its_kernel_it_says_how_to_go_on(staged):
    """And nothing on it can be pressed, nor does it claim to play."""
    staged.restart_kernel()
    staged.page.wait_for_selector(f"{PANEL} >> text=choose Run > Run All Cells >> visible=true")
    assert "playing" not in staged.page.locator(PANEL).inner_text()
    assert (
        staged.page.locator(f"{PANEL} .eventlab-stage-bar button:not([aria-disabled=true])").count()
        == 0
    )
    staged.run_cells(0, LANES_CELL)
    staged.page.wait_for_selector(f"{PANEL} canvas")
    assert staged.count(STAGE) == 1


@pytest.mark.long
def test_the_saved_notebook_shows_it_as_a_picture(staged, server):
    """In the middle of a play too; and what stands on the stage stays as it is."""
    path = server.root / "stage.ipynb"

    def saved():
        staged.save()
        cell = json.loads(path.read_text(encoding="utf-8"))["cells"][LANES_CELL]
        return next(out["data"] for out in cell["outputs"] if "data" in out)

    until(lambda: "image/png" in saved(), seconds=30, what="a picture in the saved notebook")
    assert 'alt="The partitions' in "".join(saved()["text/html"])
    assert staged.count(STAGE) == 1
    assert staged.live()["embeds"] == 1
    frames = staged.live()["frames"]
    until(lambda: staged.live()["frames"] > frames, what="a picture that goes on")
    until(lambda: board(staged)["sent"] == ["200"], seconds=60, what="the end")
    press(staged, "Play again")
    until(lambda: board(staged)["sent"] != ["200"], what="another play")
