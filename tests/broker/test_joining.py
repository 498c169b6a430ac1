"""Who finds, starts, shares and leaves the broker, however each of them ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from jupyter_client.manager import start_new_kernel

from eventlab.broker import join, joining, lease, running_broker
from eventlab.broker.plan import state_file
from eventlab.broker.properties import properties_file
from eventlab.errors import BrokerError
from tests.broker.homes import processes_of, supervisor_pid
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_two_who_come_at_the_same_instant_share_one_broker(user, home):
    """Two processes that both find nothing end with the same Kafka, and with only one."""
    first, second = user("first"), user("second")
    said = [first.hear(), second.hear()]
    assert said[0]["broker"] == said[1]["broker"]
    brokers = [one for one in processes_of(home) if "kafka.Kafka" in one.cmdline()]
    assert [one.pid for one in brokers] == [said[0]["broker"]]


def test_many_threads_of_one_process_share_one_broker(home):
    """Joining is safe from several threads at once."""
    with ThreadPoolExecutor(4) as pool:
        seats = list(pool.map(join, ["a", "b", "c", "d"]))
    assert len({seat.pid for seat in seats}) == 1
    seats[0].end()


def test_the_broker_ends_when_its_only_user_is_killed(user, home):
    """kill -9 of a kernel ends Kafka and its supervisor."""
    one = user("one")
    one.hear()
    one.process.kill()
    until(lambda: not processes_of(home), seconds=15)
    assert not state_file(home / "data").exists()


def test_the_broker_stays_when_one_of_two_users_is_killed(user):
    """kill -9 of one kernel does nothing to another's."""
    one, other = user("one"), user("other")
    one.hear()
    reported = other.hear()
    one.process.kill()
    until(lambda: other.ask("start")["users"] == ["other"])
    assert other.ask("start")["broker"] == reported["broker"]


def test_an_interrupt_of_the_kernels_group_does_not_reach_the_broker(user):
    """SIGINT to the process group of the notebook, as Jupyter sends it, leaves Kafka alone."""
    one = user("one", start_new_session=True)
    one.hear()
    with join("watch") as seat:
        os.killpg(one.process.pid, signal.SIGINT)
        assert one.process.wait(10) != 0
        until(lambda: seat.users == ["watch"])
        assert seat.status == "running"


@pytest.mark.long
def test_a_starter_that_is_interrupted_takes_nobody_along(user):
    """The broker belongs to all: the end of whoever started it leaves it to the others."""
    starter = user("starter", start_new_session=True)
    reported = starter.hear()
    with join("other") as seat:
        os.killpg(starter.process.pid, signal.SIGKILL)
        until(lambda: seat.users == ["other"])
        assert (seat.status, seat.pid) == ("running", reported["broker"])


def test_a_home_may_have_any_letter_in_any_locale(user, home):
    """Under the locale C, as in many containers, Kafka finds its files in a home with é."""
    plain = {
        name: text for name, text in os.environ.items() if not name.startswith(("LC_", "LANG"))
    }
    one = user("one", env=plain | {"LC_ALL": "C"})
    assert one.hear()["status"] == "running"
    assert "é" in str(home)
    assert one.ask("end")["status"] == "lost"


def test_a_real_kernel_can_be_interrupted_restarted_and_killed(home):
    """ipykernel: an interrupt leaves the broker, a restart joins again, kill -9 ends it."""
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(home))
    try:
        reported = _run(client, "from eventlab.broker import join; seat = join('kernel')")
        broker = _run(client, "print(seat.pid)")
        assert reported == ""
        asleep = "import time; print('asleep', flush=True); time.sleep(60)"
        client.execute(asleep, stop_on_error=False)
        until(lambda: "asleep" in str(client.get_iopub_msg(timeout=30)["content"].get("text")))
        manager.interrupt_kernel()
        until(lambda: client.get_iopub_msg(timeout=30)["header"]["msg_type"] == "error")
        assert _run(client, "print(seat.pid, seat.status)") == f"{broker} running"
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=30)
        again = "from eventlab.broker import join; seat = join('kernel'); print(seat.status)"
        assert _run(client, again) == "running"
        os.kill(manager.provisioner.pid, signal.SIGKILL)
        until(lambda: not processes_of(home), seconds=15)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _run(client, code: str) -> str:
    outputs = []
    reply = client.execute_interactive(
        code, timeout=30, output_hook=lambda message: outputs.append(message["content"])
    )
    assert reply["content"]["status"] == "ok", outputs
    return "".join(output.get("text", "") for output in outputs).strip()


