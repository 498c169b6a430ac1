"""A reader in a thread of its own."""

import threading
import time

import pytest
from confluent_kafka import Consumer, KafkaException, TopicPartition

from eventlab.log import produce
from eventlab.pictures.readers import PacedReader
from tests.waiting import until

pytestmark = pytest.mark.broker
RECORDS = 40


@pytest.fixture
def topic(new_topic):
    """A topic with forty records in two partitions."""
    topic = new_topic(2)
    produce(topic, [(f"k{number}", {"number": number}) for number in range(RECORDS)])
    return topic


@pytest.fixture
def reader(topic):
    """A reader as fast as it can, of a group of its own."""
    reader = PacedReader(topic, lambda: come(topic), 0, "reader")
    yield reader
    reader.stop()


def come(topic):
    own = {"group.id": f"{topic}.one", "auto.offset.reset": "earliest"}
    consumer = Consumer(topic.cluster.settings | own)
    consumer.subscribe([topic.name])
    return consumer


def test_it_reads_to_the_end_and_knows_its_place(topic, reader):
    """In one reading."""
    until(lambda: reader.position == topic.end_offsets(), what="the end")
    assert [len(reading) for reading in reader.readings] == [RECORDS]


def test_sent_back_it_reads_again(topic, reader):
    """From the offsets that it was given, in a reading of its own."""
    until(lambda: reader.position == topic.end_offsets(), what="the end")
    reader.seek(dict.fromkeys(topic.end_offsets(), 0))
    until(lambda: reader.position == topic.end_offsets(), what="the end again")
    first, again = reader.readings
    assert sorted(m.value() for m in first) == sorted(m.value() for m in again)
    assert reader.covered == RECORDS


def test_sent_forward_it_leaps_over_nothing(topic):
    """It goes to where it has been: who skips records has not read them all."""
    slow = PacedReader(topic, lambda: come(topic), 1, "slow")
    try:
        until(lambda: slow.readings[0], what="the first record")
        slow.seek(topic.end_offsets())
        assert sum(slow.position.values()) < RECORDS
        slow.hurry(10_000)
        until(lambda: slow.position == topic.end_offsets(), what="the end")
        assert slow.covered == RECORDS
    finally:
        slow.stop()


def test_a_partition_that_it_does_not_have_is_passed_over(topic, reader):
    """In a group that shares the work another reader has it."""
    until(lambda: reader.position == topic.end_offsets(), what="the end")
    reader.seek({7: 0})
    assert reader.position == topic.end_offsets()


def test_a_slow_one_can_be_hurried(topic):
    """Whoever waits for the end need not wait for its own pace."""
    slow = PacedReader(topic, lambda: come(topic), 0.001, "slow")
    try:
        until(lambda: slow.readings[0], what="the first record")
        slow.hurry(10_000)
        until(lambda: slow.position == topic.end_offsets(), what="the end")
        assert slow.per_second == 10_000
    finally:
        slow.stop()


def test_what_ends_it_is_kept(topic):
    """And nobody waits for it."""

    def fails():
        raise KafkaException("no such group")

    reader = PacedReader(topic, fails, 0, "fails")
    until(lambda: reader.error is not None, what="its error")
    reader.seek({0: 0})
    assert not reader.is_alive


class Joining:
    """A consumer that comes into its group, and hears where it stood, when a test lets it."""

    def __init__(self):
        self.is_member = threading.Event()
        self.has_partitions = threading.Event()
        self.asked = threading.Event()
        self.answered = threading.Event()

    def memberid(self):
        return "one" if self.is_member.is_set() else ""

    def assignment(self):
        return [TopicPartition("orders", 0)] if self.has_partitions.is_set() else []

    def committed(self, asked, timeout):
        self.asked.set()
        self.answered.wait()
        return [TopicPartition("orders", 0, 0)]

    def consume(self, at_most, timeout):
        self.answered.wait(timeout)
        return []

    def close(self):
        pass


@pytest.fixture
def joining(topic):
    """A consumer that is not yet in its group, and its reader."""
    consumer = Joining()
    reader = PacedReader(topic, lambda: consumer, 0, "joining")
    yield consumer, reader
    consumer.answered.set()
    reader.stop()


def test_one_that_joins_is_not_idle_for_the_time_before(joining):
    """A busy group takes its time, and its partitions come after that."""
    consumer, reader = joining
    assert reader.idle_seconds == 0
    joined = time.monotonic()
    consumer.is_member.set()
    until(lambda: reader.idle_seconds > 0, what="a member")
    assert reader.idle_seconds <= time.monotonic() - joined


def test_one_that_asks_where_it_stood_is_not_idle(joining):
    """Its first record comes after the answer, however long that takes."""
    consumer, reader = joining
    consumer.has_partitions.set()
    consumer.is_member.set()
    until(consumer.asked.is_set, what="its question")
    assert reader.idle_seconds == 0
    consumer.answered.set()
    until(lambda: reader.idle_seconds > 0, what="a reader that knows its place")
    assert reader.position == {0: 0}
