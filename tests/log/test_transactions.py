import random
from collections import Counter

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from eventlab.errors import FencedError, TopicError, UsageError
from eventlab.log import Record, Topic, Transactions, produce, read, transactions
from eventlab.log.reading import reader
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def copying(cluster, new_topic):
    """Return what copies one topic to another in transactions; with `fail` to spoil it."""
    made = []

    def make(source: Topic, target: Topic, fail=lambda message: None) -> Transactions:
        def copy(message):
            fail(message)
            return [(target, (message.key().decode(), message.value()))]

        name = f"copies {source}"
        made.append(
            Transactions(cluster, [source], copy, group=f"{source}.copies", name=name, at_most=10)
        )
        return made[-1]

    yield make
    for one in made:
        one.close()


def numbers(topic: Topic, **options) -> list[int]:
    """Return the values of a topic."""
    events = read(topic, **options).events
    return [] if events.empty else sorted(events["value"])


def test_every_record_is_written_once(new_topic, copying):
    """The group's offsets move with what is written."""
    one, two = new_topic(3), new_topic(2)
    produce(one, [(f"k{n}", n) for n in range(100)])
    copies, done = copying(one, two), 0
    while done < 100:
        done += copies.step()
    until(lambda: numbers(two) == list(range(100)))


def test_a_broker_that_only_settles_is_asked_again(new_topic, copying, monkeypatch):
    """One that has just started does not know yet who coordinates the transactions."""
    answers = iter([KafkaError.NOT_COORDINATOR, KafkaError.COORDINATOR_LOAD_IN_PROGRESS])

    class Settling(Producer):
        def init_transactions(self, *timeout):
            for code in answers:
                raise KafkaException(KafkaError(code))
            return super().init_transactions(*timeout)

    monkeypatch.setattr(transactions, "Producer", Settling)
    one, two = new_topic(), new_topic()
    produce(one, [("k", 1)])
    until(copying(one, two).step)
    until(lambda: numbers(two) == [1])


def test_a_step_that_was_interrupted_is_done_by_the_next(new_topic, copying):
    """What the interrupt left open is aborted, and its records are read and written again."""
    one, two = new_topic(), new_topic()
    produce(one, [("k", n) for n in range(10)])
    interrupts = iter([True])

    def interrupted(message):
        if message.offset() == 5 and next(interrupts, False):
            raise KeyboardInterrupt

    copies = copying(one, two, interrupted)
    with pytest.raises(KeyboardInterrupt):
        until(copies.step)
    until(copies.step)
    until(lambda: numbers(two) == list(range(10)))


def test_a_record_keeps_its_headers_and_its_time(cluster, new_topic):
    """What is written in a transaction is the whole record."""
    one, two = new_topic(), new_topic()
    produce(one, [("k", 1)])
    record = Record("k", b"1", 1_000, [("trace", b"7")])
    with Transactions(
        cluster, [one], lambda _: [(two, record)], group=f"{one}", name=f"{one}"
    ) as copies:
        until(copies.step)
    consumer = reader(cluster)
    consumer.assign([TopicPartition(two.name, 0, 0)])
    message = until(lambda: consumer.poll(0.1))
    consumer.close()
    assert (message.headers(), message.timestamp()[1]) == ([("trace", b"7")], 1_000)


def test_whatever_fails_nothing_is_there_twice_or_missing(new_topic, copying):
    """At random records it fails, and is now tried again, now made anew, as after a crash."""
    one, two, chance = new_topic(2), new_topic(), random.Random(7)
    produce(one, [(f"k{n}", n) for n in range(200)])
    failures: Counter = Counter()

    def fail(message):
        if chance.random() < 0.05:
            failures["all"] += 1
            raise RuntimeError("by chance")

    copies = copying(one, two, fail)

    def is_done() -> bool:
        nonlocal copies
        try:
            copies.step(0.2)
        except RuntimeError:
            if chance.random() < 0.3:
                copies.close()
                copies = copying(one, two, fail)
        return len(numbers(two)) >= 200

    until(is_done, seconds=90)
    assert failures["all"] > 0
    assert numbers(two) == list(range(200))


def test_what_was_aborted_stands_in_the_log_and_is_never_read(new_topic, copying):
    """Whoever asks for uncommitted records sees it."""
    one, two, seen = new_topic(), new_topic(), []
    produce(one, [("k", n) for n in range(10)])

    def fail(message):
        seen.append(message)
        if len(seen) == 5:
            until(lambda: two.end_offsets()[0] > 0)  # the records before it have arrived
            raise RuntimeError("in the middle")

    copies = copying(one, two, fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        until(lambda: copies.step(5) and len(seen) >= 10)
    assert numbers(two) == []
    until(lambda: copies.step(5) and len(seen) >= 15)
    until(lambda: numbers(two) == list(range(10)))
    assert len(numbers(two, uncommitted=True)) > 10


def test_a_zombie_is_fenced(new_topic, copying):
    """Of two with one name the older writes nothing any more."""
    one, two = new_topic(), new_topic()
    produce(one, [("k", n) for n in range(10)])
    zombie = copying(one, two)
    until(lambda: zombie.step(0.2))
    produce(one, [("k", n) for n in range(10, 20)])
    newer = copying(one, two)
    with pytest.raises(FencedError, match="Another one has taken over"):
        until(lambda: zombie.step(0.2))
    zombie.close()
    until(lambda: newer.step(0.2))
    until(lambda: numbers(two) == list(range(20)))


def test_a_topic_that_is_not_there_is_named(cluster):
    """Before anything is read."""
    with pytest.raises(TopicError, match="There is no topic"):
        Transactions(
            cluster, [Topic(cluster, "no-such-topic")], lambda _: [], group="g", name="nowhere"
        )


@pytest.mark.parametrize("given", [{"group": ""}, {"group": " "}, {"name": ""}, {"name": "a\0"}])
def test_a_name_that_is_none_is_refused(cluster, new_topic, given):
    """librdkafka would end the whole process over an empty group."""
    names = {"group": "g", "name": "n"} | given
    with pytest.raises(UsageError, match="letters that can be read"):
        Transactions(cluster, [new_topic()], lambda _: [], **names)


def test_a_time_that_has_passed_is_refused(new_topic, copying):
    """It would be waited for without an end."""
    transactions = copying(new_topic(), new_topic())
    with pytest.raises(UsageError, match="seconds"):
        transactions.step(-1)
