"""A cluster as its clients see it."""

import pickle
import subprocess
import sys
from concurrent.futures import Future

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer

from eventlab.errors import BrokerError, LogError, TopicError
from eventlab.log import Cluster, produce
from eventlab.log.cluster import plain_error
from tests.conftest import FRAGILE

NOWHERE = {"bootstrap.servers": "127.0.0.1:1"}

SILENT = """
import sys
from confluent_kafka import Consumer, Producer
from eventlab.log import Cluster
settings = Cluster({"bootstrap.servers": sys.argv[1]}).settings
producer = Producer(settings)
consumer = Consumer(settings | {"group.id": "silent", "auto.offset.reset": "earliest"})
consumer.subscribe(["nothing"])
producer.produce("nothing", b"x")
consumer.poll(0.5)
producer.flush(0.5)
print("ready", flush=True)
sys.stdin.readline()
consumer.poll(1.5)
producer.flush(0.5)
consumer.close()
producer.purge()
"""


def test_nothing_is_asked_before_it_must_be():
    """A cluster that is not there can be named, shown and given settings from."""
    cluster = Cluster(NOWHERE)
    assert repr(cluster) == "Cluster('127.0.0.1:1')"
    assert cluster.settings["bootstrap.servers"] == "127.0.0.1:1"


def test_settings_are_a_copy_and_what_the_user_says_wins():
    """Nobody changes the cluster by changing what it gave."""
    cluster = Cluster(NOWHERE | {"log_level": 6})
    cluster.settings["bootstrap.servers"] = "elsewhere"
    assert cluster.settings["bootstrap.servers"] == "127.0.0.1:1"
    assert cluster.settings["log_level"] == 6


def test_plain_clients_take_the_settings(cluster, new_topic):
    """A producer and a consumer of confluent_kafka's own work with them, side by side with ours."""
    topic = new_topic()
    producer = Producer(cluster.settings)
    producer.produce(topic.name, b'{"n": 1}')
    assert producer.flush(10) == 0
    consumer = Consumer(
        cluster.settings | {"group.id": topic.name, "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic.name])
    (message,) = consumer.consume(1, 20)
    consumer.close()
    assert message.value() == b'{"n": 1}'


@FRAGILE
def test_plain_clients_write_nothing_while_the_broker_is_away(fragile):
    """Neither a missing nor a vanished broker makes librdkafka write to a notebook's stderr."""
    command = [sys.executable, "-c", SILENT, fragile.bootstrap_servers]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdout.readline() == "ready\n"
        fragile.stop()
        _, stderr = process.communicate("\n", 30)
    assert (process.returncode, stderr) == (0, "")


def test_a_broker_that_is_not_there_is_one_clear_error(monkeypatch):
    """It names the address and the remedy."""
    monkeypatch.setattr("eventlab.log.cluster.ANSWER_SECONDS", 0.3)
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1 did not name its topics.*start it"):
        Cluster(NOWHERE).metadata()


def test_the_remedy_is_that_of_whoever_has_the_cluster(monkeypatch):
    """Nobody is told to start what is not theirs, in another process neither."""
    monkeypatch.setattr("eventlab.log.cluster.ANSWER_SECONDS", 0.3)
    cluster = pickle.loads(pickle.dumps(Cluster(NOWHERE, "Ask Ann.")))
    with pytest.raises(BrokerError) as caught:
        cluster.metadata()
    assert caught.value.remedy == "Ask Ann."


def test_a_name_that_cannot_be_resolved_is_named(monkeypatch):
    """In place of a transport failure."""
    monkeypatch.setattr("eventlab.log.cluster.ANSWER_SECONDS", 0.3)
    with pytest.raises(BrokerError, match=r"the name no\.such\.host\.invalid, which could not"):
        Cluster({"bootstrap.servers": "no.such.host.invalid:9092"}).metadata()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (KafkaError._ALL_BROKERS_DOWN, BrokerError),
        (KafkaError._TIMED_OUT, BrokerError),
        (KafkaError.INVALID_CONFIG, TopicError),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, TopicError),
        (KafkaError.GROUP_ID_NOT_FOUND, LogError),
    ],
)
def test_kafka_s_objections_become_our_errors(code, kind):
    """Each kind of code is of our kind, and keeps Kafka's own name for it."""

    def objecting():
        raise KafkaException(KafkaError(code))

    with pytest.raises(kind, match="did not do this") as caught:
        Cluster(NOWHERE).asked("do this", objecting)
    assert type(caught.value) is kind
    assert KafkaError(code).name() in str(caught.value)
    assert type(plain_error("x", KafkaError(code), Cluster(NOWHERE))) is kind


def test_an_answer_that_does_not_come_is_one_clear_error(monkeypatch):
    """As one that librdkafka gives up waiting for is."""
    monkeypatch.setattr("eventlab.log.cluster.ANSWER_SECONDS", 0.01)
    with pytest.raises(BrokerError, match="did not do this"):
        Cluster(NOWHERE).answer("do this", Future())


def test_a_producer_is_used_again_but_never_by_two(cluster):
    """Two borrowers have two producers; what is given back goes to the next with its settings."""
    settings = {"client.id": "borrowed"}
    first, second = cluster.borrow_producer(settings), cluster.borrow_producer(settings)
    assert first is not second
    cluster.give_back_producer(first, settings)
    assert cluster.borrow_producer({"client.id": "another"}) is not first
    assert cluster.borrow_producer(settings) is first


def test_writing_again_finds_a_producer_ready(cluster, new_topic):
    """A producer that has done its work is kept for the next one who writes."""
    topic, settings = new_topic(), {"client.id": "kept"}
    produce(topic, [("k", "1")], settings=settings)
    (idle,) = (kept for chosen, kept in cluster._idle.items() if ("client.id", "kept") in chosen)
    (producer,) = idle
    produce(topic, [("k", "2")], settings=settings)
    assert idle == [producer]


def test_a_setting_that_librdkafka_does_not_know_is_named(new_topic):
    """A misspelt setting is one error with its name."""
    with pytest.raises(LogError, match=r"no\.such\.setting"):
        produce(new_topic(), [("k", "v")], settings={"no.such.setting": 1})
