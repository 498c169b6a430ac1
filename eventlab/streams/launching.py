"""Run a flow beside the notebook: in a thread, or in processes of its own."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from bytewax.dataflow import Dataflow

from eventlab.errors import UsageError
from eventlab.streams.arguments import required_length, required_one_of
from eventlab.streams.in_processes import InProcesses
from eventlab.streams.in_thread import InThread
from eventlab.streams.running import EPOCH, Running


def run(
    flow: Dataflow,
    *,
    where: Literal["thread", "process"] = "thread",
    processes: int = 1,
    recovery: Path | None = None,
    epoch: timedelta = EPOCH,
) -> Running:
    """Run a flow, and return at once.

    "process" gives it a process of its own, or `processes` of them that share the partitions and
    keys: what its steps refer to is copied there, so what they change is not seen here. With
    `recovery`, a folder, what it knows is kept there at the end of each epoch, and the next run of
    the same flow goes on from there, with any number of processes. Raises UsageError and
    RecoveryError before anything runs.
    """
    required_length("An epoch", epoch, least=timedelta(0))
    if required_one_of("place", where, ["thread", "process"]) == "process":
        return InProcesses(flow, processes=processes, recovery=recovery, epoch=epoch)
    if processes != 1:
        raise UsageError(
            "A thread is one",
            expected='processes=1, or where="process"',
            found=f"processes={processes!r}",
        )
    return InThread(flow, recovery=recovery, epoch=epoch)
