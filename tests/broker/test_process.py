"""The broker as a process, with a small script in the place of Kafka."""

import os
import stat
import subprocess
import sys

import psutil
import pytest

from eventlab.broker import process
from eventlab.broker.plan import Plan
from eventlab.broker.process import BrokerProcess, broker_port, failure_reason
from eventlab.broker.supervisor import locked
from tests.waiting import until

LISTENS = """
import sys, time
print("INFO Awaiting socket connections on 127.0.0.1:1111. (kafka.network)", flush=True)
print("INFO Awaiting socket connections on 127.0.0.1:2222. (kafka.network)", flush=True)
"""
STAYS = LISTENS + "time.sleep(60)\n"
REFUSES = """
print("ERROR harmless: Expected partition x to exist, but it was missing. Creating...")
print("ERROR Exiting Kafka due to fatal exception (kafka.Kafka$)")
print("java.lang.RuntimeException: No readable meta.properties files found.")
raise SystemExit(1)
"""
REFUSES_DAMAGED = "import os\nif os.path.exists('kafka/damaged'):" + REFUSES.replace("\n", "\n ")


@pytest.fixture
def broker(tmp_path):
    """Return what makes a BrokerProcess whose Kafka is a Python script."""
    made = []

    def make(script: str, **options) -> BrokerProcess:
        template = tmp_path / "template"
        (template / "__cluster_metadata-0").mkdir(parents=True, exist_ok=True)
        (template / "meta.properties").write_text("whole")
        (template / "__cluster_metadata-0" / "log").write_text("x")
        (template / "meta.properties").chmod(0o400)
        command = [sys.executable, "-c", script]
        folder = str(tmp_path)
        plan = Plan(folder, command, dict(os.environ), str(template), "t", 1.0, **options)
        made.append(BrokerProcess(plan))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def _settled(broker: BrokerProcess) -> str:
    def look() -> bool:
        broker.look()
        return not broker.busy

    until(look)
    return broker.state


def test_the_broker_names_its_port_after_the_controller():
    """The controller's line comes first; one line is not enough."""
    controller, both = LISTENS.splitlines()[2], LISTENS
    assert broker_port(controller) is None
    assert broker_port(both) == 2222


def test_the_reason_is_the_exception_after_the_last_words():
    """An ERROR before Kafka gives up is not why it did."""
    log = "ERROR one thing\njava.io.IOException: early\nERROR Exiting Kafka due to x\nat y\n"
    assert failure_reason(log + "ConfigException: bad\nKafkaException: later") == (
        "ConfigException: bad"
    )
    assert failure_reason(log) == "ERROR Exiting Kafka due to x"
    assert failure_reason("hello\nbye") == "bye"
    assert failure_reason("") == "it said nothing"


def test_it_starts_on_a_copy_of_the_template(broker, tmp_path):
    """The first start brings the template, writable whatever its modes; the next keeps the data."""
    one = broker(STAYS)
    one.start()
    assert _settled(one) == "running"
    assert one.port == 2222
    meta = tmp_path / "kafka" / "meta.properties"
    assert meta.read_text() == "whole"
    assert meta.stat().st_mode & stat.S_IWUSR
    meta.write_text("mine")
    one.stop()
    assert _settled(one) == "stopped"
    one.start()
    assert meta.read_text() == "mine"


def test_a_restart_asks_for_the_same_port(broker, tmp_path):
    """The listeners on the command line name port 0 first, then the port it had."""
    one = broker(STAYS)
    one.start()
    assert "listeners=PLAINTEXT://127.0.0.1:0," in " ".join(psutil.Process(one.pid).cmdline())
    _settled(one)
    one.kill()
    one.start()
    assert "listeners=PLAINTEXT://127.0.0.1:2222," in " ".join(psutil.Process(one.pid).cmdline())


