"""A node as a process, with a small script in the place of Kafka."""

import os
import re
import stat
import subprocess
import sys

import psutil
import pytest

from eventlab.broker import node, node_log
from eventlab.broker.node import Node
from eventlab.broker.plan import NodePlan
from eventlab.broker.states import NodeState
from eventlab.processes.locking import locked
from tests.waiting import until

pytestmark = pytest.mark.processes

LISTENS = """
import sys, time
print("INFO Awaiting socket connections on 127.0.0.1:1111. (kafka.network)", flush=True)
print("INFO Awaiting socket connections on 127.0.0.1:2222. (kafka.network)", flush=True)
"""
STARTED = """
print("INFO [KafkaRaftServer nodeId=1] Kafka Server started (kafka.server)", flush=True)
"""
STAYS = LISTENS + STARTED + "time.sleep(60)\n"
REFUSES = """
print("ERROR harmless: Expected partition x to exist, but it was missing. Creating...")
print("ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)")
print("java.lang.RuntimeException: No readable meta.properties files found.")
raise SystemExit(1)
"""
REFUSES_DAMAGED = "import os\nif os.path.exists('kafka/damaged'):" + REFUSES.replace("\n", "\n ")


@pytest.fixture
def broker(tmp_path):
    """Return what makes a Node whose Kafka is a Python script."""
    made = []

    def make(script: str, keeps_controller_port: bool = False, port: str = "", **options) -> Node:
        if port:
            (tmp_path / "port").write_text(port, encoding="utf-8")
        template = tmp_path / "template"
        (template / "__cluster_metadata-0").mkdir(parents=True, exist_ok=True)
        (template / "meta.properties").write_text("whole", encoding="utf-8")
        (template / "__cluster_metadata-0" / "log").write_text("x", encoding="utf-8")
        (template / "meta.properties").chmod(0o400)
        command = [sys.executable, "-c", script]
        folder = str(tmp_path)
        plan = NodePlan(folder, command, str(template), **options)
        made.append(Node(plan, dict(os.environ), keeps_controller_port=keeps_controller_port))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def _settled(broker: Node) -> str:
    def look() -> bool:
        broker.look()
        return not broker.busy

    until(look)
    return broker.state


def test_it_starts_on_a_copy_of_the_template(broker, tmp_path):
    """The first start brings the template, writable whatever its modes; the next keeps the data."""
    one = broker(STAYS)
    one.start()
    assert _settled(one) == "running"
    assert one.port == 2222
    meta = tmp_path / "kafka" / "meta.properties"
    assert meta.read_text(encoding="utf-8") == "whole"
    assert meta.stat().st_mode & stat.S_IWUSR
    meta.write_text("mine", encoding="utf-8")
    one.stop()
    assert _settled(one) == "stopped"
    one.start()
    assert meta.read_text(encoding="utf-8") == "mine"


def _command(node: Node) -> str:
    return " ".join(psutil.Process(node.pid).cmdline())


def _asked_port(node: Node) -> int:
    listener = re.search(r"listeners=PLAINTEXT://127.0.0.1:(\d+)", _command(node))
    return int(listener[1])


def test_a_restart_asks_for_the_same_port(broker, tmp_path):
    """Any port at first, then the one it had, also under another supervisor: clients know it."""
    one = broker(STAYS)
    one.start()
    assert _asked_port(one) == 0
    _settled(one)
    one.kill()
    one.start()
    assert _asked_port(one) == 2222
    one.kill()
    other = broker(STAYS)
    other.start()
    assert _asked_port(other) == 2222


@pytest.mark.parametrize("kept", ["", "2222 and more", "-1", "0", "65536", "9" * 5000, "é"])
def test_what_is_no_port_is_not_asked_for(broker, kept):
    """Kafka would refuse it, and its data would be thought to be the cause."""
    one = broker(STAYS, port=kept)
    one.start()
    assert _asked_port(one) == 0
    assert _settled(one) == "running"


def test_a_port_that_cannot_be_kept_is_no_reason_to_fail(broker, tmp_path):
    """The notice says what may come of it."""
    (tmp_path / "port").mkdir()
    one = broker(STAYS)
    one.start()
    assert _settled(one) == "running"
    assert "The port 2222 cannot be kept" in one.notice


def test_a_port_that_was_taken_is_given_up(broker):
    """When the port that was asked for is someone else's, the system chooses another one."""
    taken = (
        "import sys\nif ':2222,' in sys.argv[-1]:\n"
        " print('KafkaException: x: Address already in use.')\n"
        " print('ERROR Exiting Kafka\\nRuntimeException: Fatal error')\n"
        " raise SystemExit(1)\n"
    )
    one = broker(taken + STAYS, port="2222")
    one.start()
    assert _settled(one) == "running"


def test_one_that_does_not_end_is_forced(broker):
    """A process that ignores SIGTERM is killed when its time is up."""
    stubborn = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + STAYS
    one = broker(stubborn)
    one.start()
    _settled(one)
    one.stop(seconds=0.1)
    assert _settled(one) == "stopped"
    assert one.pid is None


