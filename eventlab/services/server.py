"""The process of an HTTP service. Its owner sends a Plan, then commands: STOP ends it in peace."""

import socket

from eventlab.processes.owner import Owner
from eventlab.services.plan import Plan
from eventlab.services.process import run_plan
from eventlab.services.reporting import Reports
from eventlab.services.serving import Serving


def main() -> None:
    """Serve until the owner says that it is enough, or is gone."""
    run_plan(_serve)


def _serve(plan: Plan, thing: object, owner: Owner, reports: Reports) -> None:
    serving = Serving(thing, plan.place, reports)
    owner.obey(lambda _command: serving.stop())
    serving.run(socket.socket(fileno=plan.descriptor))
