"""A live chart in a real JupyterLab, without any Kafka."""

import nbformat
import pytest

from tests.waiting import until

FED = """
import math, threading, time
from datetime import UTC, datetime, timedelta
import altair as alt, ipywidgets
from eventlab.live import LiveChart, use_renderer

height = ipywidgets.IntSlider(value=1, min=1, max=9, description="height")
pressed = []
button = ipywidgets.Button(description="Press")
button.on_click(lambda _: pressed.append(1))
lines = alt.Chart(alt.NamedData("live"), usermeta={"wide": True}).mark_line().encode(
    x=alt.X("at:T", title="time"), y=alt.Y("level:Q", title="level"), color="series:N")
chart = LiveChart(
    lines, alt="Three levels that rise and fall", time="at", window=10, keep=2000,
    controls=[ipywidgets.HBox([height, button])])
halt = threading.Event()

class Feed:
    error = None

    def stop(self):
        halt.set()

chart.fed_by(Feed())

def feed(begin=datetime(2026, 1, 1, tzinfo=UTC), number=0):
    while not halt.wait(0.05):
        number += 1
        at = begin + timedelta(seconds=number / 10)
        chart.push(
            at=[at] * 3, series=["books", "games", "music"],
            level=[height.value * math.sin(number / 30 + k) for k in range(3)])

threading.Thread(target=feed, daemon=True).start()
"""
BUSY = """
limit = time.monotonic() + 30
while (height.value < 4 or not pressed) and time.monotonic() < limit:
    pass
print("height", height.value, "pressed", len(pressed))
"""
STATIC = """
use_renderer()
alt.Chart(alt.InlineData([{"a": 1, "b": 2}, {"a": 2, "b": 3}]), title="A still chart").mark_line(
    ).encode(x="a:Q", y="b:Q")
"""
DREW = "import sys\nprint('vl_convert' in sys.modules)"
CELLS = [FED, "chart.show()", BUSY, "chart.stop()", DREW, STATIC]
SHOW, BUSY_CELL, STOP, DREW_CELL, STATIC_CELL = range(1, 6)
CHART = "[data-eventlab=chart]"


@pytest.fixture
def notebook(server):
    """The name of a notebook with a chart that a thread feeds."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "live_chart.ipynb")
    return "live_chart.ipynb"


@pytest.fixture
def moving(lab_page, notebook):
    """A page on which the chart moves, with a kernel of its own."""
    lab_page.open(notebook)
    lab_page.run_cells(0, SHOW)
    until_it_moves(lab_page)
    yield lab_page
    lab_page.shut_down_kernel()


def until_it_moves(lab_page, frames=10):
    """Wait for so many frames more."""
    wanted = lab_page.live().get("frames", 0) + frames
    until(lambda: lab_page.live().get("frames", 0) > wanted, what="a moving chart")


def height(lab_page, index):
    """Return the height of a cell's output in pixels."""
    return lab_page.output(index).bounding_box()["height"]


def test_a_stage_learns_that_it_needs_the_width(moving):
    """By its name: of two that say so the second one stands below the first."""
    assert moving.count(f"{CHART}.eventlab-wide") == 1


def test_it_moves_and_nothing_else_does(moving):
    """Frames follow each other on one canvas, embedded once, in an output of one height."""
    canvas = moving.page.query_selector(f"{CHART} canvas")
    before = height(moving, SHOW)
    until_it_moves(moving, 40)
    assert moving.live()["embeds"] == 1
    assert moving.page.evaluate(
        f"canvas => canvas === document.querySelector('{CHART} canvas')", canvas
    )
    assert height(moving, SHOW) == before
    assert moving.count(CHART) == 1
    box = moving.page.locator(f"{CHART} [role=img]")
    assert box.get_attribute("aria-label") == "Three levels that rise and fall"
    moving.screenshot("live_chart_light")
    moving.use_theme("JupyterLab Dark")
    until_it_moves(moving)
    moving.screenshot("live_chart_dark")
    moving.use_theme("JupyterLab Light")


def test_its_controls_act_while_a_cell_runs(moving):
    """The busy cell itself sees the slider move and the button pressed."""
    moving.start_cell(BUSY_CELL)
    until(lambda: moving.is_running(BUSY_CELL))
    moving.move_slider("height", 3)
    moving.press("Press")
    moving.until_idle()
    (output,) = moving.outputs()[BUSY_CELL]
    assert output["text"] == "height 4 pressed 1\n"
    assert moving.error_outputs() == []


