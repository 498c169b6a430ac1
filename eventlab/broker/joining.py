"""Find the supervisor of this machine's broker, or start one; two may do so at the same instant."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

from eventlab.broker import installation
from eventlab.broker.jars import Progress
from eventlab.broker.java import java_environment
from eventlab.broker.lease import Lease, opened
from eventlab.broker.nodes import node_plans
from eventlab.broker.plan import STOP_SECONDS, Plan, lock_file, state_file
from eventlab.broker.properties import properties_files
from eventlab.broker.seat import Listener
from eventlab.broker.supervision import SUPERVISOR, supervise
from eventlab.errors import BrokerError
from eventlab.folders import data_folder, writing_to
from eventlab.processes.locking import locked
from eventlab.processes.orphans import end_orphans

LINGER_SECONDS = 2.0  # a kernel that restarts is back by then
_JOIN_SECONDS = 30.0
_PAUSE_SECONDS = 0.05


def joined(name: str, on_change: Listener, progress: Progress) -> Lease:
    """Return a lease from the supervisor that is there, else from a new one.

    Raises SetupError and BrokerError.
    """
    lease = reached(name, on_change)
    return lease or _started(name, on_change, installation.prepare(progress))


def reached(name: str, on_change: Listener) -> Lease | None:
    """Return a lease from the supervisor that is there, None if there is none."""
    state = _state()
    if state is None:
        return None
    try:
        return opened(state["port"], state["token"], name, on_change)
    except (OSError, KeyError):  # it ended without a farewell, or is about to end
        end_orphans_of(data_folder())
        return None


def _started(name: str, on_change: Listener, ready: installation.Installation) -> Lease:
    deadline = time.monotonic() + _JOIN_SECONDS
    while time.monotonic() < deadline:
        with writing_to(data_folder()) as folder:
            alone = supervise(_plan(ready, folder))
        if lease := reached(name, on_change):
            return lease
        if not alone:  # another process does the same, and has not said where it is
            time.sleep(_PAUSE_SECONDS)
    raise _silence()


def await_end() -> bool:
    """Return when no supervisor holds this home's data; tell whether one did.

    One that is ending takes no user any more, but its nodes still write. Raises BrokerError.
    """
    if _is_free():
        return False
    deadline = time.monotonic() + _JOIN_SECONDS
    while not _is_free():
        if time.monotonic() > deadline:
            raise _silence()
        time.sleep(_PAUSE_SECONDS)
    return True


def _is_free() -> bool:
    try:
        lock = locked(lock_file(data_folder()))
    except FileNotFoundError:  # nobody has had a broker here
        return True
    if lock is None:
        return False
    lock.close()
    return True


def _silence() -> BrokerError:
    return BrokerError(
        f"The data in {data_folder()} is held by a process that does not answer",
        expected=f"an answer within {_JOIN_SECONDS:g} s",
        found="none",
        remedy="End that process, or set EVENTLAB_HOME to another folder.",
    )


def _plan(ready: installation.Installation, folder: Path) -> Plan:
    return Plan(
        folder=str(folder),
        nodes=node_plans(ready, folder),
        environment=java_environment(),
        token=secrets.token_hex(16),
        linger_seconds=LINGER_SECONDS,
    )


def _state() -> dict[str, Any] | None:
    try:
        state = json.loads(state_file(data_folder()).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none, or one that cannot be read: a new one will say why
        return None
    return state if isinstance(state, dict) else None


def end_orphans_of(folder: Path) -> None:
    """End the nodes of `folder` that have outlived their supervisor (Linux does it by itself).

    Known by the properties on their command lines, so that nothing else is ever touched.
    """
    for properties in properties_files(folder):
        end_orphans(str(properties), supervisor=SUPERVISOR, patience_seconds=STOP_SECONDS)
