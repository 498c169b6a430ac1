import json
import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import uuid4

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

_FAILING = """
from eventlab.errors import BrokerError
from eventlab.sql.server.command_runner import CommandRunner
from eventlab.sql.server.desk import Desk

def look(self):
    raise RuntimeError("nobody has foreseen it")

def close(self):
    raise BrokerError("Kafka is away", expected="it", found="nothing", remedy="Start it.")

CommandRunner.look = look
Desk.close = close
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


@contextmanager
def served():
    """Yield a server in a process of its own, whose output is kept, and its URL."""
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, f"serving-{uuid4().hex}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield program, program.stdout.readline().strip()
    finally:
        program.kill()
        program.wait()


def ends_quietly(program):
    """Tell whether it ends by itself, and says nothing of what went wrong."""
    return program.communicate(timeout=60) == ("ended\n", "") and program.returncode == 0


def create(topic):
    """Return a statement that makes a stream of numbers."""
    return f"CREATE STREAM s (n INT) WITH (KAFKA_TOPIC='{topic}', VALUE_FORMAT='JSON');"


def test_a_signal_ends_push_queries_and_nothing_is_said(broker, new_topic):
    """Their clients get the end of the answer."""
    with served() as (program, url):
        run(url, create(new_topic()))
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
            query = json.dumps({"sql": "SELECT * FROM s EMIT CHANGES;"})
            connection.request("POST", "/query-stream", query)
            answer = connection.getresponse()
            assert b"columnNames" in answer.readline()
            program.send_signal(signal.SIGINT)
            assert answer.read() == b""
        assert ends_quietly(program)


@pytest.fixture
def open_request(broker, new_topic):
    """A server, and a connection on which a client has begun to insert rows."""
    with served() as (program, url):
        run(url, create(new_topic()))
        with closing(HTTPConnection(urlsplit(url).netloc, timeout=60)) as connection:
            connection.putrequest("POST", "/inserts-stream")
            connection.putheader("Transfer-Encoding", "chunked")
            connection.endheaders()
            yield program, connection


def send(connection, *objects):
    """Send lines of a request that goes on."""
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in objects)
    connection.send(b"%x\r\n%s\r\n" % (len(lines), lines))


def test_a_signal_ends_open_insertions_and_nothing_is_said(open_request):
    """What was acknowledged is written; their clients get the end of the answer."""
    program, connection = open_request
    send(connection, {"target": "s"}, {"n": 1})
    answer = connection.getresponse()
    assert json.loads(answer.readline()) == {"status": "ok", "seq": 0}
    program.send_signal(signal.SIGINT)
    assert answer.read() == b""
    assert ends_quietly(program)


def test_a_signal_ends_a_request_that_is_not_whole(open_request):
    """Nobody knows yet what it is about."""
    program, _ = open_request
    program.send_signal(signal.SIGINT)
    assert ends_quietly(program)


def test_a_client_that_goes_away_while_it_inserts_is_not_spoken_of(open_request):
    """It may do so at any time."""
    program, connection = open_request
    send(connection, {"target": "s"}, {"n": 1})
    answer = connection.getresponse()
    assert json.loads(answer.readline()) == {"status": "ok", "seq": 0}
    answer.close()
    connection.close()
    program.send_signal(signal.SIGINT)
    assert ends_quietly(program)


def test_why_it_ends_by_itself_is_said_though_its_end_fails_too(broker):
    """Of an error in the end alone nobody could tell what came before."""
    program = [sys.executable, "-c", _FAILING + _PROGRAM, f"serving-{uuid4().hex}"]
    ended = subprocess.run(program, capture_output=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 1
    assert "This server ends: RuntimeError('nobody has foreseen it')" in ended.stderr
