"""Where partitions begin and end."""

import sys
from concurrent.futures import Future

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException
from confluent_kafka.admin import ListOffsetsResultInfo, OffsetSpec

from eventlab.errors import BrokerError, LogError
from eventlab.log import Cluster, Record, Topic, produce, read
from eventlab.log.offsets import offsets

offsets_module = sys.modules[offsets.__module__]


def test_each_place_has_its_offset(new_topic):
    """Of several topics at once; where no record is of that time it is -1."""
    first = new_topic(2)
    second = new_topic()
    produce(first, [Record("k", b"1", 5, partition=1)])
    places = [(first.name, 0), (first.name, 1), (second.name, 0)]
    ends = offsets(first.cluster, places, OffsetSpec.latest())
    assert list(ends.values()) == [0, 1, 0]
    later = offsets(first.cluster, places, OffsetSpec.for_timestamp(6))
    assert set(later.values()) == {-1}


class Unreached:
    """The admin client of a cluster whose leaders' addresses lead nowhere."""

    def __init__(self, admin):
        self._admin = admin

    def __getattr__(self, name):
        return getattr(self._admin, name)

    def list_offsets(self, wanted, **_options):
        answer = Future()
        answer.set_result(ListOffsetsResultInfo(OFFSET_INVALID, -1, -1))
        return dict.fromkeys(wanted, answer)


@pytest.mark.parametrize("question", [Topic.end_offsets, Topic.describe, read])
def test_a_leader_that_is_not_reached_is_an_error(broker, new_topic, question):
    """And not an offset of -1001; the address that the cluster gives for it is named."""
    topic = Topic(Cluster(broker.client_settings, "Ask Ann."), new_topic().name)
    topic.cluster.__dict__["admin"] = Unreached(topic.cluster.admin)
    with pytest.raises(BrokerError, match=f"at {broker.bootstrap_servers}") as caught:
        question(topic)
    assert caught.value.remedy == "Ask Ann."


def test_no_places_need_no_broker():
    """Nothing is asked."""
    nowhere = Cluster({"bootstrap.servers": "127.0.0.1:1"})
    assert offsets(nowhere, [], OffsetSpec.latest()) == {}


def test_a_topic_that_is_not_there_is_an_error(cluster):
    """And not an offset of -1."""
    with pytest.raises(LogError, match="did not tell its offsets"):
        offsets(cluster, [("log.nowhere", 0)], OffsetSpec.latest())


class Settling:
    """An admin client whose broker has just started: it refuses a few questions."""

    def __init__(self, admin, refusals: int, code=KafkaError.UNKNOWN_LEADER_EPOCH):
        self._admin = admin
        self.refusals = refusals
        self.code = code

    def __getattr__(self, name):
        return getattr(self._admin, name)

    def list_offsets(self, wanted, **options):
        self.refusals -= 1
        if self.refusals < 0:
            return self._admin.list_offsets(wanted, **options)
        refused = Future()
        refused.set_exception(KafkaException(KafkaError(self.code)))
        return dict.fromkeys(wanted, refused)


def test_a_topic_that_has_just_been_made_is_asked_for_again(cluster, new_topic):
    """It is there, and has no leader yet; librdkafka calls one that is not there the same."""
    topic = new_topic()
    apart = Cluster(cluster.settings)
    apart.admin = Settling(apart.admin, refusals=3, code=KafkaError._NOENT)
    assert Topic(apart, topic.name).end_offsets() == {0: 0}
    apart.admin.refusals = 10_000
    with pytest.raises(LogError, match="did not tell its offsets"):
        offsets(apart, [("log.nowhere", 0)], OffsetSpec.latest())


def test_a_broker_that_has_just_started_is_asked_again(cluster, new_topic, monkeypatch):
    """It does not know yet that it leads; a moment later it does, or the error is raised."""
    topic = new_topic()
    produce(topic, [("k", "1")])
    apart = Cluster(cluster.settings)
    apart.admin = Settling(apart.admin, refusals=3)
    assert Topic(apart, topic.name).end_offsets() == {0: 1}
    monkeypatch.setattr(offsets_module, "ANSWER_SECONDS", 0.1)
    apart.admin.refusals = 10_000
    with pytest.raises(LogError, match="UNKNOWN_LEADER_EPOCH"):
        Topic(apart, topic.name).end_offsets()
