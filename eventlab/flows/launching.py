"""Run a flow beside the notebook: in a thread, or in processes of its own."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

from bytewax.dataflow import Dataflow

from eventlab.arguments import required_duration, required_one_of
from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.flows.in_processes import InProcesses
from eventlab.flows.in_thread import InThread
from eventlab.flows.running import EPOCH, OnError, Running


@checked
def run(
    flow: Dataflow,
    *,
    where: Literal["thread", "process"] = "thread",
    processes: int = 1,
    recovery: Path | None = None,
    epoch: timedelta = EPOCH,
    on_error: OnError | None = None,
) -> Running:
    """Run a flow, and return at once.

    "process" gives it a process of its own, or `processes` of them that share the partitions and
    keys: what its steps refer to is copied there, so what they change is not seen here. With
    `recovery`, a folder, what it knows is kept there at the end of each epoch, and the next run of
    the same flow goes on from there, with any number of processes. `on_error` is called, in a
    thread of ours, with what ended the flow. Raises UsageError, RecoveryError and StorageError
    before anything runs.
    """
    running = made(
        flow,
        where=where,
        processes=processes,
        recovery=recovery,
        epoch=epoch,
        on_error=on_error,
    )
    running.start()
    return running


@checked
def made(
    flow: Dataflow,
    *,
    where: Literal["thread", "process"] = "thread",
    processes: int = 1,
    recovery: Path | None = None,
    epoch: timedelta = EPOCH,
    on_error: OnError | None = None,
) -> Running:
    """Return what `run` starts, after all checks, with nothing done; arguments as there."""
    required_duration("epoch", epoch, at_least=timedelta(0))
    if required_one_of("where", where, ["thread", "process"]) == "process":
        return InProcesses(
            flow, processes=processes, recovery=recovery, epoch=epoch, on_error=on_error
        )
    if processes != 1:
        raise UsageError(
            "A thread is one",
            expected='processes=1, or where="process"',
            found=f"processes={processes!r}",
            remedy="Leave `processes` out, or give the flow processes of its own.",
        )
    return InThread(flow, recovery=recovery, epoch=epoch, on_error=on_error)
