import os
import subprocess
import sys

import psutil
import pytest

from tests.waiting import until

pytestmark = pytest.mark.broker

_OWNER = """
import sys, time
from eventlab.sql.server.held import SqlServer
print(SqlServer(sys.argv[1]).pid, flush=True)
time.sleep(600)
"""


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
