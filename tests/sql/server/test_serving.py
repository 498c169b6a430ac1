import os
import signal
import subprocess
import sys

import pytest

from eventlab.sql.server.members import urls_of
from tests.sql.server.asking import ask

pytestmark = pytest.mark.broker

_PROGRAM = """
import sys
from eventlab.sql.server.serving import serve
serve(sys.argv[1], 0, lambda url: print(url, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(number, broker):
    """What runs is ended first."""
    service_id = f"serving-{os.getpid()}-{int(number)}"
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, service_id],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        url = program.stdout.readline().strip()
        assert urls_of(service_id) == [url]
        assert ask(url, "GET", "/info").json["KsqlServerInfo"]["ksqlServiceId"] == service_id
        program.send_signal(number)
        assert program.communicate(timeout=60)[0] == "ended\n"
        assert program.returncode == 0
    finally:
        program.kill()
        program.wait()
