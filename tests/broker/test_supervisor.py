"""The supervisor's manners, with a small script in the place of Kafka."""

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from pathlib import Path

import psutil
import pytest

from eventlab.broker.lease import Lease, opened
from eventlab.broker.plan import NodePlan, Plan, node_folder
from eventlab.broker.supervision import supervise
from eventlab.processes.locking import locked
from tests.broker.test_node import REFUSES, STAYS
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def plan(tmp_path):
    """Return what makes a plan for a script, with everything in a folder of this test."""
    template = tmp_path / "template"
    template.mkdir()
    folder = tmp_path / "folder"
    folder.mkdir()

    def make(script: str = STAYS, further: tuple[str, ...] = (), **options) -> Plan:
        nodes = []
        for number, text in enumerate([script, *further], 1):
            own = node_folder(folder, number)
            own.mkdir(exist_ok=True)
            command = [sys.executable, "-c", text]
            is_first = number == 1
            nodes.append(NodePlan(str(own), command, str(template), number, is_first))
        options = {"linger_seconds": 0.1} | options
        return Plan(str(folder), nodes, dict(os.environ), "secret", **options)

    yield make
    until(lambda: not _supervisors(folder), seconds=20)
    taken = locked(folder / "lock")
    assert taken is not None
    taken.close()


def _supervisors(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if Path(process.cwd()).is_relative_to(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _lease(plan: Plan, port: int, name: str = "me") -> Lease:
    lease = opened(port, plan.token, name, lambda _state: None)
    assert lease.await_state({"running", "failed"}, 20).state in ("running", "failed")
    return lease


def test_it_ends_with_its_last_user(plan):
    """After the last seat is given up nothing is left: no process, no lock, no state file."""
    made = plan()
    lease = _lease(made, supervise(made))
    assert made.state.exists()
    assert made.state.stat().st_mode & 0o077 == 0
    lease.close()
    until(lambda: not made.state.exists())


def test_a_second_one_is_refused(plan):
    """Only one supervisor can have a folder: the other says so and ends."""
    made = plan()
    lease = _lease(made, supervise(made))
    assert supervise(made) is None
    assert lease.reported.state == "running"
    lease.close()


def test_whoever_does_not_know_the_token_is_sent_away(plan):
    """Another program on this machine cannot stop the broker, nor break its supervisor."""
    made = plan()
    port = supervise(made)
    lease = _lease(made, port)
    for said in (b'{"token": "guess", "do": "end"}\n', b"[]\n", b"7\n", b"GET / HTTP/1.1\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", port), 10) as stranger:
            stranger.sendall(said)
            assert stranger.recv(1000) == b""
    assert lease.reported.users == ["me"]
    assert lease.ask("start", {"running"}, 10).state == "running"
    lease.close()


def test_a_command_it_does_not_know_is_answered(plan):
    """A user of a later version may ask for more: it hears what is, and nothing breaks."""
    made = plan()
    lease = _lease(made, supervise(made))
    assert lease.ask("dance", {"running"}, 10).state == "running"
    lease.close()


def test_it_starts_again_after_a_stop_that_was_under_way(plan):
    """A start asked for while the broker ends is remembered, and a later stop takes it back."""
    slow = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.3), exit()))\n"
    made = plan(slow + STAYS)
    port = supervise(made)
    one, other = _lease(made, port), _lease(made, port, "other")
    stopping = threading.Thread(target=one.ask, args=("stop", {"stopped"}, 20), daemon=True)
    stopping.start()
    until(lambda: other.reported.state == "stopping")
    assert other.ask("start", {"running"}, 20).state == "running"
    stopping.join(10)
    assert not stopping.is_alive()
    assert other.ask("kill", {"stopped"}, 20).state == "stopped"
    assert one.ask("stop", {"stopped"}, 20).state == "stopped"
    one.close()
    other.close()


@pytest.mark.parametrize("command", ["stop", "kill"])
def test_whoever_ends_it_last_has_the_last_word(plan, command):
    """A start that still waits for the broker's end is taken back by a stop and by a kill."""
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, lambda *_: None)\n"
    made = plan(stubborn + STAYS, stop_seconds=0.5)
    lease = _lease(made, supervise(made))
    lease._send({"do": "stop", "id": 0})
    lease._send({"do": "start", "id": 0})
    assert lease.ask(command, {"stopped"}, 20).state == "stopped"
    assert lease.ask("look", {"stopped", "starting", "running"}, 20).state == "stopped"
    assert lease.ask("look again", {"stopped", "starting", "running"}, 20).state == "stopped"
    lease.close()


def test_a_failure_is_reported_with_its_reason(plan):
    """A broker that does not start leaves a supervisor that can tell why, and try again."""
    made = plan(REFUSES)
    lease = _lease(made, supervise(made))
    assert lease.reported.state == "failed"
    assert "No readable meta.properties" in lease.reported.reason
    assert lease.ask("start", {"running"}, 20).state == "failed"
    lease.close()


