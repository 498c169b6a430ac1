"""How long it takes from a clone to the first moving chart: with nothing there, and again.

python -m benchmarks.bench_first_chart

Cold: an empty folder, an empty cache of ours and of the installers; `make setup` fetches, installs
and warms up. Warm: the same clone again. Both then run `eventlab lab`, open chapter 00 in Chromium,
run all cells by the menu, and wait until the chart has drawn its first orders.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from eventlab.course.chapters import ROOT
from eventlab.doctor import browser_path
from tests.waiting import until

PARTS = ("set-up", "JupyterLab's page", "first moving chart", "together")


def main() -> None:
    """Print a table: the seconds of each part, cold and warm."""
    with tempfile.TemporaryDirectory(prefix="eventlab-clone-") as folder, sync_playwright() as play:
        clone = Path(folder, "eventlab")
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        print(f"| | {' | '.join(f'{part}, s' for part in PARTS)} |")
        print("|---|---|---|---|---|")
        for name in ("cold", "warm"):
            seconds = measured(clone, Path(folder), browser)
            print(f"| {name} | {' | '.join(f'{value:.1f}' for value in seconds)} |", flush=True)


def measured(clone: Path, folder: Path, browser: Browser) -> list[float]:
    """Return the seconds of each part, and of all together."""
    environment = os.environ | {
        "EVENTLAB_HOME": str(folder / "home"),
        "UV_CACHE_DIR": str(folder / "uv"),
        "PIP_CACHE_DIR": str(folder / "pip"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
    }
    started = time.perf_counter()
    subprocess.run(
        ["make", "--silent", "setup"],
        cwd=clone,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    installed = time.perf_counter()
    lab = subprocess.Popen(
        [clone / ".venv" / "bin" / "eventlab", "lab", "--no-browser"],
        env=environment | {"JUPYTER_ALLOW_ROOT": "1"},
        cwd=clone,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        page = browser.new_page()
        page.goto(until(lambda: link(folder / "runtime"), seconds=60, what="JupyterLab"))
        page.get_by_role("heading", name="Welcome").wait_for(timeout=60_000)
        opened = time.perf_counter()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        page.locator("[data-eventlab=chart][data-rows]:not([data-rows='0'])").wait_for()
        moved = time.perf_counter()
        page.close()
    finally:
        lab.send_signal(signal.SIGTERM)
        lab.wait(30)
    marks = [started, installed, opened, moved]
    return [*(later - earlier for earlier, later in pairwise(marks)), moved - started]


def link(runtime: Path) -> str | None:
    """Return the link that JupyterLab gives out, once it does."""
    for note in runtime.glob("jpserver-*.json"):
        facts = json.loads(note.read_text(encoding="utf-8") or "{}")
        if facts:
            return f"{facts['url']}lab/tree/notebooks/00_welcome.ipynb?token={facts['token']}"
    return None


if __name__ == "__main__":
    main()
