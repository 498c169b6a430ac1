"""One process of a flow; spawned by in_processes, and ended with whoever spawned it.

Its owner sends a plan, then commands; GO lets the flow begin. It answers with frames: statuses, the
first one when the flow begins, and last the error that ended the flow, or None.
"""

import os
import pickle
import sys
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bytewax._bytewax import cli_main
from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig

from eventlab.errors import EventlabError
from eventlab.flows.control import Control, attach_control
from eventlab.flows.error_capture import capture_errors
from eventlab.flows.failure import failure
from eventlab.flows.stderr_filter import filter_stderr
from eventlab.processes.background import Background
from eventlab.processes.owner import Owner

GO = b"g"
STOP = b"s"
CLOSE_WINDOWS = b"c"
_REPORT_SECONDS = 0.05


@dataclass(frozen=True)
class Plan:
    """What a process needs to know; `flow` is pickled, so that `path` counts when it is read."""

    flow: bytes
    path: list[str]
    number: int
    addresses: list[str]
    epoch: timedelta
    recovery: str | None


def main() -> None:
    """Run a part of a flow, and report how it goes."""
    filter_stderr()
    owner = Owner()
    plan: Plan = owner.receive()
    sys.path[:] = plan.path
    error = Worker(plan, owner).run()
    owner.send(error)
    sys.stderr.flush()
    os._exit(0 if error is None else 1)  # other threads may be inside of a read that never ends


class Worker:
    """The part of a flow that this process does, between its owner and bytewax."""

    def __init__(self, plan: Plan, owner: Owner) -> None:
        self._plan = plan
        self._owner = owner
        self._control = Control()
        self._go = threading.Event()
        self._first_error: BaseException | None = None
        self._reports = Background("reports", self._report_on)

    def run(self) -> EventlabError | None:
        """Run to the end, and return what ended it, None if that was the end of its input."""
        self._owner.obey(self._obey)
        flow: Dataflow = pickle.loads(self._plan.flow)
        attach_control(flow, self._control)
        if self._is_one_of_several:
            capture_errors(flow, self._capture)
        self._go.wait()
        self._report()
        self._reports.start()
        try:
            self._run_in_bytewax(flow)
        except BaseException as error:  # a panic of bytewax is no Exception
            store = self._plan.recovery
            where = None if store is None else Path(store)
            return failure(flow, self._first_error or error, where)
        finally:
            self._reports.stop()
            self._report()
        return None

    @property
    def _is_one_of_several(self) -> bool:
        return len(self._plan.addresses) > 1

    def _run_in_bytewax(self, flow: Dataflow) -> None:
        plan = self._plan
        cli_main(
            flow,
            process_id=plan.number if self._is_one_of_several else None,
            addresses=plan.addresses if self._is_one_of_several else None,
            epoch_interval=plan.epoch,
            recovery_config=None if plan.recovery is None else RecoveryConfig(plan.recovery),
        )

    def _obey(self, command: bytes) -> None:
        if command == GO:
            self._go.set()
        else:
            self._control.stop(close_windows=command == CLOSE_WINDOWS)

    def _capture(self, error: BaseException) -> None:
        if self._first_error is None:
            self._first_error = error

    def _report(self) -> None:
        self._owner.send(self._control.status)

    def _report_on(self) -> None:
        while not self._reports.stopping.wait(_REPORT_SECONDS):
            self._report()
