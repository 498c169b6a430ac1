"""A program that runs again after the broker was away: its topic is new, and so are its groups."""

import pytest
from confluent_kafka import Consumer, TopicPartition

from eventlab import Lab
from eventlab.log import take_turns
from tests.conftest import FRAGILE
from tests.lab.orders import orders

_COMMITS = 30_000


def run() -> int:
    """Make a topic anew, write a hundred orders, and return how many a group reads of them."""
    with Lab(chapter="again") as lab:
        topic = lab.new_topic("orders", partitions=2)
        lab.produce(orders(100), into=topic)
        group = {"group.id": lab.name("reader"), "auto.offset.reset": "earliest"}
        reader = lab.keep(Consumer(lab.kafka | group))
        reader.subscribe([topic.name])
        (seen,) = take_turns([reader], up_to=100, seconds=30)
        return len(seen)


def commit_much(settings: dict[str, str], topic: str) -> None:
    """Let groups commit so often that Kafka takes a while to load what they have committed."""
    named = [settings | {"group.id": f"busy-{n}", "enable.auto.commit": False} for n in range(10)]
    busy = [Consumer(one) for one in named]
    for number in range(_COMMITS // len(busy)):
        for one in busy:
            one.commit(offsets=[TopicPartition(topic, 0, number)], asynchronous=True)
        if number % 200 == 0:
            for one in busy:
                one.poll(0)
            busy[0].committed([TopicPartition(topic, 0)], timeout=30)  # answered after all of its
    for one in busy:
        one.close()


@pytest.mark.long
@FRAGILE
def test_a_group_reads_a_topic_that_was_made_anew_whatever_ended_the_broker(fragile):
    """Stopped or killed, with much that groups have committed: all hundred are read each time."""
    assert run() == 100
    commit_much(fragile.client_settings, "again.orders")
    read = []
    for end in (fragile.stop, fragile.kill):
        end()
        read.append(run())
    assert read == [100, 100]
