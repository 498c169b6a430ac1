import pickle
import socket
import sys

import pytest

from eventlab.processes import child
from eventlab.services.inside import Place
from eventlab.services.plan import STOP, Plan, Ready
from tests.services import apps
from tests.structure.files import ROOT


@pytest.fixture
def server(monkeypatch):
    """The process of a service that answers, and its port."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        one = child.spawn("eventlab.services.server", descriptors=[listener.fileno()])
        work = pickle.dumps(apps.hello)
        one.send(Plan(Place("a"), work, list(sys.path), {}, listener.fileno()))
    assert one.receive() == Ready()
    yield one, port
    one.kill()
    one.wait()
    one.close()


def asked(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        return line.makefile("rb").read().partition(b"\r\n\r\n")[2]


def test_it_serves_until_it_is_told_to_stop(server):
    """In peace, with status 0."""
    one, port = server
    assert asked(port) == b'{"hello":"/a"}'
    one.command(STOP)
    assert one.wait() == 0


def test_it_ends_when_its_owner_is_gone(server):
    """Without a word, and at once."""
    one, port = server
    one._to_child.close()
    assert one.wait() == 1
    with pytest.raises(ConnectionRefusedError):
        asked(port)