def test_one_that_ends_by_itself_says_why(broker):
    """The state tells the status and Kafka's own reason."""
    one = broker(LISTENS + STARTED + "time.sleep(0.2)\n" + REFUSES)
    one.start()
    assert _settled(one) == "running"
    until(lambda: one.look() or one.state == "stopped")
    assert one.reason.startswith("it ended with status 1: java.lang.RuntimeException: No readable")


def test_data_that_kafka_refuses_is_moved_aside(broker, tmp_path):
    """The lab starts empty, says so, and every byte of the refused data is kept."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("precious", encoding="utf-8")
    one = broker(REFUSES_DAMAGED + STAYS)
    one.start()
    assert _settled(one) == "running"
    (aside,) = tmp_path.glob("kafka-set-aside-*")
    assert (aside / "damaged").read_text(encoding="utf-8") == "precious"
    assert str(aside) in one.notice
    assert "No readable meta.properties" in one.notice
    assert (tmp_path / "kafka" / "meta.properties").exists()


def test_data_that_kafka_refuses_after_its_port_is_moved_aside(broker, tmp_path):
    """It names its ports before it loads a topic."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("precious", encoding="utf-8")
    one = broker(LISTENS + REFUSES_DAMAGED + STARTED + "time.sleep(60)\n")
    one.start()
    assert _settled(one) == "running"
    (aside,) = tmp_path.glob("kafka-set-aside-*")
    assert (aside / "damaged").read_text(encoding="utf-8") == "precious"
    assert str(aside) in one.notice


NO_VOTERS = "INFO [RaftManager id=1] Starting voters are VoterSet(voters={}) (org.apache)"
STRAY_GROUPS = "WARN Log in kafka/__consumer_offsets-0 marked stray and renamed to x (org.apache)"


@pytest.mark.parametrize("says", [NO_VOTERS, STRAY_GROUPS])
def test_data_whose_metadata_are_lost_is_moved_aside(broker, tmp_path, says):
    """Kafka would wait for ever, or go on without a topic: neither is waited for."""
    stray = tmp_path / "kafka" / f"orders-0.{'0a' * 16}-stray"
    stray.mkdir(parents=True)
    (stray / "log").write_text("precious", encoding="utf-8")
    one = broker(
        LISTENS + f"import os\nif os.path.exists('kafka/{stray.name}'):\n"
        f" print({says!r}, flush=True)\n time.sleep(60)\n" + STARTED + "time.sleep(60)\n"
    )
    one.start()
    assert _settled(one) == "running"
    (aside,) = tmp_path.glob("kafka-set-aside-*")
    assert (aside / "orders-0" / "log").read_text(encoding="utf-8") == "precious"
    assert "its metadata log is missing or damaged" in one.notice


def test_a_stray_topic_alone_is_no_damage(broker, tmp_path):
    """It was deleted while the node was away."""
    (tmp_path / "kafka").mkdir()
    says = STRAY_GROUPS.replace("__consumer_offsets", "orders")
    one = broker(LISTENS + f"print({says!r}, flush=True)\n" + STARTED + "time.sleep(60)\n")
    one.start()
    assert _settled(one) == "running"
    assert not [*tmp_path.glob("kafka-set-aside-*")]


def test_a_node_that_is_no_controller_needs_no_voters(broker, tmp_path):
    """It gets the metadata from the controller."""
    (tmp_path / "kafka").mkdir()
    script = f"import time\nprint({NO_VOTERS!r}, flush=True)\n" + ONE_PORT + STARTED
    one = broker(script + "time.sleep(60)", number=2, is_controller=False)
    one.start(controller_port=1111)
    assert _settled(one) == "running"
    assert not [*tmp_path.glob("kafka-set-aside-*")]


def test_data_that_was_not_to_blame_is_put_back(broker, tmp_path):
    """When Kafka refuses an empty log too, the data is where it was, and nothing else is left."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "mine").write_text("precious", encoding="utf-8")
    one = broker(REFUSES)
    one.start()
    assert _settled(one) == "failed"
    assert (tmp_path / "kafka" / "mine").read_text(encoding="utf-8") == "precious"
    assert not [*tmp_path.glob("kafka-set-aside-*")]
    assert one.notice == ""


@pytest.mark.parametrize(
    "words",
    [
        "java.io.IOException: No space left on device",
        "java.nio.file.AccessDeniedException: /x",
        "java.io.IOException: Read-only file system",
    ],
)
def test_data_is_not_to_blame_for_a_full_or_forbidden_disk(broker, tmp_path, words):
    """Kafka's first exception may hide the cause; data stays where it is all the same."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("not at all", encoding="utf-8")
    one = broker(REFUSES_DAMAGED.replace("raise", f"print('Caused by: {words}')\n raise") + STAYS)
    one.start()
    assert _settled(one) == "failed"
    assert not [*tmp_path.glob("kafka-set-aside-*")]