def test_keep_makes_it_stay_and_end_ends_it(plan):
    """A kept broker has no user; whoever comes can end it."""
    made = plan()
    port = supervise(made)
    lease = _lease(made, port)
    assert lease.ask("keep", {"running"}, 10).kept
    lease.close()
    until(lambda: _lease(made, port).reported.users == ["me"])
    assert _lease(made, port).ask("end", {"lost"}, 20).state == "lost"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGTERM")
def test_sigterm_ends_it_and_interrupts_do_not(plan):
    """The system's shutdown ends the broker in order; Ctrl-C is meant for others."""
    made = plan()
    lease = _lease(made, supervise(made))
    supervisor = json.loads(made.state.read_text(encoding="utf-8"))["supervisor"]
    os.kill(supervisor, signal.SIGINT)
    assert lease.ask("start", {"running"}, 10).state == "running"
    os.kill(supervisor, signal.SIGTERM)
    assert lease.await_state({"lost"}, 20).state == "lost"
    lease.close()


def test_nobody_ever_came(plan, monkeypatch):
    """A supervisor whose starter died before it joined ends by itself."""
    from eventlab.broker import supervisor

    made = plan()
    monkeypatch.setattr(supervisor, "FIRST_USER_SECONDS", 0.2)
    one = supervisor.Supervisor(made, supervisor.nodes_of(made))
    monkeypatch.setattr(supervisor.signal, "signal", lambda *_: None)
    ports = []
    one.run(ports.append)
    assert len(ports) == 1
    assert one.nodes[0].pid is None
    assert not made.state.exists()


def test_a_user_who_never_reads_loses_its_seat_and_nobody_else(plan):
    """A frozen kernel's full socket is given up; the others go on."""
    made = plan()
    port = supervise(made)
    lease = _lease(made, port)
    with socket.socket() as frozen:
        frozen.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        frozen.connect(("127.0.0.1", port))
        frozen.sendall(b'{"token": "secret", "name": "frozen"}\n')
        until(lambda: "frozen" in lease.reported.users)
        frozen.settimeout(10)
        flood = b'{"do": "nothing", "id": 1}\n' * 200_000
        with contextlib.suppress(OSError):
            for _ in range(20):
                frozen.sendall(flood)
        until(lambda: lease.reported.users == ["me"])
    assert lease.ask("start", {"running"}, 10).state == "running"
    lease.close()


# -- several nodes ------------------------------------------------------------------------------

BROKER_ONLY = """
import sys, time
if "controller.quorum.bootstrap.servers=127.0.0.1:1111" in sys.argv[-1]:
    print("INFO Awaiting socket connections on 127.0.0.1:{port}.", flush=True)
    print("INFO Kafka Server started", flush=True)
    time.sleep(60)
"""
FURTHER = (BROKER_ONLY.format(port=3333), BROKER_ONLY.format(port=4444))


def test_several_nodes_start_once_their_controller_listens(plan):
    """Each gets the controller's address; they are reported one by one, and end together."""
    made = plan(STAYS, FURTHER)
    lease = _lease(made, supervise(made))
    reported = lease.reported
    assert [(node.number, node.state, node.port) for node in reported.nodes] == [
        (1, "running", 2222),
        (2, "running", 3333),
        (3, "running", 4444),
    ]
    pids = [node.pid for node in reported.nodes]
    assert (reported.port, reported.pid, len(set(pids))) == (2222, pids[0], 3)
    assert lease.ask("stop", {"stopped"}, 20).state == "stopped"
    assert not any(map(psutil.pid_exists, pids))
    lease.close()


def test_one_of_several_nodes_can_be_killed_and_started_again(plan):
    """The others go on, and whoever asked for the one hears of that one."""
    made = plan(STAYS, FURTHER)
    lease = _lease(made, supervise(made))
    before = [node.pid for node in lease.reported.nodes]
    killed = lease.ask("kill", {"stopped"}, 20, node=2)
    assert [node.state for node in killed.nodes] == ["running", "stopped", "running"]
    assert (killed.state, killed.nodes[1].reason) == ("running", "it was killed")
    again = lease.ask("start", {"running"}, 20, node=2)
    after = [node.pid for node in again.nodes]
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] not in (None, before[1])
    lease.close()


def test_a_node_waits_for_a_controller_that_is_not_there(plan):
    """It is started as soon as the controller is."""
    made = plan(STAYS, FURTHER[:1])
    lease = _lease(made, supervise(made))
    lease.ask("stop", {"stopped"}, 20)
    lease._send({"do": "start", "id": 0, "node": 2})
    waiting = lease.ask("look", {"stopped", "running", "starting"}, 20, node=2)
    assert [node.state for node in waiting.nodes] == ["stopped", "starting"]
    assert waiting.nodes[1].reason == "it waits for its controller"
    lease.ask("start", {"running"}, 20, node=1)
    until(lambda: lease.reported.of(2) == "running")
    lease.close()
