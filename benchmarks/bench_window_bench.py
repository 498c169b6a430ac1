"""How fast the window bench follows a drag, and how much of that is the real flow.

python -m benchmarks.bench_window_bench

In a real JupyterLab in Chromium one of the events is dragged around for a few seconds, as fast as
the browser takes the pointer's moves. A picture is one that shows the result of a new run of the
flow; its lag is the time from the pointer's first move that it shows, to the drawing's end. The
flow's own share is measured in this process, for each kind.
"""

from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from time import monotonic, perf_counter

import nbformat

from benchmarks.bench_live import a_lab
from eventlab.pictures.bench import Event, Scenario, run
from eventlab.pictures.bench.axis import axis_for
from eventlab.pictures.bench.message import picture_message
from eventlab.pictures.bench.scenario import KINDS
from tests.browser.lab_page import LabPage
from tests.waiting import until

COUNTS, SECONDS, ROUNDS = (25, 100, 200), 5, 50
START = datetime(2025, 3, 3, 10, tzinfo=UTC)
HALF_HOUR_SECONDS = 1800
DELAYS_SECONDS = (0, 0, 0, 10, 60, 150, 500)

SHOWN = """
from benchmarks.bench_window_bench import scenario
from eventlab.pictures.bench import WindowBench
bench = WindowBench(scenario({count}))
"""
BENCH = "[data-eventlab=bench]"
COUNT_PICTURES = """() => {
  const el = document.querySelector("[data-eventlab=bench]");
  window.lags = [];
  new MutationObserver(() => lags.push(Number(el.dataset.lag)))
    .observe(el, { attributes: true, attributeFilter: ["data-pictures"] });
}"""


def main() -> None:
    """Print two tables: the drag in the browser, and the flow alone."""
    print("| events | pictures a second while dragging | drag to picture, median ms | 95 % ms |")
    print("|--:|--:|--:|--:|")
    with a_lab() as (browser, server):
        for count in COUNTS:
            lags = dragged(browser, server, count)
            late = sorted(lags)[int(0.95 * len(lags))]
            figures = f"{len(lags) / SECONDS:.1f} | {median(lags):.0f} | {late:.0f}"
            print(f"| {count} | {figures} |", flush=True)
    print("\n| 100 events | run and result, median ms | to tumbling | message, ms |")
    print("|---|--:|--:|--:|")
    taken = {kind: flow_alone(kind) for kind in KINDS}
    for kind, (ran, told) in taken.items():
        print(f"| {kind} | {ran:.1f} | {ran / taken['tumbling'][0]:.2f} | {told:.2f} |")


def scenario(count: int, kind: str = "tumbling") -> Scenario:
    """Return events of half an hour, some of which were delayed on their way."""
    random = Random(4)
    sent = [HALF_HOUR_SECONDS * number / count for number in range(count)]
    delayed = sorted((at + random.choice(DELAYS_SECONDS) * random.random(), at) for at in sent)
    events = tuple(
        Event(
            str(number),
            START + timedelta(seconds=round(at)),
            random.choice("abc"),
            side=random.choice(["left", "right"]),
        )
        for number, (_, at) in enumerate(delayed, 1)
    )
    return Scenario(events, kind=kind, hop=timedelta(minutes=2.5), grace=timedelta(seconds=30))


def dragged(browser, server, count: int) -> list[float]:
    """Return the lag of each picture, in milliseconds, while an event is dragged."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    lab = LabPage(context, server)
    written = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source)
            for source in (SHOWN.format(count=count).strip(), "bench")
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "window_bench.ipynb")
    lab.open("window_bench.ipynb")
    lab.run_cells(0, 1)
    until(lambda: lab.live("bench").get("pictures", 0) > 0, what="the first picture")
    dot = lab.page.locator(f"{BENCH} [data-id='{count * 2 // 5}'] .eventlab-bench-mark")
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    lab.page.mouse.move(x, y)
    lab.page.mouse.down()
    lab.page.evaluate(COUNT_PICTURES)
    step, end = 0, monotonic() + SECONDS
    while monotonic() < end:
        step += 1
        lab.page.mouse.move(x - step % 200, y + step % 120 / 2)
    lags = lab.page.evaluate("() => window.lags")
    lab.page.mouse.up()
    lab.shut_down_kernel()
    context.close()
    return lags


def flow_alone(kind: str) -> tuple[float, float]:
    """Return the median milliseconds of a run, and of the message that tells the page."""
    made = scenario(100, kind)
    axis, times = axis_for(made), []
    for _ in range(ROUNDS):
        began = perf_counter()
        result = run(made)
        ran = perf_counter()
        picture_message(result, axis)
        times.append((1000 * (ran - began), 1000 * (perf_counter() - ran)))
    return median(ran for ran, _ in times), median(told for _, told in times)


if __name__ == "__main__":
    main()
