from itertools import islice
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, Producer

from eventlab.course import ch04_groups
from eventlab.events import Shop
from eventlab.log import produce
from tests.waiting import until


def message(offset):
    return SimpleNamespace(offset=lambda: offset)


def test_what_a_reader_missed_is_counted_by_offsets():
    """Those that it got neither before nor after."""
    before = [message(0), message(1)]
    after = [message(5), message(6)]
    found = ch04_groups.fallen_off(before, after, 7)
    assert found == {
        "sent": 7,
        "read_before": 2,
        "read_after": 2,
        "never_read": 3,
        "goes_on_at": 5,
    }
    assert ch04_groups.fallen_off(before, [], 7)["goes_on_at"] == -1


RECORDS = 60


@pytest.fixture
def topic(new_topic):
    """Return a topic of three partitions with sixty records, each a batch of its own."""
    topic = new_topic(3)
    producer = Producer(topic.cluster.settings | {"batch.num.messages": 1})
    for number in range(RECORDS):
        producer.produce(topic.name, str(number), partition=number % 3)
    producer.flush()
    return topic


def come(topic, group):
    """Return a plain consumer of a group."""
    sticky = {"partition.assignment.strategy": "cooperative-sticky"}
    own = {"group.id": group, "auto.offset.reset": "earliest"} | sticky
    consumer = Consumer(topic.cluster.settings | own)
    consumer.subscribe([topic.name])
    return consumer


def members(topic, name):
    """Return the picture of consumers, each in the group of its name."""
    return ch04_groups.Members(
        topic, lambda number: come(topic, name(number)), records=RECORDS, per_second=30
    )


def test_members_of_one_group_do_each_record_once(topic):
    """Two come by themselves, and each of the three finds work."""
    with members(topic, lambda _: f"{topic}.team") as picture:
        picture.settle()
        found = picture.figures()
        words = picture._live.rows["member"]
    assert (found["orders"], found["done"], found["twice"]) == (RECORDS, RECORDS, 0)
    assert found["least"] > 0
    assert set(words) == {"member 1", "member 2", "member 3"}


def test_in_groups_of_their_own_they_do_the_same_records(topic):
    """Then the work is not shared."""
    with members(topic, lambda number: f"{topic}.{number}") as picture:
        picture.settle()
        assert picture.figures()["twice"] > 0


def test_one_that_goes_leaves_its_partitions_to_the_others(topic):
    """The last one stays, however often the button is pressed; who comes anew has a free name."""
    with members(topic, lambda _: f"{topic}.team") as picture:
        picture.settle()
        for _ in range(3):
            picture.remove()
        (last,) = [reader for reader in picture._readers if reader.is_alive]
        until(lambda: len(last.position) == 3, what="all partitions")
        picture.add()
        assert len(picture._readers) == 4
        assert [*picture.scores()] == ["member 1", "member 2", "member 3", "done twice"]


@pytest.mark.parametrize("external", [False, True], ids=["own broker", "another's"])
def test_a_topic_forgets_what_is_older_than_an_order(new_topic, external):
    """By its retention, or by hand on a cluster that looks too rarely; it says where it begins."""
    story = list(islice(Shop(seed=7).orders(), 40))
    topic = new_topic(1, segment_ms=60_000, retention_ms=-1)
    for order in story:
        produce(topic, [order])
    lab = SimpleNamespace(broker=SimpleNamespace(external=external))
    first = ch04_groups.forget_before(lab, topic, story[30])
    assert 0 < first <= 30
    assert (topic.settings()["retention.ms"] == "-1") == external
