"""The server's process as its supervisor has it."""

import os
import signal
import sys
from pathlib import Path

import pytest

from eventlab.database.ground import chosen_ground
from eventlab.database.joining import plan_for
from eventlab.database.server import Server
from eventlab.database.supervisor import discard_data
from tests.waiting import until

pytestmark = pytest.mark.database


@pytest.fixture
def server(home):
    """Return a server of this home's that this process holds itself."""
    one = Server(plan_for(chosen_ground()))
    yield one
    one.kill()
    discard_data(one._plan)


def _become(server: Server, state: str) -> bool:
    server.look()
    return server.report.state == state


def test_it_starts_and_stops(server):
    """It is up when it says so, with its port and pid, and it can be asked twice for anything."""
    server.start()
    server.start()
    until(lambda: _become(server, "running"))
    assert server.report.port > 0
    assert server.report.pid == server.pid
    server.stop()
    assert server.busy
    until(lambda: _become(server, "stopped"))
    server.stop()
    server.kill()
    server.suspend()
    server.resume()
    assert server.pid is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_killed_from_outside_it_can_be_started_at_once(server):
    """What the killed one left behind for a moment is waited for."""
    server.start()
    until(lambda: _become(server, "running"))
    port = server.report.port
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: server.pid is None)
    server.start()
    until(lambda: _become(server, "running"))
    assert server.report.port == port


def test_a_start_that_is_not_allowed_is_a_failure_with_its_reason(server, monkeypatch):
    """The server's own words are the reason."""
    from eventlab.database import server as module

    def wrong(program, data, port):
        return [program, "-D", str(data), "-c", "nonsense=1"]

    monkeypatch.setattr(module, "command", wrong)
    server.start()
    until(lambda: _become(server, "failed"))
    assert "nonsense" in server.report.reason


def test_a_program_that_is_not_there_is_a_failure(server, monkeypatch):
    """Nothing is raised in the supervisor, which goes on to tell its users."""
    from eventlab.database import server as module

    monkeypatch.setattr(module, "command", lambda *_: ["/nowhere/postgres"])
    server.start()
    assert server.report.state == "failed"
    assert "No such file" in server.report.reason


def test_a_kept_port_that_is_none_is_forgotten(home):
    """What stands in the file is a port, or it is passed over."""
    plan = plan_for(chosen_ground())
    for text in ("", "postgres", "0", "99999999"):
        plan.port_file.write_text(text, encoding="ascii")
        assert Server(plan).report.port == 0
    plan.port_file.write_text("5432", encoding="ascii")
    assert Server(plan).report.port == 5432


def test_its_password_is_for_its_users_alone(server):
    """The file is nobody else's to read."""
    server.start()
    until(lambda: _become(server, "running"))
    password = server._plan.password
    assert len(password.read_text(encoding="ascii")) == 32
    if sys.platform != "win32":
        assert password.stat().st_mode & 0o077 == 0
    assert Path(server._plan.data).exists()
