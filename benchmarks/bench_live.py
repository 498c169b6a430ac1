"""How fast a live chart moves and what it costs the kernel, against Altair's own JupyterChart.

python -m benchmarks.bench_live

Each way in turn draws the same lines of four series in a real JupyterLab in Chromium, while a
thread sends new points 20 times a second, a hundredth of all the points that are shown at a time.
JupyterChart gets new points the documented way, by assigning its `chart`, from JavaScript that it
has bundled beforehand, and draws on a canvas as ours does. A message without rows is what Jupyter
itself takes for each send, whatever is in it: the floor of the kernel's share. A frame is a moment
in which a canvas of the page was drawn anew; CPU is that of the whole kernel's process, per cent of
one core.
"""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from eventlab.doctor import browser_path
from eventlab.live import warm_up_vega
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.waiting import until

POINTS, SENDS_PER_SECOND, SECONDS = (1_000, 10_000, 50_000), 20, 10
FEEDING = """
import threading, time, math, altair as alt
POINTS, SENDS_PER_SECOND, SECONDS = {points}, {rate}, {seconds}
SERIES = ["books", "games", "music", "tools"]
ENCODING = dict(x=alt.X("at:T"), y=alt.Y("level:Q"), color=alt.Color("series:N"))

def batch(first, count):
    numbers = range(first, first + count)
    return dict(at=[20 * n for n in numbers], series=[SERIES[n % 4] for n in numbers],
                level=[math.sin(n / 300 + n % 4) for n in numbers])

def feed(send):
    first, due = POINTS, time.monotonic()
    while True:
        due = max(due + 1 / SENDS_PER_SECOND, time.monotonic())
        send(batch(first, POINTS // 100))
        first += POINTS // 100
        time.sleep(max(0, due - time.monotonic()))
"""
OURS = """
from eventlab.live import LiveChart
chart = LiveChart(alt.Chart(alt.NamedData("live")).mark_line().encode(**ENCODING),
                  alt="Four lines", keep=POINTS, rate=SENDS_PER_SECOND)
chart.push(**batch(0, POINTS))
send = lambda rows: chart.push(**rows)
chart.show()
"""
FLOOR = (
    OURS
    + """
send = lambda rows: chart.send({"type": "nothing"})
"""
)
ALTAIRS = """
from collections import deque
alt.JupyterChart.enable_offline()
held = deque(maxlen=POINTS)
def drawn(rows):
    held.extend(dict(zip(rows, row)) for row in zip(*rows.values()))
    data = alt.InlineData(values=list(held))
    return alt.Chart(data, width=640, height=240).mark_line().encode(**ENCODING)
chart = alt.JupyterChart(drawn(batch(0, POINTS)), embed_options=dict(renderer="canvas"))
def send(rows):
    chart.chart = drawn(rows)
chart
"""
FEED = "threading.Thread(target=feed, args=(send,), daemon=True).start(); time.sleep(2)"
MEASURE = """
began, cpu = time.monotonic(), time.process_time()
time.sleep(SECONDS)
print(100 * (time.process_time() - cpu) / (time.monotonic() - began))
"""
WAYS = {"LiveChart": OURS, "a message without rows": FLOOR, "Altair's JupyterChart": ALTAIRS}
# Vega clears its canvas before it draws; what is cleared within one task is one frame.
COUNT_FRAMES = """
window.framesDrawn = 0;
const clear = CanvasRenderingContext2D.prototype.clearRect;
let counted = false;
CanvasRenderingContext2D.prototype.clearRect = function (...area) {
  if (!counted) { counted = true; window.framesDrawn += 1; setTimeout(() => { counted = false; }); }
  return clear.apply(this, area);
};
"""
MEASURE_CELL = 3


def main() -> None:
    """Print a table: frames a second and the kernel's CPU, for each way and number of points."""
    warm_up_vega()
    with a_lab() as (browser, server):
        rows = [
            (points, way, *measured(browser, server, way, points))
            for points in POINTS
            for way in WAYS
        ]
    print(table(rows))


@contextmanager
def a_lab():
    """Open JupyterLab over an empty folder, and a browser."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        root = Path(folder, "notebooks")
        root.mkdir()
        server = JupyterServer(root, Path(folder, "jupyter"))
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = play.chromium.launch(executable_path=browser_path(), args=flags)
        try:
            yield browser, server
        finally:
            browser.close()
            server.end()


def measured(browser, server, way: str, points: int) -> tuple[float, float]:
    """Return frames a second, and per cent of a core that the kernel took."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.add_init_script(COUNT_FRAMES)
    lab = LabPage(context, server)
    lab.open(notebook(server.root, way, points))
    lab.run_cells(0, 1)
    until(lambda: drawn(lab) > 0, what="the first frame")
    lab.run_cells(2, 2)
    before = drawn(lab)
    lab.run_cells(MEASURE_CELL, MEASURE_CELL)
    frames = drawn(lab) - before
    (output,) = lab.outputs()[MEASURE_CELL]
    lab.shut_down_kernel()
    context.close()
    return frames / SECONDS, float(output["text"])


def notebook(folder: Path, way: str, points: int) -> str:
    """Write the notebook that shows a chart of a way, feeds it and measures its own CPU."""
    feeding = FEEDING.format(points=points, rate=SENDS_PER_SECOND, seconds=SECONDS)
    written = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(cell.strip()) for cell in (feeding, WAYS[way], FEED, MEASURE)
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, folder / "live.ipynb")
    return "live.ipynb"


def drawn(lab: LabPage) -> int:
    return lab.page.evaluate("() => window.framesDrawn")


def table(rows: list[tuple[int, str, float, float]]) -> str:
    """Return a table in which each figure stands beside its ratio to ours."""
    ours = {points: (frames, cpu) for points, way, frames, cpu in rows if way == "LiveChart"}
    lines = ["| points | way | frames/s | to ours | kernel CPU, % | to ours |"]
    lines += ["|---:|---|---:|---:|---:|---:|"]
    for points, way, frames, cpu in rows:
        own_frames, own_cpu = ours[points]
        lines.append(
            f"| {points:,} | {way} | {frames:.1f} | {frames / own_frames:.2f} "
            f"| {cpu:.1f} | {cpu / own_cpu:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
