"""What each chapter takes as a whole: its time, and the memory of everything together.

python -m benchmarks.bench_chapter

It stands beside a broker that has run no other chapter. First it runs in a JupyterLab in Chromium,
as a learner has it; meanwhile the proportional memory (PSS) of the broker, of the server and of the
kernel, with its services and its database, without the browser, is added up ten times a second. The
time is that of the notebook at full speed, without a page, afterwards.
"""

import tempfile
import threading
import time
from pathlib import Path

import nbformat
import psutil
from playwright.sync_api import Browser, sync_playwright

from eventlab.broker import join
from eventlab.course.chapters import Chapter, chosen
from eventlab.doctor import browser_path
from eventlab.tour import execute
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer

LOOKS_PER_SECOND = 10
MOST_MEGABYTES = 600


def main() -> None:
    """Print a table: chapter, seconds, most memory."""
    path = browser_path()
    if path is None:
        raise SystemExit("No Chromium was found: install it, or set EVENTLAB_CHROMIUM to one.")
    print("| chapter | seconds | most memory, MB | of that JupyterLab's server | rest at most |")
    print("|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for chapter in chosen(()):
            with join("benchmark") as broker:
                most, servers = megabytes(chapter, browser, broker.pid)
                took = seconds(chapter)
            memory = f"{most:.0f} | {servers:.0f} | {MOST_MEGABYTES}"
            print(f"| {chapter.number} | {took:.1f} | {memory} |", flush=True)
        browser.close()


def seconds(chapter: Chapter) -> float:
    """Return how long the chapter runs without a page; it has to go well."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = execute(chapter, Path(folder, "out.ipynb"), {"SPEED": 0})
    if run.error or run.flipped:
        raise SystemExit(f"chapter {chapter.number}: {run.error or run.flipped}")
    return time.perf_counter() - started


def megabytes(chapter: Chapter, browser: Browser, broker: int) -> tuple[float, float]:
    """Return the most megabytes seen while a page runs the chapter, and its server's among them."""
    seen = [(0.0, 0.0)]
    done = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "notebooks")
        root.mkdir()
        notebook = nbformat.read(chapter.path, as_version=4)
        (cell,) = (one for one in notebook.cells if "parameters" in one.metadata.get("tags", []))
        cell.source += "\nSPEED = 0"
        nbformat.write(notebook, root / chapter.path.name)
        server = JupyterServer(root, Path(folder, "jupyter"))

        def look() -> None:
            while not done.wait(1 / LOOKS_PER_SECOND):
                own = psutil.Process(server.pid)
                family = {psutil.Process(broker), *own.children(recursive=True)}
                servers = proportional_megabytes(own)
                seen.append((servers + sum(map(proportional_megabytes, family)), servers))

        looking = threading.Thread(target=look, daemon=True)
        looking.start()
        page = LabPage(browser.new_context(), server)
        page.open(chapter.path.name)
        page.run_all()
        done.set()
        looking.join()
        page.page.close()
        server.end()
    return max(seen)


def proportional_megabytes(process: psutil.Process) -> float:
    """Return a process's share of memory; 0 once it has ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return getattr(memory, "pss", memory.rss) / 1e6


if __name__ == "__main__":
    main()
