"""What the processes of services have in common: their plan, and their end."""

import os
import pickle
import sys
from collections.abc import Callable
from typing import Any

from eventlab.processes.own_lines import use_sources
from eventlab.processes.owner import Owner
from eventlab.services.plan import Plan
from eventlab.services.reporting import Reports

Run = Callable[[Plan, Any, Owner, Reports], None]


def run_plan(run: Run) -> None:
    """Receive the plan, run what it says, and end this process; its owner hears of every error."""
    owner = Owner()
    plan: Plan = owner.receive()
    sys.path[:] = plan.path
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a file, here
    use_sources(plan.sources)
    reports = Reports(plan.place.name, owner.send)
    status = 0
    try:
        run(plan, pickle.loads(plan.work), owner, reports)
        reports.flush()
    except BaseException as error:  # SystemExit of a learner's code too
        reports.failed(error)
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)  # threads of librdkafka may be inside of a call that takes long
