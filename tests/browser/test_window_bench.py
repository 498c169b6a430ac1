"""The window bench in a real JupyterLab: a dot is dragged, and a real flow makes the picture."""

import nbformat
import pytest

from eventlab.pictures.bench.widget import DATA_TYPE
from tests.waiting import until

MADE = """
from datetime import UTC, datetime, timedelta
from eventlab.pictures.bench import Event, Scenario, WindowBench

noon, second = datetime(2025, 3, 3, 12, tzinfo=UTC), timedelta(seconds=1)
arriving = [10, 30, 75, 40, 80, 130, 150, 200, 190, 230]
events = tuple(Event(str(n), noon + at * second) for n, at in enumerate(arriving, 1))
bench = WindowBench(Scenario(events, length=60 * second, grace=10 * second))
"""
BUSY = """
import time
limit = time.monotonic() + 30
while bench.result.missed and time.monotonic() < limit:
    pass
print("late", len(bench.result.missed))
"""
SAID = "print([one.id for one in bench.result.missed], bench.scenario.kind, bench.scenario.grace)"
CELLS = [MADE, "bench", BUSY, SAID, "bench.stop()"]
SHOW, BUSY_CELL, SAID_CELL, STOP = range(1, 5)
BENCH = "[data-eventlab=bench]"


@pytest.fixture
def notebook(server):
    """The name of a notebook with a bench on which the fourth of ten events is late."""
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "window_bench.ipynb")
    return "window_bench.ipynb"


@pytest.fixture
def bench(lab_page, notebook):
    """A page with the bench, drawn once, and a kernel of its own."""
    lab_page.open(notebook)
    lab_page.run_cells(0, SHOW)
    until(lambda: status(lab_page, 4) == "too late", what="the first picture")
    yield lab_page
    assert lab_page.error_outputs() == []
    lab_page.shut_down_kernel()


def dot(page, number):
    """Return an event's dot."""
    return page.page.locator(f"{BENCH} [data-id='{number}']")


def status(page, number):
    """Return what the picture says has become of an event; None before there is one."""
    there = dot(page, number)
    return there.get_attribute("data-status") if there.count() else None


def middle(page, number):
    """Return where on the page an event's dot is."""
    box = dot(page, number).locator(".eventlab-bench-mark").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def in_python(page):
    """Return what Python says is late, and how the bench is set."""
    page.run_cells(SAID_CELL, SAID_CELL)
    return page.outputs()[SAID_CELL][0]["text"].strip()


def column(page):
    """Return the values that stand in the windows."""
    return page.page.locator(f"{BENCH} .eventlab-bench-window text").all_text_contents()


@pytest.fixture
def light_bench(bench):
    """The bench on a page that is light, and is so again at the end."""
    bench.use_theme("JupyterLab Light")
    yield bench
    bench.use_theme("JupyterLab Light")


def colours(page, selector, name):
    """Return the colours, as red, green and blue, that a property has on elements of the bench."""
    return page.page.locator(f"{BENCH} {selector}").evaluate_all(
        "(all, name) => all.map((one) => getComputedStyle(one)[name].match(/[0-9.]+/g).slice(0, 3)"
        ".map(Number))",
        name,
    )


def luminance(colour):
    """Return how bright a colour is, from 0 to 1, as WCAG 2 defines it."""
    parts = [part / 255 for part in colour]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    """Return the contrast of two colours, from 1 to 21."""
    darker, brighter = sorted((luminance(one), luminance(other)))
    return (brighter + 0.05) / (darker + 0.05)


def faint(page, ground):
    """Return the colours of words and of dots that WCAG 2 calls too near to the ground's.

    A dot stands out by its fill or by its edge.
    """
    words = colours(page, ".eventlab-bench-stage svg text", "fill")
    words += colours(page, ".eventlab-bench-bubble", "color")
    fills = colours(page, ".eventlab-bench-mark", "fill")
    edges = colours(page, ".eventlab-bench-mark", "stroke")
    assert len(words) > 10
    assert len(fills) == 10
    dots = [
        (fill, edge)
        for fill, edge in zip(fills, edges, strict=True)
        if max(contrast(fill, ground), contrast(edge, ground)) < 3
    ]
    return [one for one in words if contrast(one, ground) < 4.5] + dots


