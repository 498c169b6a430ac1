"""Messages with their place."""

from confluent_kafka import TopicPartition

from eventlab.log import Record, produce
from eventlab.log.messages import consumed, pieces, polled, wrong_time
from eventlab.log.reading import reader
from tests.waiting import until


def test_what_comes_out_of_a_partition_knows_its_place(new_topic):
    """One by one or several at once: topic, partition and offset are never missing."""
    topic = new_topic()
    produce(topic, [Record("k", b"%d" % n) for n in range(3)])
    consumer = reader(topic.cluster)
    consumer.subscribe([topic.name])
    found = []
    until(lambda: found.append(polled(consumer, 0.1)) or found[-1] is not None)
    until(lambda: found.extend(consumed(consumer, 10, 0.1)) or len(found) >= found.count(None) + 3)
    consumer.close()
    messages = [message for message in found if message is not None]
    assert [(one.topic(), one.partition(), one.offset()) for one in messages] == [
        (topic.name, 0, 0),
        (topic.name, 0, 1),
        (topic.name, 0, 2),
    ]


def test_in_pieces_each_record_comes_once_and_no_more_than_wanted(new_topic):
    """Short lists, in the order of the log, up to the number that is asked for; then the rest."""
    topic = new_topic()
    produce(topic, [Record("k", b"%d" % n) for n in range(1000)])
    consumer = reader(topic.cluster)
    consumer.assign([TopicPartition(topic.name, 0, 0)])
    found = []

    def takes_another():
        lists = list(pieces(consumer, 450, 0.1))
        assert sum(map(len, lists)) <= 450
        assert all(0 < len(one) <= 200 for one in lists)
        found.extend(message.offset() for one in lists for message in one)
        return len(found) >= 1000

    until(takes_another)
    assert found == list(range(1000))
    assert list(pieces(consumer, 450, 0)) == []
    consumer.close()


def test_a_time_in_another_unit_than_kafka_s_is_wrong():
    """Milliseconds of any year that a calendar has are right, and so is no time at all."""
    assert [wrong_time(time) for time in (-1, 0, 1_790_000_000_000)] == ["", "", ""]
    assert "1790000000000000" in wrong_time(1_790_000_000_000_000)
