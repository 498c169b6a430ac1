"""What chapter 01 takes as a whole: its time, and the memory of everything together.

python -m benchmarks.bench_chapter

The notebook runs at full speed beside a broker that is up; meanwhile the proportional memory (PSS)
of the broker, of a JupyterLab server and of the notebook's kernel is added up ten times a second.
"""

import tempfile
import threading
import time
from pathlib import Path

import psutil

from eventlab.broker import join
from eventlab.chapters import NOTEBOOKS, chosen
from eventlab.tour import execute
from tests.browser.server import JupyterServer

LOOKS_PER_SECOND = 10
MOST_MEGABYTES = 600


def main() -> None:
    """Print a table: chapter, seconds, most memory."""
    print("| chapter | seconds | most memory of broker, server and kernel, MB | at most |")
    print("|---|---|---|---|")
    with join("benchmark") as broker, tempfile.TemporaryDirectory() as folder:
        server = JupyterServer(NOTEBOOKS, Path(folder))
        for number in ("00", "01"):
            seconds, megabytes = measured(number, [broker.pid])
            print(f"| {number} | {seconds:.1f} | {megabytes:.0f} | {MOST_MEGABYTES} |")
        server.end()


def measured(number: str, others: list[int]) -> tuple[float, float]:
    """Return the seconds of a chapter's run and the most megabytes seen during it."""
    seen, done = [0.0], threading.Event()

    def look() -> None:
        while not done.wait(1 / LOOKS_PER_SECOND):
            seen.append(sum(map(proportional_megabytes, [*map(psutil.Process, others), *ours()])))

    threading.Thread(target=look, daemon=True).start()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = execute(chosen((number,))[0], Path(folder, "out.ipynb"), {"SPEED": 0})
    seconds = time.perf_counter() - started
    done.set()
    if run.error or run.flipped:
        raise SystemExit(f"chapter {number}: {run.error or run.flipped}")
    return seconds, max(seen)


def ours() -> list[psutil.Process]:
    """Return the processes that this one has started: the server and the notebook's kernel."""
    return psutil.Process().children(recursive=True)


def proportional_megabytes(process: psutil.Process) -> float:
    """Return a process's share of memory; 0 once it has ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0.0
    return getattr(memory, "pss", memory.rss) / 1e6


if __name__ == "__main__":
    main()