def test_it_is_light_or_dark_as_the_page_is(light_bench):
    """It changes with the page, at once; all that it says stays legible."""
    bench = light_bench
    [light] = colours(bench, ".eventlab-bench-ground rect", "fill")
    assert luminance(light) > 0.9
    assert faint(bench, light) == []
    for theme in ("light", "dark"):
        bench.use_theme(f"JupyterLab {theme.title()}")
        bench.select(SHOW)
        dot(bench, 4).focus()
        bench.page.locator(f"{BENCH} .eventlab-bench-bubble").wait_for()
        bench.screenshot(f"window_bench_{theme}", BENCH)
    [dark] = colours(bench, ".eventlab-bench-ground rect", "fill")
    assert luminance(dark) < 0.1
    assert colours(bench, ".eventlab-bench-bubble", "backgroundColor") == [dark]
    assert faint(bench, dark) == []
    bench.use_theme("JupyterLab Light")
    assert colours(bench, ".eventlab-bench-ground rect", "fill") == [light]


def test_a_dot_is_dragged_by_the_mouse(bench):
    """Before the third arrival the fourth is on time, at the end it is not: in Python too."""
    bench.screenshot("window_bench", BENCH)
    (x, y), (_, third) = middle(bench, 4), middle(bench, 3)
    before = column(bench)
    mouse = bench.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, third - 2, steps=8)
    until(lambda: status(bench, 4) == "on time", what="the picture to follow before the drop")
    assert column(bench) != before
    mouse.up()
    assert in_python(bench).startswith("[] ")
    bench.select(SHOW)
    (x, y), (_, last) = middle(bench, 4), middle(bench, 10)
    mouse.move(x, y)
    mouse.down()
    mouse.move(x, last, steps=8)
    mouse.up()
    until(lambda: status(bench, 4) == "too late")
    assert in_python(bench).startswith("['4'] ")


@pytest.mark.long
def test_a_dot_is_moved_by_touch(bench):
    """A finger drags in event time, and the page does not scroll under it."""
    x, y = middle(bench, 4)
    right = middle(bench, 3)[0] + 20
    client = bench.page.context.new_cdp_session(bench.page)
    client.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind, *points):
        spots = [{"x": x, "y": y} for x, y in points]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    touch("touchStart", (x, y))
    for step in range(1, 9):
        touch("touchMove", (x + (right - x) * step / 8, y))
    until(lambda: status(bench, 4) == "on time")
    touch("touchEnd")
    assert middle(bench, 4)[1] == pytest.approx(y, abs=1)
    assert in_python(bench).startswith("[] ")


def test_a_dot_is_moved_by_the_keyboard_and_says_why(bench):
    """Page Up chooses the next one, arrows move it, and focus gives the reason."""
    dot(bench, 1).focus()
    for _ in range(3):
        bench.page.keyboard.press("PageUp")
    bubble = bench.page.locator(f"{BENCH} .eventlab-bench-bubble")
    reason = (
        "too late: arrived when the watermark stood at 12:01:15; its window 12:00 to 12:01 closed"
        " when the watermark reached 12:01:10 (its end and 10 s grace); 5 s too late"
    )
    assert reason in bubble.inner_text()
    summary = bench.page.locator(f"{BENCH} .eventlab-bench-summary").inner_text()
    assert "1 too late, missing" in summary
    assert reason in bench.page.locator(f"{BENCH} [role=status]").first.inner_text()
    bench.screenshot("window_bench_reason", BENCH)
    bench.page.keyboard.press("ArrowDown")
    until(lambda: status(bench, 4) == "on time")
    assert "on time: arrived when the watermark stood at 12:00:40" in bubble.inner_text()
    bench.page.keyboard.press("ArrowUp")
    until(lambda: status(bench, 4) == "too late")
    bench.page.keyboard.press("Shift+ArrowRight")
    bench.page.keyboard.press("Shift+ArrowRight")
    bench.page.keyboard.press("Shift+ArrowRight")
    until(lambda: status(bench, 4) == "late")
    assert in_python(bench).startswith("[] ")


