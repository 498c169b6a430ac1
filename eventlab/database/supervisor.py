"""The process that owns PostgreSQL, and ends it when the last user is gone.

It is the broker's supervisor, with another thing to hold; see eventlab.broker.supervisor.
"""

import shutil

from eventlab.broker.supervisor import supervise_for_owner
from eventlab.database.plan import ServerPlan
from eventlab.database.server import Server


def servers_of(plan: ServerPlan, held: tuple[int, ...] = ()) -> list[Server]:
    """Return the one server that a plan asks for."""
    return [Server(plan, held)]


def discard_data(plan: ServerPlan) -> None:
    """Delete the data: each lab makes its databases anew, so nobody comes back for these."""
    shutil.rmtree(plan.discarded, ignore_errors=True)


def main() -> None:
    """Supervise PostgreSQL by the owner's plan."""
    supervise_for_owner(servers_of, discard_data)
