"""The process that owns PostgreSQL, and ends it when the last user is gone.

It is the broker's supervisor, with another thing to hold; see eventlab.broker.supervisor.
"""

import shutil
from contextlib import suppress
from pathlib import Path

from eventlab.broker.supervisor import supervise_for_owner
from eventlab.database.plan import ServerPlan
from eventlab.database.server import Server


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
        shutil.rmtree(data, ignore_errors=True)
        with suppress(OSError):
            data.parent.rmdir()


def main() -> None:
    """Supervise PostgreSQL by the owner's plan."""
    supervise_for_owner(servers_of, discard_data)
