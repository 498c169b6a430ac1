"""Several consumers of one notebook, in turn."""

from confluent_kafka import Consumer, TopicPartition

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


def test_time_ends_it_where_there_is_no_more(new_topic):
    """What has come by then is returned, and errors are not among it."""
    topic = new_topic()
    produce(topic, [("k", "1")] * 3)
    one = reader(topic, topic.name)
    (messages,) = take_turns([one], up_to=100, seconds=1.0)
    one.close()
    assert [message.value() for message in messages] == [b"1"] * 3