def test_a_child_that_was_forked_does_not_hold_the_broker(home):
    """A worker forked by a kernel that is then killed keeps no lease of it."""
    script = (
        "import os, time\n"
        "from eventlab.broker import join, joining\n"
        "joining.LINGER_SECONDS = 0.1\n"
        "seat = join('parent')\n"
        "child = os.fork()\n"
        "if child == 0: time.sleep(60)\n"
        "print(child, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8"
    )
    child = int(parent.stdout.readline())
    try:
        parent.kill()
        parent.wait()
        until(lambda: not processes_of(home), seconds=15)
        assert psutil.pid_exists(child)
    finally:
        os.kill(child, signal.SIGKILL)
        parent.stdout.close()


@pytest.mark.long
def test_the_starter_leaves_no_zombie(home):
    """A supervisor that has ended is no longer a child of the process that started it."""
    with join("one") as seat:
        supervisor = supervisor_pid(home)
        seat.end()
    until(lambda: not psutil.pid_exists(supervisor))


@pytest.mark.long
def test_a_state_file_of_the_past_is_no_hindrance(home):
    """What a crash of the machine left (a port nobody listens on, half a file) is passed over."""
    (home / "data").mkdir()
    for left in ('{"port": 9, "token": "x"}', '{"port": ', "[]", '{"token": "x"}', ""):
        state_file(home / "data").write_text(left, encoding="utf-8")
        assert running_broker("a look") is None
    with join("one") as seat:
        assert seat.status == "running"
        seat.end()


def test_a_stranger_on_the_port_of_the_past_is_passed_over(home):
    """A server of someone else on the remembered port is not taken for the supervisor."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:

        def answer() -> None:
            connection, _ = stranger.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        (home / "data").mkdir()
        facts = {"port": stranger.getsockname()[1], "token": "x"}
        state_file(home / "data").write_text(json.dumps(facts), encoding="utf-8")
        assert running_broker("a look") is None


@pytest.mark.long
def test_a_folder_held_by_a_process_that_does_not_answer_is_one_error(home, monkeypatch):
    """A frozen supervisor is waited for, then reported; nothing is started beside it."""
    monkeypatch.setattr(joining, "_JOIN_SECONDS", 0.5)
    monkeypatch.setattr(lease, "_WELCOME_SECONDS", 0.2)
    with join("one") as seat:
        supervisor = psutil.Process(supervisor_pid(home))
        supervisor.suspend()
        try:
            with pytest.raises(BrokerError, match="held by a process that does not answer"):
                join("two")
        finally:
            supervisor.resume()
        assert len(processes_of(home)) == 2
        seat.end()


def test_a_broker_without_a_supervisor_is_ended(home):
    """Where the system does not end Kafka with its supervisor (macOS), the next who joins does."""
    data = home / "data"
    data.mkdir()
    command = [sys.executable, "-c", "input()", str(properties_file(data))]
    orphan = subprocess.Popen(command, stdin=subprocess.PIPE)
    other = subprocess.Popen([*command[:-1], "elsewhere"], stdin=subprocess.PIPE)
    state_file(data).write_text('{"port": 9, "token": "x"}', encoding="utf-8")
    assert running_broker("a look") is None
    assert not psutil.pid_exists(orphan.pid)
    assert other.poll() is None
    other.communicate(b"\n")
    orphan.stdin.close()
    orphan.wait()
