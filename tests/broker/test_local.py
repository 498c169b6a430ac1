"""The broker as a user holds it: stop, kill, freeze, come back, with nothing lost."""

import gc
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from confluent_kafka import OFFSET_INVALID, Consumer, Producer, TopicPartition

from eventlab.broker import VERSION, Broker, join, local, running_broker
from eventlab.broker.readiness import create_topic
from eventlab.broker.states import BrokerState
from eventlab.errors import BrokerError, EventlabError, StorageError
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic
from tests.broker.homes import assert_nothing_left, processes_of, supervisor_pid
from tests.broker.traffic import Sender, values_in
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture(scope="module")
def turns_home(tmp_path_factory) -> Path:
    """Return the home of the broker that these tests take turns at."""
    folder = tmp_path_factory.mktemp("turns, with é")
    (folder / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def turns(turns_home) -> Iterator[Broker]:
    """Return the only seat at it between two tests; at the end nothing is left of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_HOME", str(turns_home))
        seat = join("a test")
    yield seat
    seat.end()
    assert_nothing_left(turns_home)


@pytest.fixture
def seat(turns, turns_home, monkeypatch) -> Broker:
    """Return a seat at a running broker that this test may do anything to."""
    monkeypatch.setenv("EVENTLAB_HOME", str(turns_home))
    turns.start()
    return turns


def test_every_acknowledged_event_survives_all_that_a_lesson_does(seat):
    """Events acknowledged before and between are there after stop, kill, freeze and restart."""
    create_topic(seat.client_settings, "kept")
    address = seat.bootstrap_servers
    with Sender(seat, "kept") as sender:
        for commands in (["stop", "start"], ["kill", "start"], ["suspend", "resume"], ["restart"]):
            sender.some_more()
            for command in commands:
                getattr(seat, command)()
        sender.some_more()
    assert sender.acknowledged <= values_in(seat, "kept")
    assert seat.bootstrap_servers == address


def test_it_says_what_it_is(seat, turns_home):
    """A seat tells version, address, process, memory, users and where Kafka's log is."""
    assert (seat.version, seat.status, seat.users, seat.notice) == (
        VERSION,
        "running",
        ["a test"],
        "",
    )
    assert seat.client_settings == {
        "bootstrap.servers": seat.bootstrap_servers,
        "session.timeout.ms": "2500",
        "heartbeat.interval.ms": "300",
    }
    assert "kafka.Kafka" in psutil.Process(seat.pid).cmdline()
    assert 50 < seat.memory_megabytes < 500
    assert "Kafka Server started" in seat.log_path.read_text(encoding="utf-8")
    assert seat.log_path.is_relative_to(turns_home)


def test_each_state_has_its_name_and_its_reason(seat):
    """Stop, kill and freeze are kept apart, and waking something awake does nothing."""
    seat.suspend()
    assert (seat.status, seat.reason) == ("suspended", "it was suspended")
    seat.resume()
    seat.resume()
    assert seat.status == "running"
    seat.stop()
    seat.stop()
    assert (seat.status, seat.reason, seat.pid) == ("stopped", "it was stopped", None)
    assert seat.memory_megabytes == 0
    seat.start()
    seat.kill()
    assert (seat.status, seat.reason) == ("stopped", "it was killed")
    with pytest.raises(BrokerError, match=r"not running: .*found it was killed\. Start it with"):
        seat.suspend()


@pytest.mark.long
def test_a_port_that_somebody_has_taken_meanwhile_is_given_up(seat):
    """Kafka says so in the middle of its own troubles, and is started at another one."""
    port = int(seat.bootstrap_servers.rsplit(":")[-1])
    seat.stop()
    with socket.create_server(("127.0.0.1", port)):
        seat.start()
        assert seat.status == "running"
        assert seat.bootstrap_servers != f"127.0.0.1:{port}"
        assert Cluster(seat.client_settings).metadata().brokers


def test_a_suspended_broker_can_be_stopped_or_started(seat):
    """Freezing does not take the other commands away."""
    seat.suspend()
    seat.start()
    assert seat.status == "running"
    seat.suspend()
    seat.stop()
    assert seat.status == "stopped"


def test_a_broker_killed_from_outside_is_noticed_and_comes_back(seat):
    """kill -9 of Kafka is reported to its users with the signal; start brings it back."""
    heard = []
    forget = seat.on_change(lambda reported: heard.append(reported.state))
    os.kill(seat.pid, signal.SIGKILL)
    until(lambda: seat.status == "stopped")
    assert seat.reason == "it was ended by signal 9"
    seat.start()
    forget()
    forget()
    seat.stop()
    assert heard[0] == "stopped"
    assert heard[-1] == "running"


@pytest.mark.long
@pytest.mark.parametrize("victim", ["Kafka", "the supervisor"])
def test_it_starts_although_it_dies_in_that_moment(seat, turns_home, victim):
    """Whoever starts it sees it running still; what dies meanwhile is started anew."""
    pid = seat.pid if victim == "Kafka" else supervisor_pid(turns_home)
    os.kill(pid, signal.SIGKILL)
    seat.start()
    assert seat.status == "running"
    assert seat.pid is not None


def test_a_broker_whose_supervisor_was_killed_is_lost_and_comes_back(seat, turns_home):
    """kill -9 of the supervisor takes Kafka along; start brings both back at the same address."""
    address, broker = seat.bootstrap_servers, seat.pid
    os.kill(supervisor_pid(turns_home), signal.SIGKILL)
    until(lambda: seat.status == "lost")
    until(lambda: not psutil.pid_exists(broker), what="the end of Kafka")
    assert seat.reason == "its supervisor is gone"
    seat.stop()
    seat.kill()
    seat.start()
    assert (seat.status, seat.bootstrap_servers) == ("running", address)


@pytest.mark.long
def test_another_user_brings_it_back_where_all_others_look_for_it(seat, turns_home):
    """The port is the home's: who starts the broker anew may never have seen it before."""
    address = seat.bootstrap_servers
    os.kill(supervisor_pid(turns_home), signal.SIGKILL)
    until(lambda: seat.status == "lost")
    with join("another") as other:
        assert other.bootstrap_servers == address
        assert Cluster(seat.client_settings).metadata().brokers


def test_several_seats_in_one_process_are_one_broker(seat):
    """A second Lab in the same kernel joins, and its end does nothing to the first."""
    with join("another") as other:
        assert other.pid == seat.pid
        until(lambda: seat.users == ["a test", "another"])
    other.close()
    until(lambda: seat.users == ["a test"])
    assert seat.status == "running"


def test_whoever_joins_a_stopped_broker_starts_it(seat):
    """A notebook opened while another has stopped the broker gets one that runs."""
    seat.stop()
    with join("another") as other:
        assert other.status == "running"
        until(lambda: seat.status == "running")


@pytest.mark.long
def test_two_who_stop_and_start_at_once_both_come_to_an_end(seat):
    """A stop that another user undoes at once still returns, and never hangs."""
    with join("another") as other:
        for _ in range(3):
            starter = threading.Thread(target=other.restart, daemon=True)
            starter.start()
            seat.stop()
            starter.join(30)
            assert not starter.is_alive()
        seat.start()
        assert seat.status == "running"


def test_looking_starts_nothing(seat):
    """A seat taken to look at a stopped broker leaves it stopped, and its end leaves no user."""
    seat.stop()
    with running_broker("a look") as look:
        assert look.status == "stopped"
    gc.collect()
    until(lambda: seat.users == ["a test"])
    assert seat.status == "stopped"


def test_without_a_broker_there_is_nothing_to_look_at(home):
    """Looking where no broker runs starts none."""
    assert running_broker("a look") is None
    assert processes_of(home) == []


def test_keep_outlives_its_users_and_end_ends_it(home):
    """A broker that is kept stays when the last user goes; end takes everything away."""
    with join("a test") as seat:
        seat.keep()
    until(lambda: running_broker("a look").users == ["a look"])
    look = running_broker("a look")
    look.end()
    assert look.status == "lost"
    assert look.memory_megabytes == 0
    until(lambda: not processes_of(home))


def test_a_start_that_fails_is_one_error_and_leaves_no_seat(home, monkeypatch):
    """When Kafka refuses to start the error has its reason, and nobody holds the supervisor."""
    monkeypatch.setattr(
        "eventlab.broker.configuration._SMALL", {"num.io.threads": "two"}, raising=True
    )
    with pytest.raises(BrokerError, match=r"Kafka did not start: .*found .*Invalid value two"):
        join("a test")
    until(lambda: not processes_of(home))
    assert (home / "data" / "kafka").exists()


def test_waiting_ends_when_someone_stops_the_broker_meanwhile(seat, monkeypatch):
    """A broker that goes away before it is ready is reported at once, not after a minute."""
    monkeypatch.setattr(local, "await_ready", lambda *_args, **_named: False)
    with pytest.raises(BrokerError, match=r"did not start: .* Its log is"):
        seat.start()


def test_it_starts_although_another_user_brings_it_back_meanwhile(seat, monkeypatch):
    """Then it runs again when the one who waited finds out that it had died."""
    answers = iter([False, True])
    monkeypatch.setattr(local, "await_ready", lambda *_args, **_named: next(answers))
    seat.start()
    assert list(answers) == []
    assert seat.status == "running"


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("No space left on device", StorageError),
        ("[Errno 13] Permission denied: 'x'", StorageError),
        ("java.nio.file.AccessDeniedException: x", StorageError),
        ("java.lang.RuntimeException: x", BrokerError),
    ],
)
def test_the_reason_decides_the_error(home, reason, kind):
    """A full disk and a forbidden folder are reported as such, with the variable that helps."""
    error = local._failed(BrokerState("failed", reason))
    assert type(error) is kind
    assert isinstance(error, EventlabError)
    assert ("EVENTLAB_HOME" in str(error)) == (kind is StorageError)