@pytest.mark.long
def test_its_window_ends_at_the_newest_row(moving):
    """Rows leave as others come: ten seconds of three series, ten points a second in each."""
    until(lambda: moving.live()["sequence"] > 130)
    assert moving.live()["rows"] == 303


def test_stopped_it_is_a_picture_of_the_same_size(moving, server):
    """The saved notebook has it with its words; a chart of Altair's own is a picture too."""
    before = height(moving, SHOW)
    chart = moving.page.locator(f"{CHART} canvas").bounding_box()
    moving.run_cells(STOP, STATIC_CELL)
    assert moving.outputs()[DREW_CELL][0]["text"] == "False\n"  # it is the page's own
    moving.select(SHOW)
    still = moving.output(SHOW).locator("img")
    assert (still.bounding_box()["width"], still.bounding_box()["height"]) == (
        chart["width"],
        chart["height"],
    )
    assert before - 60 < height(moving, SHOW) <= before  # the controls have gone
    moving.screenshot("live_chart_stopped")
    moving.save()
    saved = nbformat.read(server.root / "live_chart.ipynb", as_version=4)
    shown, static = saved.cells[SHOW].outputs[0], saved.cells[STATIC_CELL].outputs[0]
    assert set(shown.data) == {"image/png", "text/plain"}
    assert shown.metadata["image/png"]["alt"] == "Three levels that rise and fall"
    assert static.metadata["image/png"]["alt"] == "A still chart"
    moving.select(STATIC_CELL)
    assert moving.output(STATIC_CELL).locator("img").evaluate("img => img.naturalWidth") > 300
    moving.screenshot("static_chart")


RESTING = """
import altair as alt
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider

size = StepSlider("size", [(str(n), n) for n in range(1, 6)], 1)
bars = LiveChart(alt.Chart(alt.NamedData("live")).mark_bar().encode(x="a:O", y="b:Q"),
                 alt="A bar that a slider moves", key="a", controls=[size])
size.observe(lambda _: bars.push(a=[1], b=[size.value]), "index")
bars.push(a=[1], b=[1])
bars.show()
"""


def test_a_chart_in_a_cell_is_saved_as_a_picture_while_its_kernel_lives(lab_page, server):
    """With its words, as its slider has left it; and there it can be moved on."""
    code = nbformat.v4.new_code_cell(RESTING.strip())
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    written = nbformat.v4.new_notebook(
        cells=[code, nbformat.v4.new_markdown_cell("below")], metadata=kernel
    )
    nbformat.write(written, server.root / "resting.ipynb")
    lab_page.open("resting.ipynb")
    lab_page.run_cells(0, 0)
    lab_page.page.mouse.move(0, 0)  # a hand over the chart keeps it from being at rest
    first = saved_picture(lab_page, server, before="")
    lab_page.move_slider("size", 2)
    lab_page.select(1)
    lab_page.page.locator(".eventlab-steps input").blur()
    second = saved_picture(lab_page, server, before=first)
    assert second != first
    lab_page.move_slider("size", 1)
    assert lab_page.count(f"{CHART} canvas") == 1
    assert lab_page.page.locator(".eventlab-steps input").input_value() == "3"
    lab_page.shut_down_kernel()


def saved_picture(lab_page, server, before):
    """Return the picture in the saved notebook, once it is another than `before`."""

    def read():
        (output,) = lab_page.outputs()[0]
        return output["data"].get("image/png", "")

    until(lambda: read() not in ("", before), seconds=30, what="a picture beside the view")
    lab_page.save()
    (output,) = nbformat.read(server.root / "resting.ipynb", as_version=4).cells[0].outputs
    assert output.metadata["image/png"]["alt"] == "A bar that a slider moves"
    return output.data["image/png"]


@pytest.mark.long
def test_it_comes_back_after_a_reload(moving):
    """The page that opens anew gets the rows that came before, and moves on."""
    rows = moving.live()["rows"]
    moving.save()
    moving.reload()
    until(lambda: moving.live().get("rows", 0) >= rows, what="the rows to come back")
    until_it_moves(moving)
    assert moving.count(f"{CHART} canvas") == 1
    moving.screenshot("live_chart_after_reload")


@pytest.mark.long
def test_when_its_kernel_ends_it_says_so(moving):
    """After a restart one line tells what to do, and running the cells shows one chart."""
    moving.restart_kernel()
    moving.page.wait_for_selector("text=The kernel has ended. To see this move again")
    assert moving.page.locator(f"{CHART} canvas").is_visible()
    moving.screenshot("live_chart_restarted")
    moving.run_cells(0, SHOW)
    until_it_moves(moving)
    assert moving.count(CHART) == 1
    assert moving.count("text=The kernel has ended") == 0


