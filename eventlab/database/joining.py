"""Find the supervisor of PostgreSQL in this home, or start one; two may do so at once."""

import json
import secrets
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from eventlab.broker.lease import Lease, Listener, opened
from eventlab.broker.supervision import supervise
from eventlab.database.binaries import installed_version, program
from eventlab.database.ground import Ground, chosen_ground, server_environment, server_folder
from eventlab.database.plan import ServerPlan, state_file
from eventlab.database.template import template_of
from eventlab.errors import DatabaseError, EventlabError
from eventlab.folders import writing_to

SUPERVISOR = "eventlab.database.supervisor"
LINGER_SECONDS = 2.0  # a kernel that restarts is back by then
_JOIN_SECONDS = 30.0
_PAUSE_SECONDS = 0.02


def joined(name: str, on_change: Listener) -> Lease:
    """Return a lease from the supervisor that is there, else from a new one.

    Raises SetupError and DatabaseError.
    """
    return reached(name, on_change) or _started(name, on_change)


def reached(name: str, on_change: Listener) -> Lease | None:
    """Return a lease from the supervisor that is there, None if there is none."""
    state = _state()
    try:
        return opened(state["port"], state["token"], name, on_change, _unheard)
    except (OSError, KeyError):  # there is none, or it is about to end
        return None


def plan_for(ground: Ground) -> ServerPlan:
    """Return the plan of this home's server. Raises SetupError and DatabaseError."""
    major = installed_version().partition(".")[0]
    return ServerPlan(
        folder=str(server_folder()),
        program=program(ground.programs, "postgres"),
        data=str(ground.place / f"data-{major}"),
        template=str(template_of(ground)),
        identity=ground.identity,
        environment=server_environment(),
        token=secrets.token_hex(16),
        linger_seconds=LINGER_SECONDS,
    )


def _started(name: str, on_change: Listener) -> Lease:
    deadline = time.monotonic() + _JOIN_SECONDS
    while time.monotonic() < deadline:
        plan = plan_for(chosen_ground())  # each time: who is ending may remove what was there
        _end_orphans_of(Path(plan.data))
        with writing_to(server_folder()):
            alone = supervise(plan, SUPERVISOR)
        if lease := reached(name, on_change):
            return lease
        if not alone:  # another process does the same, and has not said where it is
            time.sleep(_PAUSE_SECONDS)
    raise DatabaseError(
        f"The data in {server_folder()} are held by a process that does not answer",
        expected=f"an answer within {_JOIN_SECONDS:g} s",
        found="none",
        remedy="End that process, or set EVENTLAB_HOME to another folder.",
    )


def _state() -> dict[str, Any]:
    try:
        state = json.loads(state_file(server_folder()).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none, or one that cannot be read: a new one will say why
        return {}
    return state if isinstance(state, dict) else {}


def _end_orphans_of(data: Path) -> None:
    """End the processes of a server whose supervisor is gone (Linux does it, unless frozen)."""
    if _has_lost_its_supervisor() and data.exists():
        for process in psutil.process_iter():
            if _works_in(process, data) and not _is_held(process):
                _kill(process)


def _has_lost_its_supervisor() -> bool:
    """Tell whether a supervisor has left its state behind, and no longer runs."""
    number = _state().get("supervisor")
    if not isinstance(number, int):
        return False
    try:
        return SUPERVISOR not in psutil.Process(number).cmdline()
    except psutil.Error:
        return True


def _kill(process: psutil.Process) -> None:
    # Asked to end, a frozen one would not notice; what was committed survives this too.
    with suppress(psutil.NoSuchProcess):
        process.kill()


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return Path(process.cwd()) == data
    except (psutil.Error, OSError):
        return False


def _is_held(process: psutil.Process) -> bool:
    try:
        return any(SUPERVISOR in parent.cmdline() for parent in process.parents())
    except psutil.Error:  # it ended just now
        return True


def _unheard(command: str, expected: str, found: str) -> EventlabError:
    return DatabaseError(
        f"PostgreSQL did not {command}",
        expected=expected,
        found=found,
        remedy=f"Its log is in {server_folder()}.",
    )
