"""Several consumers of one notebook, in turn."""

import pytest
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from eventlab.errors import LogError
from eventlab.log import Topic, produce, take_turns


def reader(topic: Topic, group: str) -> Consumer:
    consumer = Consumer(topic.cluster.settings | {"group.id": group})
    consumer.assign([TopicPartition(topic.name, 0, 0)])
    return consumer


def test_each_gets_all_of_it_in_order(new_topic):
    """Three readers see the same sequence, each up to what was asked for and no further."""
    topic = new_topic()
    produce(topic, [("k", str(n)) for n in range(1_300)])
    readers = [reader(topic, f"{topic.name}.{n}") for n in range(3)]
    taken = take_turns(readers, up_to=1_200, seconds=20)
    for consumer, messages in zip(readers, taken, strict=True):
        assert [message.offset() for message in messages] == [*range(1_200)]
        consumer.close()


class Refused(Consumer):
    """A consumer whose reading is refused, again and again."""

    def __init__(self, code: int) -> None:
        super().__init__({"group.id": "refused"})
        self._message = Message(topic="t", partition=0, offset=0, error=KafkaError(code))

    def consume(self, number: int, seconds: float) -> list[Message]:
        return [self._message]


def test_what_kafka_refuses_for_good_is_an_error():
    """Nobody waits for records that will never come."""
    with pytest.raises(LogError, match="TOPIC_AUTHORIZATION_FAILED"):
        take_turns([Refused(KafkaError.TOPIC_AUTHORIZATION_FAILED)], up_to=1, seconds=30)


@pytest.mark.parametrize("code", [KafkaError._TRANSPORT, KafkaError._UNKNOWN_TOPIC])
def test_what_may_still_come_is_waited_for(code):
    """A broker that is away, and a topic that is not known yet."""
    assert take_turns([Refused(code)], up_to=1, seconds=0.01) == [[]]


def test_time_ends_it_where_there_is_no_more(new_topic):
    """What has come by then is returned, and errors are not among it."""
    topic = new_topic()
    produce(topic, [("k", "1")] * 3)
    one = reader(topic, topic.name)
    (messages,) = take_turns([one], up_to=100, seconds=1.0)
    one.close()
    assert [message.value() for message in messages] == [b"1"] * 3
