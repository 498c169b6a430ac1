"""The process that owns PostgreSQL, and ends it when the last user is gone.

It is the broker's supervisor, with another thing to hold; see eventlab.broker.supervisor.
"""

import ctypes
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from eventlab.broker.supervisor import supervise_for_owner
from eventlab.database.plan import ServerPlan
from eventlab.database.server import Server

_MEMORY_LINE = 6  # of postmaster.pid: the key and the number of its shared memory
_REMOVE = 0  # IPC_RMID


def servers_of(plan: ServerPlan, held: tuple[int, ...] = ()) -> list[Server]:
    """Return the one server that a plan asks for."""
    return [Server(plan, held)]


def discard_data(plan: ServerPlan) -> None:
    """Delete the data where they are outside of the home: no more is left there than need be.

    In a home they stay, and spare the next start the copying; what labs have made in them is
    dropped by these. The place outside goes too, unless something else is in it: a copy of the
    programs, a template, or data that the server could not read.
    """
    data = Path(plan.data)
    if data.parent != Path(plan.folder):
        _release_memory(data)
        shutil.rmtree(data, ignore_errors=True)
        with suppress(OSError):
            data.parent.rmdir()


def _release_memory(data: Path) -> None:
    """Release the few bytes that a killed server has left: the next one on its data would do so."""
    try:
        lines = data.joinpath("postmaster.pid").read_text(encoding="utf-8").splitlines()
        number = int(lines[_MEMORY_LINE].split()[1])
    except (OSError, ValueError, IndexError):  # it has ended in peace
        return
    if sys.platform != "win32":
        ctypes.CDLL(None).shmctl(number, _REMOVE, None)


def main() -> None:
    """Supervise PostgreSQL by the owner's plan."""
    supervise_for_owner(servers_of, discard_data)
