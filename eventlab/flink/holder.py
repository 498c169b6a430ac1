"""The process that holds Flink for its owner, and ends it with itself, kill -9 of either included.

What it sends: the port once Flink answers there, and why Flink has ended where nobody asked for it.
"""

import os
import re
import shutil
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from eventlab.broker.node_log import NodeLog, failure_reason
from eventlab.flink.configuration import command, environment, write_configuration
from eventlab.flink.run_folder import new_run_folder
from eventlab.processes.background import Background
from eventlab.processes.owner import Owner
from eventlab.processes.program import Program, launch

MODULE = "eventlab.flink.holder"
START_SECONDS = 90.0

_LISTENING = re.compile(r"Rest endpoint listening at \S+?:(\d+)")
_STARTING_PAUSE_SECONDS = 0.05
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True)
class Plan:
    """What is to be held: the Java, its jars, its environment, and the folder of all runs."""

    java: str
    class_path: list[str]
    environment: dict[str, str]
    parent: str


@dataclass(frozen=True)
class Up:
    """Flink answers at this port."""

    port: int


@dataclass(frozen=True)
class Ended:
    """Flink has ended by itself, or did not start."""

    reason: str


def main() -> None:
    """Hold Flink by the owner's plan until the owner says so, or is gone, or Flink has ended."""
    signal.signal(signal.SIGTERM, _end)
    owner = Owner()
    plan = owner.receive()
    ending = threading.Event()
    waiting = Background("the owner's word", owner.receive, on_end=lambda _: ending.set())
    waiting.start()
    try:
        folder, lock = new_run_folder(Path(plan.parent), MODULE)
        try:
            _hold(plan, folder, lock.fileno(), owner, ending)
        finally:
            lock.close()
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        owner.send(Ended(str(error)))
    os._exit(0)  # the thread may be inside of a read that never ends


def _end(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(0)


def _hold(plan: Plan, folder: Path, lock: int, owner: Owner, ending: threading.Event) -> None:
    write_configuration(folder)
    log = NodeLog(folder / "flink.log")
    program = launch(
        command(plan.java, plan.class_path, folder),
        folder=folder,
        output=log.open_anew(),
        environment=plan.environment | environment(folder),
        held=(lock,),
    )
    try:
        _watch(program, log, owner, ending)
    finally:
        with suppress(OSError):  # it has ended
            program.kill()


def _watch(program: Program, log: NodeLog, owner: Owner, ending: threading.Event) -> None:
    deadline = time.monotonic() + START_SECONDS
    is_up = False
    while not ending.wait(_PAUSE_SECONDS if is_up else _STARTING_PAUSE_SECONDS):
        status = program.status()
        if status is not None:
            owner.send(Ended(_reason(status, log.text())))
            return
        if is_up:
            log.shorten()
        elif found := _LISTENING.search(log.text()):
            is_up = True
            owner.send(Up(int(found[1])))
        elif time.monotonic() > deadline:
            owner.send(Ended(f"it did not start within {START_SECONDS:g} s"))
            return


def _reason(status: int, log: str) -> str:
    if status < 0:
        return f"it was ended by signal {-status}"
    return f"it ended with status {status}: {failure_reason(log)}"