@pytest.mark.long
def test_the_saved_notebook_shows_its_last_frame(moving, server):
    """Opened the day after, with no kernel, it is a picture with a line under it."""
    until(lambda: moving.live().get("remembered"), what="a frame to keep")
    moving.save()
    moving.shut_down_kernel()
    moving.open("live_chart.ipynb")
    moving.select(SHOW)
    still = moving.page.locator(f"{CHART} img")
    still.wait_for()
    assert still.get_attribute("alt") == "Three levels that rise and fall"
    assert "choose Run > Run All Cells" in moving.output(SHOW).inner_text()
    moving.screenshot("live_chart_reopened")


LEGEND = """
from eventlab.course.ch05_copies import RIGHT, copies_chart
from eventlab.live import LiveChart

LiveChart(copies_chart(["a", "b"]), alt="Two products", key="id").show().push(
    id=["1"], copy=["support"], product=["a"], state=[RIGHT], words=[""])
"""
ROWS_ABOVE = """(chart) => {
    const canvas = chart.querySelector("canvas");
    if (!canvas.width) return false;
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, 4).data;
    return data.every((value) => value === data[0] || value === 255);
}"""


@pytest.mark.long
def test_a_legend_that_folds_is_not_cut_off(lab_page, server):
    """When the page gets narrower, and nothing new is drawn."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(LEGEND.strip())],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "legend.ipynb")
    lab_page.open("legend.ipynb")
    lab_page.run_cells(0, 0)
    chart = lab_page.output(0).locator(CHART)
    until(lambda: lab_page.live().get("rows") == 1, what="its row")
    width = "(canvas) => canvas.clientWidth"
    until(lambda: chart.locator("canvas").evaluate(width) > 400, what="a wide chart")
    chart.evaluate("(one) => { one.style.width = '240px'; }")
    until(lambda: 0 < chart.locator("canvas").evaluate(width) < 250, what="a narrow chart")
    # At what another chart says when it has become narrower, this one measures itself too.
    lab_page.page.evaluate(
        """async () => {
            window.dispatchEvent(new Event("resize"));
            for (let frame = 0; frame < 5; frame += 1) await new Promise(requestAnimationFrame);
        }"""
    )
    until(lambda: chart.evaluate(ROWS_ABOVE), seconds=5, what="room above its legend")
    lab_page.screenshot("legend_folded")


REMADE = """
remade = LiveChart(lines, alt="Three levels, made anew", keep=2000)
remade.push(at=list(range(900)), level=[n % 7 for n in range(900)], series=["books"] * 900)
remade.show()
"""


def held(page, prototype):
    """Return how many objects of a kind the page keeps, after its garbage was collected."""
    session = page.context.new_cdp_session(page)
    group = {"objectGroup": "held"}  # else what was counted would be kept by the count
    session.send("HeapProfiler.collectGarbage")
    kind = session.send("Runtime.evaluate", {"expression": prototype} | group)["result"]["objectId"]
    found = session.send("Runtime.queryObjects", {"prototypeObjectId": kind} | group)["objects"]
    counted = session.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objectId"],
            "functionDeclaration": "function () { return this.length; }",
            "returnByValue": True,
        },
    )
    session.send("Runtime.releaseObjectGroup", group)
    session.detach()
    return counted["result"]["value"]


def until_nothing_is_left(page, run):
    """Run a cell six times, and wait for the canvases of the earlier runs to go.

    What is cut off while it is drawn goes a moment later. What is never let go is one canvas of
    each run, or more.
    """
    kept = []
    for _ in range(2):
        run()
        kept.append(held(page, "HTMLCanvasElement.prototype"))
    for _ in range(4):
        run()
    most = min(kept) + 3
    until(lambda: held(page, "HTMLCanvasElement.prototype") <= most, what=f"no more than {most}")


@pytest.mark.long
def test_a_cell_that_is_run_again_leaves_nothing_of_its_chart(lab_page, server):
    """After six times the page keeps about as many canvases, of views too, as after the second."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in (FED, REMADE)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "remade.ipynb")
    lab_page.open("remade.ipynb")
    lab_page.run_cells(0, 0)

    def run():
        lab_page.run_cells(1, 1)
        until(lambda: lab_page.live().get("rows") == 900, what="its rows")

    until_nothing_is_left(lab_page.page, run)
    lab_page.shut_down_kernel()
