"""Names, roles and spoken values of all that eventlab shows, as axe-core and a keyboard see it."""

import nbformat
import pytest

from eventlab.course.chapters import NOTEBOOKS
from tests.browser.axe import faults
from tests.waiting import until

pytestmark = pytest.mark.broker

CHAPTERS = sorted(path.name for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))

KINDS = """
from eventlab.teach import Axis, Curve, Number, Point, check, predict, reveal

predict("00.choice", "Which?", ["none: they are gone", "some"])
"""
CELLS = [
    KINDS,
    'predict("00.number", "How many?", answer=Number("orders", 0, 1000))',
    'predict("00.point", "When?", answer=Point(0, 60, "seconds"))',
    'predict("00.curve", "How does the rate grow?", answer=Curve('
    'Axis("readers", 1, 10), Axis("rate", 0, 100_000, "records/s"), points=10))',
    'reveal("00.choice", "some", why="3 of 9 were read.")',
    'reveal("00.number", 44, why="3 of 9 were read.")',
    'reveal("00.point", 40, why="The broker was away for 38 of them.")',
    'reveal("00.curve", {1: 10_000, 4: 40_000, 10: 42_000}, why="There are 4 partitions.")',
    'check("01.1", 7)',
    """
from dataclasses import dataclass
from datetime import UTC, datetime
from eventlab.live import Buttons, Card, Cards, PlayerControl

@dataclass
class Status:
    state: str = "playing"
    sent: int = 1200
    acknowledged: int = 1200
    virtual_time: datetime = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
    events_per_second: float = 250
    error: Exception | None = None

class Player:
    speed = 600.0
    status = Status()
    def play(self): self.status = Status()
    def pause(self): self.status = Status("paused")
    def stop(self): self.status = Status("stopped")

player = Player()
control = PlayerControl(player).show()
""",
    'buttons = Buttons({"Stop the broker": lambda: None, "Start it again": lambda: 1 / 0}).show()',
    """
cards = Cards().show()
cards.push([Card("order", ["key ann", "20 cents"])])
""",
    """
from datetime import timedelta
from eventlab.pictures.bench import Event, Scenario, WindowBench
noon, second = datetime(2025, 3, 3, 12, tzinfo=UTC), timedelta(seconds=1)
arriving = [10, 30, 75, 40, 80, 130, 150, 200, 190, 230]
events = tuple(Event(str(n), noon + at * second) for n, at in enumerate(arriving, 1))
bench = WindowBench(Scenario(events, length=60 * second, grace=10 * second)).show()
""",
    "print(player.status.state, player.speed)",
]
CHOICE, NUMBER, POINT, CURVE = range(4)
REVEALED, CHECKED, CONTROL, BUTTONS, CARDS, BENCH, SAID = 4, 8, 9, 10, 11, 12, 13


@pytest.fixture
def notebook(server, request):
    """The name of a notebook with one of everything that asks, answers or can be pressed."""
    # Guesses outlive their kernels, and no test is to find those of another.
    sources = [one.strip().replace('"00.', f'"{request.node.name}.') for one in CELLS]
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "accessible.ipynb")
    return "accessible.ipynb"


@pytest.fixture
def controls(lab_page, notebook):
    """A page with all of them, run up to the predictions."""
    lab_page.open(notebook)
    lab_page.run_cells(CHOICE, CURVE)
    yield lab_page
    lab_page.use_theme("JupyterLab Light")


def output(index):
    """Return the selector of a cell's output."""
    return f".jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputWrapper"


def faults_of_outputs(page):
    """Return what axe-core finds in every output of the notebook, cell by cell."""
    found = []
    for index, outputs in enumerate(page.outputs()):
        if outputs:
            page.select(index)
            page.page.wait_for_selector(output(index))
            found += [f"cell {index}: {fault}" for fault in faults(page, output(index))]
    return found


def guess_in(page, index):
    """Return where a cell asks for its guess."""
    page.select(index)
    return page.output(index).locator("[data-eventlab=guess]")


def spoken_in(page, index):
    """Return what a cell's live region tells."""
    return guess_in(page, index).get_by_role("status").inner_text()


