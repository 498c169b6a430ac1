"""A user's side of the connection, with a few lines in the place of the supervisor."""

import json
import socket
import threading
from contextlib import suppress

import pytest

from eventlab.broker import lease as lease_module
from eventlab.broker.lease import Lease, opened
from eventlab.broker.states import BrokerState
from eventlab.errors import BrokerError
from tests.waiting import until

pytestmark = pytest.mark.processes


class FakeSupervisor:
    """Welcome one user and say what the test says."""

    def __init__(self, welcome: dict | bytes | None):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port, self.heard, self._welcome = self.server.getsockname()[1], [], welcome
        self.connection: socket.socket | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        self.connection, _ = self.server.accept()
        # Whoever leaves with something unread resets the connection.
        with self.connection.makefile("rb") as lines, suppress(ConnectionResetError):
            for line in lines:
                self.heard.append(json.loads(line))
                if len(self.heard) == 1 and self._welcome is not None:
                    self.say(self._welcome)

    def say(self, *messages: dict | bytes) -> None:
        lines = [m if isinstance(m, bytes) else json.dumps(m).encode() + b"\n" for m in messages]
        self.connection.sendall(b"".join(lines))

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.server.close()


RUNNING = {"state": "running", "port": 9, "pid": 1, "users": ["me"], "handled": 0}


@pytest.fixture
def supervisor():
    """Return what makes a fake supervisor."""
    made = []

    def make(welcome=RUNNING) -> FakeSupervisor:
        made.append(FakeSupervisor(welcome))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _join(fake: FakeSupervisor, on_change=lambda _state: None) -> Lease:
    return opened(fake.port, "secret", "me", on_change)


def test_it_introduces_itself(supervisor):
    """The first line names token, name and process."""
    fake = supervisor()
    lease = _join(fake)
    assert fake.heard[0]["token"] == "secret"
    assert fake.heard[0]["name"] == "me"
    assert lease.reported == BrokerState("running", port=9, pid=1, users=["me"])
    lease.close()


def test_it_understands_other_versions(supervisor):
    """What a later supervisor adds is passed over; what an earlier one lacks has a default."""
    fake = supervisor({"state": "running", "colour": "blue", "handled": 0})
    lease = _join(fake)
    assert lease.reported == BrokerState("running")
    lease.close()


@pytest.mark.parametrize("welcome", [b"", b"HTTP/1.1 400\r\n", b"[]\n", b"7\n", b'{"x": 1}\n'])
def test_whoever_is_no_supervisor_is_found_out(supervisor, monkeypatch, welcome):
    """Silence and foreign words end in one error, and the connection is closed."""
    monkeypatch.setattr(lease_module, "_WELCOME_SECONDS", 0.3)
    fake = supervisor(welcome)
    with pytest.raises(ConnectionError, match="did not welcome"):
        _join(fake)
    until(lambda: fake.heard)


def test_no_transition_is_missed(supervisor):
    """Stopped and at once started by another user: the one who asked for the stop hears of it."""
    fake = supervisor()
    lease = _join(fake)
    answers = []
    asking = threading.Thread(target=lambda: answers.append(lease.ask("stop", {"stopped"}, 10)))
    asking.start()
    until(lambda: len(fake.heard) == 2)
    number = fake.heard[1]["id"]
    fake.say({"state": "stopping", "handled": number}, {"state": "stopped"}, {"state": "starting"})
    asking.join(10)
    assert [answer.state for answer in answers] == ["stopped"]
    lease.close()


def test_an_old_state_is_no_answer(supervisor):
    """A state reported before the command was handled does not end it."""
    fake = supervisor()
    lease = _join(fake)
    with pytest.raises(BrokerError, match=r"did not start: expected it to be running within 0\.2"):
        lease.ask("start", {"running"}, 0.2)
    lease.close()


def test_the_end_of_the_supervisor_ends_every_wait(supervisor):
    """Whoever waits hears that it is lost, and where the broker was."""
    fake = supervisor()
    lease = _join(fake)
    threading.Timer(0.1, lambda: fake.connection.shutdown(socket.SHUT_RDWR)).start()
    reported = lease.ask("stop", {"stopped"}, 20)
    assert (reported.state, reported.port) == ("lost", 9)
    assert lease.ask("stop", {"stopped"}, 20).state == "lost"
    assert lease.await_state({"lost"}, 20).reason == "its supervisor is gone"
    lease.close()
    lease.close()


def test_a_listener_that_fails_does_not_end_the_reading(supervisor, caplog):
    """Its fault is logged, and the next change is heard all the same."""
    fake, heard = supervisor(), []

    def listen(reported: BrokerState) -> None:
        heard.append(reported.state)
        raise RuntimeError("a fault of the listener")

    lease = _join(fake, listen)
    fake.say({"state": "stopped"})
    until(lambda: heard == ["running", "stopped"])
    assert "a fault of the listener" in caplog.text
    lease.close()


def test_leases_are_forgotten(supervisor):
    """What is kept for forked children does not keep a lease that nobody has any more."""
    import gc

    fake = supervisor()
    lease = _join(fake)
    before = len(lease_module._HELD)
    lease.close()
    del lease
    until(lambda: gc.collect() >= 0 and len(lease_module._HELD) < before)
