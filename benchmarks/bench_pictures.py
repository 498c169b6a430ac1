"""How fast the pictures of streams move with 5,000 points.

python -m benchmarks.bench_pictures

Each picture in turn stands in a real JupyterLab in Chromium, already has 5,000 rows, and gets 50
more 20 times a second, straight into its chart, so that Kafka's speed plays no part. A frame is a
moment in which a canvas of the page was drawn anew; of the table, which has no canvas, it is an
update of its cells. Fifteen a second is the goal.
"""

from pathlib import Path

import nbformat

from benchmarks.bench_live import COUNT_FRAMES, a_lab, drawn
from eventlab.live import warm_up_vega
from tests.browser.lab_page import LabPage
from tests.waiting import until

SECONDS = 8
COMMON = """
import threading, time
from eventlab.live import LiveChart
from eventlab.pictures.join import join_chart
from eventlab.pictures.lag import lag_chart
from eventlab.pictures.lanes_chart import lanes_chart
from eventlab.live.sheet import Sheet
from eventlab.pictures.windows_chart import Look, windows_chart
POINTS, NOW = 5_000, 1_741_003_200_000

def joins(numbers):
    kinds = ["waiting", "matched", "matched", "alone"]
    return dict(id=[str(n) for n in numbers], what=[kinds[n % 4] for n in numbers],
                at=[NOW + 1000 * n for n in numbers], lane=[n % 2 + n % 97 / 140 for n in numbers],
                until=[None for n in numbers], other_lane=[None for n in numbers],
                words=["an event" for n in numbers])

def windows(numbers):
    kinds = ["on time", "late, counted", "dropped", "stream time"]
    return dict(id=[str(n) for n in numbers], what=[kinds[n % 4] for n in numbers],
                at=[NOW + 1000 * n - n % 17 * 9000 for n in numbers],
                until=[None for n in numbers], value=[None for n in numbers],
                partition=[None for n in numbers], arrived=[NOW + 1000 * n for n in numbers],
                words=["an event" for n in numbers])

def lags(numbers):
    return dict(at=[NOW + 250 * (n // 4) for n in numbers], partition=[str(n % 4) for n in numbers],
                lag=[n // 4 % 100 for n in numbers])

def lanes(numbers):
    return dict(id=[str(n) for n in numbers], partition=[n % 4 for n in numbers],
                offset=[n // 4 for n in numbers], group=["others" for n in numbers],
                what=["a record" for n in numbers])

def rows(numbers):
    return [(f"k{n}", {"open": n % 7, "cents": n}) for n in numbers]
"""
CHARTS = {
    "a join": 'LiveChart(join_chart("a", "b"), key="id", keep=POINTS, alt="A join"), joins',
    "windows": 'LiveChart(windows_chart(Look("t", True, "v")), key="id",'
    ' keep=POINTS, alt="Windows"), windows',
    "lag": 'LiveChart(lag_chart("audit"), keep=POINTS), lags',
    "lanes": 'LiveChart(lanes_chart(4, []), key="id", keep=POINTS, alt="Lanes"), lanes',
    "a table": 'Sheet("Table", key="k", alt="A table", most=16), rows',
}
SHOW = """
chart, made = {chart}
def send(numbers):
    chart.put(made(numbers)) if isinstance(chart, Sheet) else chart.push(**made(numbers))

send(range(POINTS))
chart.show()
"""
FEED = """
def feed(first=POINTS):
    while True:
        send(range(first, first + 50))
        first += 50
        time.sleep(0.05)

threading.Thread(target=feed, daemon=True).start()
time.sleep(2)
"""


def main() -> None:
    """Print a table: picture, frames a second."""
    warm_up_vega()
    print("| picture | frames/s |")
    print("|---|--:|")
    with a_lab() as (browser, server):
        for name, chart in CHARTS.items():
            print(f"| {name} | {measured(browser, server, chart):.1f} |", flush=True)


def measured(browser, server, chart: str) -> float:
    """Return frames a second."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.add_init_script(COUNT_FRAMES)
    lab = LabPage(context, server)
    lab.open(notebook(server.root, chart))
    lab.run_cells(0, 1)
    until(lambda: moved(lab) > 0, what="the first frame")
    lab.run_cells(2, 2)
    before = moved(lab)
    lab.run_cells(3, 3)
    frames = moved(lab) - before
    lab.shut_down_kernel()
    context.close()
    return frames / SECONDS


def notebook(folder: Path, chart: str) -> str:
    """Write the notebook that shows a picture and feeds it."""
    sources = [COMMON, SHOW.format(chart=chart), FEED, f"time.sleep({SECONDS})"]
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, folder / "picture.ipynb")
    return "picture.ipynb"


def moved(lab: LabPage) -> float:
    return lab.live("sheet").get("updates", 0) or drawn(lab)


if __name__ == "__main__":
    main()