@pytest.mark.long
def test_every_kind_of_guess_is_taken_by_the_keyboard(controls):
    """Each control has a role, a name and a spoken value; each guess is told in a live region."""
    some = guess_in(controls, CHOICE).get_by_role("radiogroup", name="Predict. Which?")
    some.get_by_role("radio", name="none: they are gone").press("ArrowDown")
    until(lambda: spoken_in(controls, CHOICE) == "Your guess: “some”", what="the choice")

    field = guess_in(controls, NUMBER).get_by_role("textbox", name="How many? In orders")
    field.press_sequentially("5,000")
    field.press("Enter")
    refused = "from 0 to 1,000, found 5,000 orders"
    until(lambda: refused in spoken_in(controls, NUMBER), what="the refusal")
    field.fill("500")
    field.press("Enter")
    until(lambda: spoken_in(controls, NUMBER) == "Your guess: 500 orders", what="the number")

    point = guess_in(controls, POINT).get_by_role("slider", name="When?")
    assert point.get_attribute("aria-valuetext") == "not chosen yet"
    point.press("Home")
    point.press("ArrowRight")
    assert point.get_attribute("aria-valuetext") == "0.5 seconds"
    until(lambda: spoken_in(controls, POINT) == "Your guess: 0.5 seconds", what="the point")

    first = guess_in(controls, CURVE).get_by_role("slider", name="rate at readers 1", exact=True)
    first.press("Home")
    first.press("PageUp")
    assert first.get_attribute("aria-valuetext") == "10,000 records/s"
    first.press("ArrowRight")
    second = guess_in(controls, CURVE).get_by_role("slider", name="rate at readers 2", exact=True)
    second.press("End")
    drawn = "Your guess: a curve from 10,000 records/s to 100,000 records/s"
    until(lambda: spoken_in(controls, CURVE) == drawn, what="the curve")

    controls.run_cells(REVEALED, REVEALED + 3)
    until(lambda: "It came out" in spoken_in(controls, CURVE), what="the verdict")
    assert spoken_in(controls, POINT).startswith("You guessed 0.5 seconds: 39.5 seconds away.")
    assert controls.error_outputs() == []


@pytest.mark.long
def test_a_curve_is_drawn_by_the_pointer_and_the_runs_is_laid_over_it(controls):
    """A fast pointer leaves out no point; both stand where the outcome does, too."""
    frame = guess_in(controls, CURVE).locator("svg")
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    mouse = controls.page.mouse
    mouse.move(box["x"] + 0.15 * box["width"], box["y"] + 0.8 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.3 * box["height"], steps=2)
    mouse.move(box["x"] + 0.96 * box["width"], box["y"] + 0.2 * box["height"], steps=2)
    mouse.up()
    drawn = "Your guess: a curve from"
    until(lambda: spoken_in(controls, CURVE).startswith(drawn), what="the curve")
    assert frame.locator(".eventlab-guess-point[data-drawn=true]").count() == 10
    controls.run_cells(REVEALED + 3, REVEALED + 3)
    for index in (CURVE, REVEALED + 3):
        ran = guess_in(controls, index).locator(".eventlab-guess-ran")
        until(lambda: len(ran.get_attribute("points").split()) == 3, what="the run's")  # noqa: B023
        assert "furthest off at" in spoken_in(controls, index).lower()
    controls.screenshot("accessible_drawn")
    controls.restart_kernel()
    gone = "The kernel has ended. Run the cell again to answer."
    until(lambda: spoken_in(controls, CURVE).endswith(gone), what="the end of the kernel")
    assert frame.locator("[aria-disabled=true]").count() == 10


def test_the_players_controls_have_names_and_speak(controls):
    """Pause is a button, speed a slider that says its word; what came of it is told."""
    controls.run_cells(CONTROL, BUTTONS)
    controls.select(CONTROL)
    player = controls.output(CONTROL)
    speed = player.get_by_role("slider", name="speed")
    assert speed.get_attribute("aria-valuetext") == "600"
    speed.press("ArrowRight")
    assert speed.get_attribute("aria-valuetext") == "1,200"
    player.get_by_role("button", name="pause").press("Enter")
    until(lambda: player.get_by_role("status").inner_text() == "paused", what="the state")
    player.get_by_role("button", name="play").press("Enter")
    until(lambda: player.get_by_role("status").inner_text() == "playing", what="the state")
    buttons = controls.output(BUTTONS)
    buttons.get_by_role("button", name="Start it again").press("Enter")
    failed = "ZeroDivisionError: division by zero"
    until(lambda: buttons.get_by_role("status").inner_text() == failed, what="the failure")
    controls.run_cells(SAID, SAID)
    assert controls.outputs()[SAID][0]["text"] == "playing 1200.0\n"


@pytest.mark.parametrize(
    "theme", ["JupyterLab Dark", pytest.param("JupyterLab Light", marks=pytest.mark.long)]
)
def test_axe_finds_nothing_grave_in_anything_of_ours(controls, theme):
    """In light and dark, before and after the run."""
    controls.use_theme(theme)
    controls.run_cells(REVEALED, SAID)
    until(lambda: controls.count("[data-eventlab=bench][data-pictures]"), what="the bench")
    shade = theme.split()[1].lower()
    for index, name in [
        (CHOICE, "choice"),
        (CURVE, "curve"),
        (REVEALED + 3, "reveal"),
        (CONTROL, "player"),
    ]:
        controls.select(index)
        controls.screenshot(f"accessible_{name}_{shade}")
    assert faults_of_outputs(controls) == []
    assert controls.error_outputs() == []


@pytest.mark.long
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_axe_finds_nothing_grave_in_a_chapter(lab_page, chapter):
    """In every output of its own page, as it stands after a run."""
    lab_page.open(chapter)
    lab_page.page.evaluate(
        """() => { for (const cell of window.jupyterapp.shell.currentWidget.content.widgets) {
            const source = cell.model.sharedModel.getSource();
            if (!/^SPEED = /m.test(source)) continue;
            cell.model.sharedModel.setSource(source.replace(/^SPEED = .*$/m, "SPEED = 0"));
        } }"""
    )
    lab_page.run_all()
    assert faults_of_outputs(lab_page) == []
