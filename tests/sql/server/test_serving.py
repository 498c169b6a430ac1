import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from eventlab.sql.server.members import urls_of
from tests.sql.server.asking import ask, run

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


def test_a_signal_ends_push_queries_and_nothing_is_said(broker, new_topic):
    """Their clients get the end of the answer."""
    service_id = f"serving-{os.getpid()}-push"
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, service_id],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        url = program.stdout.readline().strip()
        create = f"CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='{new_topic()}', VALUE_FORMAT='JSON');"
        run(url, create)
        connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        with closing(connection):
            query = json.dumps({"sql": "SELECT * FROM s EMIT CHANGES;"})
            connection.request("POST", "/query-stream", query)
            answer = connection.getresponse()
            assert b"columnNames" in answer.readline()
            program.send_signal(signal.SIGINT)
            assert answer.read() == b""
        assert program.communicate(timeout=60) == ("ended\n", "")
        assert program.returncode == 0
    finally:
        program.kill()
        program.wait()