@pytest.mark.long
def test_a_topic_made_anew_at_once_takes_its_groups_offsets_along(home):
    """However much Kafka has to load of its groups, a start returns when a deletion is safe."""
    with join("a test") as seat:
        topic = Topic(Cluster(seat.client_settings), "anew").create()
        committed = TopicPartition(topic.name, 0, 100)
        reader = Consumer(seat.client_settings | {"group.id": "reader"})
        reader.commit(offsets=[committed], asynchronous=False)
        reader.close()
        _make_loading_slow(topic.cluster)
        seat.stop()
        seat.start()
        topic.reset()
        reader = Consumer(seat.client_settings | {"group.id": "reader"})
        (found,) = reader.committed([TopicPartition(topic.name, 0)], timeout=30)
        reader.close()
        assert found.offset == OFFSET_INVALID
        seat.end()


def _make_loading_slow(cluster: Cluster) -> None:
    """Write the same commit for as many groups as take a second to load."""
    place = TopicPartition("__consumer_offsets", 0, 0)
    reader = Consumer(cluster.settings | {"group.id": "raw"})
    reader.assign([place])
    commit = until(lambda: next((m for m in reader.consume(10, 0.5) if m.value()), None))
    reader.close()
    is_tool = {"client.id": "__admin_client"}  # from anyone else Kafka takes nothing there
    writer = Producer(cluster.settings | is_tool | {"queue.buffering.max.messages": 100_000})
    for number in range(30_000):
        key = commit.key().replace(b"\x00\x06reader", b"\x00\x06r%05d" % number)
        writer.produce(place.topic, key=key, value=commit.value(), partition=0)
    assert writer.flush(60) == 0