def test_data_is_not_to_blame_for_a_jvm_that_did_not_start(broker, tmp_path):
    """Too little memory for the JVM says nothing about the log."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("not at all", encoding="utf-8")
    says = "print('Error: could not reserve enough space')"
    refuses = f"import os\nif os.path.exists('kafka/damaged'):\n {says}\n raise SystemExit(1)\n"
    one = broker(refuses + STAYS)
    one.start()
    assert _settled(one) == "failed"
    assert one.reason == "Error: could not reserve enough space"
    assert not [*tmp_path.glob("kafka-set-aside-*")]


def test_a_program_that_is_not_there_is_a_failure(broker, tmp_path):
    """What the system says when nothing can be started is the reason."""
    one = broker(STAYS)
    object.__setattr__(one._plan, "command", ["/nowhere/java"])
    one.start()
    assert one.state == "failed"
    assert "No such file" in one.reason


def test_no_start_in_time_is_a_failure(broker, monkeypatch):
    """A process that never serves is ended, even where it listens."""
    monkeypatch.setattr(node, "START_SECONDS", 0.2)
    one = broker(LISTENS + "time.sleep(60)")
    one.start()
    assert _settled(one) == "failed"
    assert one.pid is None


def test_a_long_log_is_shortened_while_it_is_written(broker, tmp_path, monkeypatch):
    """The log of a long lab keeps its end, and what is written next follows it."""
    monkeypatch.setattr(node_log, "LOG_BYTES", 1_000)
    monkeypatch.setattr(node_log, "LOG_KEPT_BYTES", 100)
    writes = "for i in range(300): print(i, flush=True)\ninput()\nprint('last', flush=True)\n"
    one = broker(
        LISTENS + STARTED + writes.replace("input()", "time.sleep(0.5)") + "time.sleep(60)\n"
    )
    log = tmp_path / "broker.log"
    one.start()
    _settled(one)
    until(lambda: "299" in log.read_text(encoding="utf-8"))
    one.look()
    assert log.stat().st_size == 100
    until(lambda: log.read_text(encoding="utf-8").endswith("298\n299\nlast\n"))
    assert log.stat().st_size == 105


def test_the_log_of_the_time_before_is_kept(broker, tmp_path):
    """After a restart one can still read why the last one ended."""
    one = broker(STAYS)
    one.start()
    _settled(one)
    one.kill()
    one.start()
    assert "2222" in (tmp_path / "broker.before.log").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no death signal")
def test_it_dies_with_its_parent(tmp_path):
    """kill -9 of the process that started it ends it."""
    script = f"""
import os, sys, time
from eventlab.broker.node import Node
from eventlab.broker.plan import NodePlan
os.mkdir("template")
command = [sys.executable, "-c", "import time; time.sleep(60)"]
broker = Node(NodePlan(r"{tmp_path}", command, "template"), dict(os.environ))
broker.start()
print(broker.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", script]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", cwd=tmp_path)
    child = int(parent.stdout.readline())
    assert psutil.pid_exists(child)
    parent.kill()
    parent.communicate()
    until(lambda: not psutil.pid_exists(child))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows hands no lock on")
def test_it_holds_what_it_is_given(broker, tmp_path):
    """A descriptor that it is to hold, such as the folder's lock, stays open while it lives."""
    lock = locked(tmp_path / "lock")
    one = broker(STAYS)
    one._held = (lock.fileno(),)
    one.start()
    lock.close()
    assert locked(tmp_path / "lock") is None
    one.kill()
    locked(tmp_path / "lock").close()


ONE_PORT = "print('INFO Awaiting socket connections on 127.0.0.1:3333.', flush=True)\n"


def test_a_node_that_is_no_controller_is_given_the_address_of_one(broker):
    """It has no controller's listener of its own, and runs as soon as it names its one port."""
    one = broker(
        "import time\n" + ONE_PORT + STARTED + "time.sleep(60)", number=2, is_controller=False
    )
    one.start(controller_port=1111)
    assert "listeners=PLAINTEXT://127.0.0.1:0 " in _command(one)
    assert "controller.quorum.bootstrap.servers=127.0.0.1:1111" in _command(one)
    assert _settled(one) == "running"
    assert one.report == NodeState(2, "running", port=3333, pid=one.pid)
    assert one.controller_port == 0


@pytest.mark.parametrize(("keeps", "port"), [(True, 1111), (False, 0)])
def test_a_controller_comes_back_where_the_others_look_for_it(broker, keeps, port):
    """On the same port where others depend on it, on any port where nobody does."""
    one = broker(STAYS, keeps_controller_port=keeps)
    one.start()
    assert f"CONTROLLER://127.0.0.1:{0}" in _command(one)
    _settled(one)
    assert one.controller_port == port
    one.kill()
    assert one.controller_port == 0
    one.start()
    assert f"CONTROLLER://127.0.0.1:{port}" in _command(one)


def test_a_controller_s_port_that_was_taken_is_given_up(broker):
    """Better a controller at another place than none at all."""
    taken = (
        "import sys\nif ':1111' in sys.argv[-1]:\n"
        " print('KafkaException: x: Address already in use.')\n"
        " print('ERROR Exiting Kafka\\nRuntimeException: Fatal error')\n"
        " raise SystemExit(1)\n"
    )
    one = broker(taken + STAYS, keeps_controller_port=True)
    one.start()
    _settled(one)
    one.kill()
    one.start()
    assert _settled(one) == "running"
