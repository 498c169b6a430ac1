"""What is here, what is missing, and what to do about it."""

import importlib.metadata
import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from eventlab.broker import installation
from eventlab.broker.distribution import VERSION, kafka_jars
from eventlab.broker.java import find_java
from eventlab.errors import EventlabError
from eventlab.folders import cache_folder, data_folder, writing_to

NEEDED_MEGABYTES = 600
NEEDED_DISK_MEGABYTES = 300
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

State = Literal["ok", "missing", "optional"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: ok, missing, or missing and not needed by every learner."""

    what: str
    state: State
    found: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything that the lab needs; nothing is changed."""
    for what, look in _LOOKS.items():
        try:
            yield look(what)
        except EventlabError as error:
            yield Finding(what, "missing", str(error), error.remedy)


def _finding(
    what: str, fine: bool, found: str, remedy: str, otherwise: State = "missing"
) -> Finding:
    return Finding(what, "ok" if fine else otherwise, found, "" if fine else remedy)


def _python(what: str) -> Finding:
    fine = (3, 11) <= sys.version_info[:2] <= (3, 12)
    return _finding(what, fine, platform.python_version(), "Use Python 3.11 or 3.12.")


def _packages(what: str) -> Finding:
    names = ("jupyterlab", "confluent-kafka", "bytewax", "altair")
    found = [f"{name} {importlib.metadata.version(name)}" for name in names]
    return Finding(what, "ok", ", ".join(found))


def _java(what: str) -> Finding:
    java = find_java()
    return Finding(what, "ok", f"{java.build} from {java.source}")


def _jars(what: str) -> Finding:
    damaged = kafka_jars().damaged()
    found = f"{len(damaged)} missing or damaged" if damaged else f"{VERSION}, as locked"
    return _finding(what, not damaged, found, "Run eventlab warm-up.")


def _start(what: str) -> Finding:
    stands = installation.stands()
    found = "template and archive ready" if stands else "not made yet"
    return _finding(what, stands, found, "Run eventlab warm-up: starts are then quick.", "optional")


def _vega(what: str) -> Finding:
    from eventlab.live import vega_is_ready

    found = "bundled" if vega_is_ready() else "not bundled yet"
    remedy = "Run eventlab warm-up: the first live chart is then quick."
    return _finding(what, vega_is_ready(), found, remedy, "optional")


def _folder(what: str, folder: Path) -> Finding:
    with writing_to(folder):
        free = shutil.disk_usage(folder).free // 1_000_000
    remedy = "Free some space, or set EVENTLAB_HOME to a folder on another disk."
    return _finding(what, free >= NEEDED_DISK_MEGABYTES, f"{folder}, {free} MB free", remedy)


def _cache(what: str) -> Finding:
    return _folder(what, cache_folder())


def _data(what: str) -> Finding:
    return _folder(what, data_folder())


def _loopback(what: str) -> Finding:
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            return Finding(what, "ok", f"127.0.0.1 gives ports such as {server.getsockname()[1]}")
    except OSError as error:
        remedy = "Allow programs to listen on 127.0.0.1."
        return Finding(what, "missing", str(error), remedy)


def _memory(what: str) -> Finding:
    free = psutil.virtual_memory().available // 1_000_000
    remedy = "Close other programs; a chapter needs about 600 MB."
    return _finding(what, free >= NEEDED_MEGABYTES, f"{free} MB free", remedy)


def _broker(what: str) -> Finding:
    from eventlab.broker import present_seat

    broker = present_seat("eventlab doctor")
    if broker is None:
        return Finding(what, "ok", "none runs; the first notebook starts one")
    with broker:
        kind = "your own" if broker.external else "running"
        return Finding(what, "ok", f"{kind} at {broker.bootstrap_servers}")


def _postgres(what: str) -> Finding:
    from eventlab.database.checking import how_it_runs

    try:
        return Finding(what, "ok", how_it_runs())
    except EventlabError as error:  # the chapters without a database do without it
        return Finding(what, "optional", str(error), error.remedy)


def browser_path() -> str | None:
    """Return the Chromium that the browser tests drive, None where there is none."""
    named = os.environ.get("EVENTLAB_CHROMIUM")
    if named:
        return named
    found = (shutil.which(name) for name in BROWSERS)
    return next((path for path in found if path), None)


def _browser(what: str) -> Finding:
    path = browser_path()
    remedy = "Only the browser tests need it: install Chromium, or set EVENTLAB_CHROMIUM."
    return _finding(what, path is not None, path or "no Chromium", remedy, "optional")


_LOOKS: dict[str, Callable[[str], Finding]] = {
    "Python": _python,
    "Packages": _packages,
    "Java": _java,
    "Kafka": _jars,
    "Quick start": _start,
    "Vega": _vega,
    "Cache": _cache,
    "Data": _data,
    "Loopback": _loopback,
    "Memory": _memory,
    "Broker": _broker,
    "PostgreSQL": _postgres,
    "Browser": _browser,
}
