import io
import os
import subprocess
import sys

import psutil
import pytest

from eventlab.processes.frames import send
from tests.waiting import until

pytestmark = pytest.mark.broker

_OWNER = """
import sys, time
from eventlab.sql.server.held import SqlServer
print(SqlServer(sys.argv[1]).pid, flush=True)
time.sleep(600)
"""

_ENDING = """
from eventlab.errors import BrokerError
from eventlab.sql.server import process

def serve(service_id, port, on_ready):
    on_ready("http://127.0.0.1:1")
    raise BrokerError("Kafka is away", expected="it", found="nothing", remedy="Start it.")

process.serve = serve
process.main()
"""


def test_what_ends_it_later_is_in_its_log():
    """Whoever has started it does not listen any more."""
    plan = io.BytesIO()
    send(plan, {"service_id": "ending", "port": 0})
    child = subprocess.Popen(
        [sys.executable, "-c", _ENDING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    child.stdin.write(plan.getvalue())
    child.stdin.flush()  # and left open: with it the owner would be gone
    try:
        child.wait(60)
        log = child.stderr.read()
    finally:
        child.kill()
        child.communicate()
    assert child.returncode == 1
    assert b"Kafka is away" in log


def test_it_ends_with_its_owner(broker):
    """Though that was killed."""
    owner = subprocess.Popen(
        [sys.executable, "-c", _OWNER, f"process-{os.getpid()}"],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    server = psutil.Process(int(owner.stdout.readline()))
    owner.kill()
    owner.communicate()
    until(lambda: not server.is_running() or server.status() == psutil.STATUS_ZOMBIE)
