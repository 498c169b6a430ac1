"""A server in a process that works for its owner: what it is given, and its end."""

import os
import sys

from eventlab.errors import EventlabError
from eventlab.processes.owner import Owner
from eventlab.sql.server.serving import serve


def main() -> None:
    """Receive id and port, serve, and end this process; it ends when its owner is gone."""
    owner = Owner()
    plan = owner.receive()
    owner.obey(_nothing)
    status = 0
    try:
        serve(plan["service_id"], plan["port"], owner.send)
    except EventlabError as error:
        owner.send(error)
        print(error, file=sys.stderr)  # an owner that has the URL listens no more
        status = 1
    sys.stderr.flush()
    os._exit(status)  # threads of librdkafka may be inside of a call that takes long


def _nothing(_: bytes) -> None:
    """Do nothing: there are no commands but its end."""
