"""What clients begin with: a member of a group that is killed gives its partitions up soon."""

import json
import subprocess
import sys

import pytest
from confluent_kafka import Consumer

from eventlab.log import Cluster, Topic, produce
from eventlab.log.client_settings import ClientSettings
from tests.waiting import until

# Kafka's own default is 45, our own broker's members have 3; the rest is for a busy machine.
_SOON_SECONDS = 15

MEMBER = """
import json, sys
from confluent_kafka import Consumer
settings, topic = json.loads(sys.argv[1])
consumer = Consumer(settings)
consumer.subscribe([topic])
while not consumer.consume(1, 1.0):
    pass
print("has its partitions", flush=True)
while True:
    consumer.consume(1, 1.0)
"""


def member_settings(topic: Topic, protocol: str) -> ClientSettings:
    return topic.cluster.settings | {
        "group.id": topic.name,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "group.protocol": protocol,
    }


def kill_a_member(settings: ClientSettings, topic: Topic) -> None:
    """Let a process become a member that has all partitions, and end it with SIGKILL."""
    command = [sys.executable, "-c", MEMBER, json.dumps([settings, topic.name])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        try:
            assert process.stdout.readline() == "has its partitions\n"
        finally:
            process.kill()


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_a_killed_member_keeps_its_partitions_only_for_a_moment(new_topic, protocol):
    """Another one of its group reads what was its share, from where the group stood."""
    topic = new_topic(3)
    produce(topic, [(str(n), {"n": n}) for n in range(30)])
    settings = member_settings(topic, protocol)
    kill_a_member(settings, topic)
    heir = Consumer(settings)
    heir.subscribe([topic.name])
    seen = []

    def has_read_all() -> bool:
        seen.extend(message.value() for message in heir.consume(30, 0.1))
        return len(seen) >= 30

    until(has_read_all, seconds=_SOON_SECONDS, what="the partitions of the killed member")
    heir.close()
    assert len(set(seen)) == 30


def test_any_kafka_allows_its_members_the_settings_of_a_cluster():
    """Six seconds is the least that Kafka allows where nobody has told it otherwise."""
    assert Cluster({"bootstrap.servers": "a:1"}).settings["session.timeout.ms"] == 6000


def test_the_settings_of_one_protocol_are_not_given_to_the_other():
    """Those of our own go; one that the caller adds stays, and librdkafka says what is wrong."""
    settings = Cluster({"bootstrap.servers": "a:1"}).settings
    modern = settings | {"group.protocol": "consumer"}
    assert not {"session.timeout.ms", "heartbeat.interval.ms"} & modern.keys()
    chosen = settings | {"group.protocol": "consumer", "session.timeout.ms": 9000}
    assert chosen["session.timeout.ms"] == 9000
    assert (settings | {"a": 1} | {"b": 2})["session.timeout.ms"] == 6000


def test_a_cluster_of_the_consumer_protocol_gets_no_classic_settings():
    """Its configuration file may say so for all its clients."""
    settings = Cluster({"bootstrap.servers": "a:1", "group.protocol": "consumer"}).settings
    assert "session.timeout.ms" not in settings
