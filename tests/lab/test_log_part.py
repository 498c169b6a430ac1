import pytest
from confluent_kafka import Consumer

from eventlab import Lab
from eventlab.errors import TopicError
from eventlab.events import Shop
from tests.lab.orders import orders
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_topics_are_the_chapters_own(lab):
    """Two chapters that use one name have two topics."""
    with Lab(chapter="neighbour") as neighbour:
        neighbour.topic("orders")
        lab.produce(orders(3), into=lab.topic("orders"))
        assert len(neighbour.read("orders")) == 0
        assert list(lab.topics()["topic"]) == [lab.name("orders")]


def test_a_topic_that_is_made_again_is_empty(lab):
    """Running the notebook again begins at offset 0."""
    lab.produce(orders(3), into=lab.topic("orders"))
    assert lab.topic("orders", partitions=2).end_offsets() == {0: 0, 1: 0}


def test_what_is_written_can_be_read(lab):
    """Events come back as a DataFrame with their place, their time and their fields."""
    written = orders(50)
    lab.produce(written, into=lab.topic("orders", partitions=3))
    frame = lab.read("orders")
    assert set(frame["order_id"]) == {order.order_id for order in written}
    assert list(frame.columns[:4]) == ["partition", "offset", "timestamp", "key"]
    assert (frame["timestamp"] == frame["at"]).all()


def test_unreadable_records_are_told_of_and_kept(lab, capsys):
    """One line says how many there are and where to look; none is dropped."""
    lab.produce([("a", b"{"), *orders(2)], into=lab.topic("orders"))
    assert len(lab.read("orders")) == 2
    assert "1 records could not be decoded: lab.unreadable('orders')" in capsys.readouterr().out
    assert list(lab.unreadable("orders")["key"]) == ["a"]


def test_plain_clients_work_beside_it(lab):
    """lab.kafka is a dict of settings that confluent_kafka takes as it is."""
    lab.produce(orders(5), into=lab.topic("orders"))
    settings = {"group.id": lab.name("audit"), "auto.offset.reset": "earliest"}
    consumer = Consumer(lab.kafka | settings)
    consumer.subscribe([lab.name("orders")])
    assert len(consumer.consume(5, timeout=30)) == 5
    consumer.commit(asynchronous=False)
    assert lab.lag("audit")["lag"].sum() == 0
    consumer.close()


def test_playing_again_stops_what_played_before(lab):
    """Of two players into one topic only the younger goes on."""
    topic = lab.topic("orders")
    first = lab.play(Shop(seed=1).orders(), into=topic, speed=60, control=False)
    second = lab.play(orders(100), into=topic, speed=0, control=False)
    assert second.wait(30).acknowledged == 100
    assert first.status.state == "stopped"


def test_following_hands_over_what_comes(lab):
    """A follower sees what was there and what is written later."""
    topic, seen = lab.topic("orders"), []
    lab.produce(orders(2), into=topic)
    lab.follow(topic, lambda batch: seen.extend(batch.rows), start="earliest")
    lab.produce(orders(3), into=topic)
    until(lambda: len(seen) == 5, what="five orders")


def test_take_turns_lets_every_group_read_all(lab):
    """Consumers with groups of their own do not share the records."""
    topic = lab.topic("orders", partitions=2)
    lab.produce(orders(20), into=topic)
    readers = [
        Consumer(lab.kafka | {"group.id": lab.name(f"r{n}"), "auto.offset.reset": "earliest"})
        for n in range(2)
    ]
    for reader in readers:
        reader.subscribe([topic.name])
    assert [len(seen) for seen in lab.take_turns(readers, up_to=20, seconds=30)] == [20, 20]
    for reader in readers:
        reader.close()


def test_an_unknown_topic_names_its_neighbours(lab):
    """A slip of the pen is answered with the topics that are near."""
    lab.topic("orders")
    with pytest.raises(TopicError, match=lab.name("orders")):
        lab.read("order")
