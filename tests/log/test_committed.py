"""What groups have committed, asked from outside of them."""

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient

from eventlab.errors import BrokerError
from eventlab.log import Cluster, Topic, begin_anew, lag, produce
from eventlab.log.committed import committed, rewind
from tests.waiting import until


def commit(topic: Topic, group: str, offset: int, partition: int = 0) -> None:
    """Let a group, which nobody is in, have committed an offset."""
    one = Consumer(topic.cluster.settings | {"group.id": group, "enable.auto.commit": False})
    one.commit(offsets=[TopicPartition(topic.name, partition, offset)], asynchronous=False)
    one.close()


def test_what_a_group_has_committed_is_told(new_topic):
    """Of the places of which it has committed something, and of no others."""
    topic = new_topic(3)
    commit(topic, topic.name, 7, partition=2)
    places = [(topic.name, number) for number in range(3)]
    assert committed(topic.cluster, topic.name, places) == {(topic.name, 2): 7}
    assert committed(topic.cluster, f"{topic}.nobody", places) == {}
    assert committed(topic.cluster, topic.name, []) == {}


def test_lag_does_not_ask_what_could_end_the_process(new_topic, monkeypatch):
    """On a broker whose coordinator has just moved librdkafka's own question is its last."""
    topic = new_topic()
    produce(topic, [("k", "1")] * 3)
    commit(topic, topic.name, 1)
    monkeypatch.delattr(AdminClient, "list_consumer_group_offsets")
    assert lag(topic.cluster, topic.name)["lag"].tolist() == [2]


def test_groups_begin_anew_with_a_topic_that_was_made_anew(new_topic):
    """Offsets that outlived a topic are gone, those of others are not; every group is asked."""
    topic, other = new_topic(2), new_topic()
    names = [f"{topic}.{number}" for number in range(25)]
    for name in names[-2:]:
        commit(topic, name, 7, partition=1)
        commit(other, name, 5)
    commit(topic, f"other.{topic}", 3)
    assert rewind(topic.cluster, names, [(topic.name, 0), (topic.name, 1)]) == names[-2:]
    place, elsewhere = (topic.name, 1), (other.name, 0)
    assert committed(topic.cluster, names[-1], [place, elsewhere]) == {place: 0, elsewhere: 5}
    assert begin_anew(topic, f"{topic}.") == []
    assert begin_anew(topic, f"other.{topic}") == [f"other.{topic}"]


def test_a_group_with_members_is_left_alone(new_topic):
    """They commit for themselves, and Kafka takes no offsets of anybody else."""
    topic = new_topic()
    commit(topic, topic.name, 7)
    one = Consumer(topic.cluster.settings | {"group.id": topic.name, "enable.auto.commit": False})
    one.subscribe([topic.name])
    until(lambda: one.consume(1, 0.05) or one.assignment())
    assert begin_anew(topic, topic.name) == []
    one.close()
    assert begin_anew(topic, topic.name) == [topic.name]


def test_a_broker_that_is_away_is_one_error(monkeypatch):
    """Kafka's own error does not come through."""
    monkeypatch.setattr("eventlab.log.committed.ANSWER_SECONDS", 0.2)
    with pytest.raises(BrokerError, match="did not tell the offsets of anyone"):
        committed(Cluster({"bootstrap.servers": "127.0.0.1:1"}), "anyone", [("nothing", 0)])