def test_a_key_can_be_held_on_its_controls_and_dots(bench):
    """Each step shows at once, none is taken back by an older answer, and the focus stays."""
    keyboard = bench.page.keyboard
    slider = bench.page.locator(f"{BENCH} input[name=grace]")
    slider.focus()
    for _ in range(12):
        before = float(slider.input_value())
        keyboard.press("ArrowRight")
        assert float(slider.input_value()) == before + float(slider.get_attribute("step"))
    last = slider.input_value()
    kind = bench.page.locator(f"{BENCH} select").first
    kind.focus()
    for name in ("hopping", "sliding", "session"):
        keyboard.press("ArrowDown")
        assert kind.input_value() == name
    dot(bench, 4).focus()
    times = set()
    for _ in range(10):
        keyboard.press("ArrowRight")
        times.add(bench.page.evaluate("() => document.activeElement.dataset.id"))
    assert times == {"4"}
    grace = round(float(last) / 1000)
    wanted = f" session 0:00:{grace:02}"
    until(lambda: in_python(bench).endswith(wanted), what="the last of each in Python")
    assert (slider.input_value(), kind.input_value()) == (last, "session")


@pytest.mark.long
def test_at_rest_a_still_stands_beside_it(bench, server):
    """What is saved shows it where nothing can move; the bench goes on."""

    def saved():
        bench.save()
        found = nbformat.read(server.root / "window_bench.ipynb", as_version=4)
        (output,) = found.cells[SHOW].outputs
        return output.data

    bench.page.mouse.move(5, 5)
    until(lambda: "image/png" in saved(), seconds=30, what="a still beside the bench")
    assert bench.count(BENCH) == 1
    dot(bench, 4).focus()
    bench.page.keyboard.press("ArrowDown")
    until(lambda: status(bench, 4) == "on time", what="a bench that goes on")


def test_hovering_tells_why_and_what_a_window_holds(bench):
    """The bubble of a dot goes when the pointer does."""
    bubble = bench.page.locator(f"{BENCH} .eventlab-bench-bubble")
    bench.page.mouse.move(*middle(bench, 4))
    bubble.wait_for()
    assert "5 s too late" in bubble.inner_text()
    bench.page.locator(f"{BENCH} .eventlab-bench-window").first.hover()
    until(lambda: "12:00 to 12:01: 2" in bubble.inner_text())
    bench.page.mouse.move(5, 5)
    until(lambda: not bubble.is_visible())


def test_sliders_and_kinds_change_the_run_while_a_cell_is_busy(bench):
    """The busy cell itself sees that more grace lets the late one in."""
    bench.start_cell(BUSY_CELL)
    until(lambda: bench.is_running(BUSY_CELL))
    slider = bench.page.locator(f"{BENCH} input[name=grace]")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowRight")
    until(lambda: status(bench, 4) == "late")
    bench.until_idle()
    assert bench.outputs()[BUSY_CELL][0]["text"] == "late 0\n"
    bench.page.locator(f"{BENCH} select").first.select_option("session")
    until(lambda: "session windows" in bench.page.locator(f"{BENCH} svg").first.text_content())
    assert in_python(bench) == "[] session 0:00:16"
    bench.select(SHOW)
    bench.page.locator(f"{BENCH} button").click()
    until(lambda: status(bench, 4) == "too late")
    assert in_python(bench) == "['4'] tumbling 0:00:10"


@pytest.mark.long
def test_it_comes_back_after_a_reload(bench):
    """With what was changed."""
    dot(bench, 4).focus()
    bench.page.keyboard.press("ArrowDown")
    until(lambda: status(bench, 4) == "on time")
    bench.save()
    bench.reload()
    until(lambda: status(bench, 4) == "on time", what="the bench to come back")


@pytest.mark.long
def test_stopped_it_is_a_picture_with_its_data(bench, server):
    """The saved notebook has what came out of the last run."""
    bench.run_cells(STOP, STOP)
    bench.save()
    saved = nbformat.read(server.root / "window_bench.ipynb", as_version=4)
    (output,) = saved.cells[SHOW].outputs
    assert set(output.data) == {"image/png", "text/plain", DATA_TYPE}
    assert [one["id"] for one in output.data[DATA_TYPE]["late"]] == ["4"]
    assert "10 events" in output.metadata["image/png"]["alt"]


@pytest.mark.long
def test_when_its_kernel_ends_it_says_so(bench):
    """The last picture stays, and one line tells what to do; run again, it works again."""
    bench.restart_kernel()
    bench.page.wait_for_selector("text=The kernel has ended. To see this move again")
    assert status(bench, 4) == "too late"
    bench.run_cells(0, SHOW)
    until(lambda: bench.count(BENCH) == 1 and status(bench, 4) == "too late")
    dot(bench, 4).focus()
    bench.page.keyboard.press("ArrowDown")
    until(lambda: status(bench, 4) == "on time")
