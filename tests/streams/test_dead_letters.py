import pytest
from confluent_kafka import TopicPartition

from eventlab.log import Record, Topic, Writer, produce, read
from eventlab.log.reading import reader
from eventlab.streams.dead_letters import DeadLetters
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_a_letter_is_there_when_it_was_flushed(new_topic):
    """As it came, with its own headers, the reason and the place; its topic is made for it."""
    topic, dead = new_topic(), Topic(new_topic().cluster, f"{new_topic()}.dead")
    produce(topic, [Record("k", b"{bad", 1_000, [("trace", b"7")])])
    consumer = reader(topic.cluster)
    consumer.assign([TopicPartition(topic.name, 0, 0)])
    message = until(lambda: consumer.poll(0.1))
    letters = DeadLetters(dead)
    letters.flush()
    assert not dead.exists  # nobody asked for it yet
    letters.put(message, "it is bad")
    letters.flush()
    consumer.assign([TopicPartition(dead.name, 0, 0)])
    letter = until(lambda: consumer.poll(0.1))
    assert (letter.key(), letter.value(), letter.timestamp()[1]) == (b"k", b"{bad", 1_000)
    assert letter.headers() == [
        ("trace", b"7"),
        ("dead-letter.reason", b"it is bad"),
        ("dead-letter.topic", topic.name.encode()),
        ("dead-letter.partition", b"0"),
        ("dead-letter.offset", b"0"),
    ]
    assert len(read(dead).unreadable) == 1
    letters.close()
    consumer.close()
    dead.delete()


def test_a_letter_that_finds_no_room_waits_for_it(new_topic, monkeypatch):
    """It is handed over again once the queue was flushed, and never passed over."""
    topic, dead = new_topic(), new_topic()
    produce(topic, [("k", b"{bad")])
    consumer = reader(topic.cluster)
    consumer.assign([TopicPartition(topic.name, 0, 0)])
    message = until(lambda: consumer.poll(0.1))
    consumer.close()
    offer, refusals = Writer.offer, [False, False]
    monkeypatch.setattr(
        Writer, "offer", lambda *given: refusals.pop() if refusals else offer(*given)
    )
    letters = DeadLetters(dead)
    letters.put(message, "it is bad")
    letters.close()
    assert dead.end_offsets() == {0: 1}
