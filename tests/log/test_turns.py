import pytest
from confluent_kafka import Consumer

from eventlab.log import Cluster, Topic, produce, take_turns

pytestmark = pytest.mark.broker


@pytest.fixture
def cluster(broker):
    """The suite's cluster."""
    return Cluster(broker.client_settings)


def readers(cluster, topic, groups):
    """Return a subscribed consumer for each group named."""
    early = cluster.settings | {"auto.offset.reset": "earliest"}
    consumers = [Consumer(early | {"group.id": group}) for group in groups]
    for consumer in consumers:
        consumer.subscribe([topic.name])
    return consumers


def test_groups_of_their_own_read_everything(cluster):
    """Each of three consumers gets each of the records, in order."""
    topic = Topic(cluster, "turns.own").reset(1)
    produce(topic, [(None, str(n)) for n in range(700)])
    consumers = readers(cluster, topic, ["turns-1", "turns-2", "turns-3"])
    taken = take_turns(consumers, up_to=700, seconds=30)
    values = [str(n).encode() for n in range(700)]
    assert [[message.value() for message in messages] for messages in taken] == [values] * 3
    for consumer in consumers:
        consumer.close()


def test_no_more_is_taken_than_asked_for(cluster):
    """What comes after the last one asked for is left for the next turn."""
    topic = Topic(cluster, "turns.some").reset(1)
    produce(topic, [(None, str(n)) for n in range(10)])
    (consumer,) = readers(cluster, topic, ["turns-some"])
    assert [len(take_turns([consumer], up_to=n, seconds=30)[0]) for n in (4, 6)] == [4, 6]
    consumer.close()


def test_it_ends_when_the_time_is_up(cluster):
    """An empty topic gives nothing, and no error."""
    topic = Topic(cluster, "turns.empty").reset(1)
    (consumer,) = readers(cluster, topic, ["turns-empty"])
    assert take_turns([consumer], up_to=1, seconds=0.3) == [[]]
    consumer.close()