def test_a_port_that_was_taken_is_given_up(broker):
    """When the wished port is someone else's, the system chooses another one."""
    taken = (
        "import sys\nif ':2222,' in sys.argv[-1]:\n"
        " print('ERROR Exiting Kafka\\nKafkaException: x: Address already in use.')\n"
        " raise SystemExit(1)\n"
    )
    one = broker(taken + STAYS, port=2222)
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
    one = broker(LISTENS + "time.sleep(0.2)\n" + REFUSES)
    one.start()
    assert _settled(one) == "running"
    until(lambda: one.look() or one.state == "stopped")
    assert one.reason.startswith("it ended with status 1: java.lang.RuntimeException: No readable")


def test_data_that_kafka_refuses_is_moved_aside(broker, tmp_path):
    """The lab starts empty, says so, and every byte of the refused data is kept."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("precious")
    one = broker(REFUSES_DAMAGED + STAYS)
    one.start()
    assert _settled(one) == "running"
    (aside,) = tmp_path.glob("kafka-set-aside-*")
    assert (aside / "damaged").read_text() == "precious"
    assert str(aside) in one.notice
    assert "No readable meta.properties" in one.notice
    assert (tmp_path / "kafka" / "meta.properties").exists()


def test_data_that_was_not_to_blame_is_put_back(broker, tmp_path):
    """When Kafka refuses an empty log too, the data is where it was, and nothing else is left."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "mine").write_text("precious")
    one = broker(REFUSES)
    one.start()
    assert _settled(one) == "failed"
    assert (tmp_path / "kafka" / "mine").read_text() == "precious"
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
    (tmp_path / "kafka" / "damaged").write_text("not at all")
    one = broker(REFUSES_DAMAGED.replace("raise", f"print('Caused by: {words}')\n raise") + STAYS)
    one.start()
    assert _settled(one) == "failed"
    assert not [*tmp_path.glob("kafka-set-aside-*")]


def test_data_is_not_to_blame_for_a_jvm_that_did_not_start(broker, tmp_path):
    """Too little memory for the JVM says nothing about the log."""
    (tmp_path / "kafka").mkdir()
    (tmp_path / "kafka" / "damaged").write_text("not at all")
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


def test_no_port_in_time_is_a_failure(broker, monkeypatch):
    """A process that never listens is ended."""
    monkeypatch.setattr(process, "START_SECONDS", 0.2)
    one = broker("import time; time.sleep(60)")
    one.start()
    assert _settled(one) == "failed"
    assert one.pid is None


def test_a_long_log_is_shortened_while_it_is_written(broker, tmp_path, monkeypatch):
    """The log of a long lab keeps its end, and what is written next follows it."""
    monkeypatch.setattr(process, "LOG_BYTES", 1_000)
    monkeypatch.setattr(process, "LOG_KEPT_BYTES", 100)
    writes = "for i in range(300): print(i, flush=True)\ninput()\nprint('last', flush=True)\n"
    one = broker(LISTENS + writes.replace("input()", "time.sleep(0.5)") + "time.sleep(60)\n")
    log = tmp_path / "broker.log"
    one.start()
    _settled(one)
    until(lambda: "299" in log.read_text())
    one.look()
    assert log.stat().st_size == 100
    until(lambda: log.read_text().endswith("298\n299\nlast\n"))
    assert log.stat().st_size == 105


def test_the_log_of_the_time_before_is_kept(broker, tmp_path):
    """After a restart one can still read why the last one ended."""
    one = broker(STAYS)
    one.start()
    _settled(one)
    one.kill()
    one.start()
    assert "2222" in (tmp_path / "broker.before.log").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no death signal")
def test_it_dies_with_its_parent(tmp_path):
    """kill -9 of the process that started it ends it."""
    script = f"""
import os, sys, time
from eventlab.broker.plan import Plan
from eventlab.broker.process import BrokerProcess
os.mkdir("template")
command = [sys.executable, "-c", "import time; time.sleep(60)"]
broker = BrokerProcess(Plan(r"{tmp_path}", command, dict(os.environ), "template", "t", 1.0))
broker.start()
print(broker.pid, flush=True)
time.sleep(60)
"""
    command = [sys.executable, "-c", script]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
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
