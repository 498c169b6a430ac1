"""Find the supervisor of this machine's broker, or start one; two may do so at the same instant."""

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from eventlab.broker import installation
from eventlab.broker.distribution import Progress
from eventlab.broker.java import java_environment
from eventlab.broker.lease import BrokerState, Lease
from eventlab.broker.plan import STOP_SECONDS, Plan, state_file
from eventlab.broker.supervision import supervise
from eventlab.errors import BrokerError
from eventlab.folders import data_folder, writing_to

LINGER_SECONDS = 2.0  # a kernel that restarts is back by then
_JOIN_SECONDS = 30.0
_PAUSE_SECONDS = 0.05

Listener = Callable[[BrokerState], None]


def joined(name: str, on_change: Listener, progress: Progress, port: int = 0) -> Lease:
    """Return a lease from the supervisor that is there, else from a new one.

    `port` is the port that a new broker should have. Raises SetupError and BrokerError.
    """
    lease = reached(name, on_change)
    return lease or _started(name, on_change, installation.prepare(progress), port)


def reached(name: str, on_change: Listener) -> Lease | None:
    """Return a lease from the supervisor that is there, None if there is none."""
    state = _state()
    if state is None:
        return None
    try:
        return Lease(state["port"], state["token"], name, on_change)
    except (OSError, KeyError):  # it ended without a farewell, or is about to end
        end_orphan(data_folder())
        return None


def _started(name: str, on_change: Listener, ready: installation.Installation, port: int) -> Lease:
    deadline = time.monotonic() + _JOIN_SECONDS
    while time.monotonic() < deadline:
        with writing_to(data_folder()) as folder:
            alone = supervise(_plan(ready, folder, port))
        if lease := reached(name, on_change):
            return lease
        if not alone:  # another process does the same, and has not said where it is
            time.sleep(_PAUSE_SECONDS)
    raise BrokerError(
        f"The data in {data_folder()} is held by a process that does not answer",
        expected=f"an answer within {_JOIN_SECONDS:g} s",
        remedy="End that process, or set EVENTLAB_HOME to another folder.",
    )


def _plan(ready: installation.Installation, folder: Path, port: int) -> Plan:
    return Plan(
        folder=str(folder),
        command=ready.command(installation.write_properties(folder)),
        environment=java_environment(),
        template=str(ready.template),
        token=secrets.token_hex(16),
        linger_seconds=LINGER_SECONDS,
        port=port,
    )


def _state() -> dict | None:
    try:
        state = json.loads(state_file(data_folder()).read_text())
    except (OSError, ValueError):  # none, or one that cannot be read: a new one will tell why
        return None
    return state if isinstance(state, dict) else None


# -- orphans ------------------------------------------------------------------------------------


def end_orphan(folder: Path) -> None:
    """End a broker of `folder` that has outlived its supervisor (Linux ends it by itself).

    Known by the properties on its command line, so that nothing else is ever touched.
    """
    properties = str(installation.properties_file(folder))
    for process in psutil.process_iter(["cmdline"]):
        if properties in (process.info["cmdline"] or []) and not _supervised(process):
            _end(process)


def _supervised(process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        return parent is not None and "eventlab.broker.supervisor" in parent.cmdline()
    except psutil.Error:  # it ended just now
        return False


def _end(process: psutil.Process) -> None:
    try:
        process.kill()
        process.wait(STOP_SECONDS)
    except psutil.NoSuchProcess:  # it ended by itself
        return
