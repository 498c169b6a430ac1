"""Topics: made, emptied, looked at, changed."""

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from eventlab.errors import TopicError, UsageError
from eventlab.events import Event
from eventlab.log import Cluster, Record, Topic, produce, read, topics
from eventlab.moments import milliseconds
from tests.waiting import until

NOBODY = Cluster({"bootstrap.servers": "127.0.0.1:1"})
THEN = datetime(2013, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "é", "a/b", "x" * 250])
def test_a_name_that_kafka_would_refuse_is_refused_at_once(name):
    """No broker is asked for it."""
    with pytest.raises(UsageError, match="topic's name"):
        Topic(NOBODY, name)


def test_a_topic_is_known_by_cluster_and_name():
    """Two that name the same are equal, and text shows the name."""
    assert Topic(NOBODY, "a") == Topic(NOBODY, "a") != Topic(NOBODY, "b")
    assert str(Topic(NOBODY, "a")) == "a"


def test_a_topic_made_anew_can_be_used_at_once(new_topic):
    """Whoever resets a topic, again and again, may write and read in the next line."""
    topic = new_topic()
    for round_number in range(6):
        topic.reset(3)
        assert topic.end_offsets() == topic.start_offsets() == {0: 0, 1: 0, 2: 0}
        sent = [(str(n), {"round": round_number}) for n in range(9)]
        assert produce(topic, sent).acknowledged == 9
        assert read(topic).events["round"].tolist() == [round_number] * 9


def test_a_reset_may_change_the_number_of_partitions(new_topic):
    """Those who write afterwards fill the new partitions, though their producer knew the old."""
    topic = new_topic(2)
    produce(topic, [(str(n), "1") for n in range(40)])
    topic.reset(5)
    report = produce(topic, [(str(n), "1") for n in range(200)])
    assert sorted(report.partitions) == topic.partitions == [0, 1, 2, 3, 4]


def test_a_producer_goes_on_after_a_reset(new_topic):
    """A plain producer that is still attached writes into the new topic, from offset 0."""
    topic, offsets = new_topic(), []
    producer = Producer(topic.cluster.settings | {"enable.idempotence": True})
    for _ in range(3):
        topic.reset()
        for n in range(2):
            producer.produce(
                topic.name, b"%d" % n, on_delivery=lambda error, one: offsets.append(one.offset())
            )
        assert producer.flush(30) == 0
        assert read(topic).events["value"].tolist() == [0, 1]
    assert offsets == [0, 1] * 3


def test_a_topic_can_be_deleted(new_topic):
    """It is gone when the call returns, and deleting it again is an error."""
    topic = new_topic()
    assert topic.exists
    topic.delete()
    assert not topic.exists
    with pytest.raises(TopicError, match="There is no topic"):
        topic.delete()


class SlowToDelete:
    """An admin client whose Kafka refuses a topic for a while after nobody names it any more."""

    def __init__(self, admin, refusals: int):
        self._admin = admin
        self.refusals = refusals

    def __getattr__(self, name):
        return getattr(self._admin, name)

    def create_topics(self, wanted, *, validate_only, **options):
        self.refusals -= not validate_only
        if self.refusals < 0 or validate_only:
            return self._admin.create_topics(wanted, validate_only=validate_only, **options)
        refused = Future()
        refused.set_exception(KafkaException(KafkaError(KafkaError.TOPIC_ALREADY_EXISTS)))
        return {wanted[0].topic: refused}


def test_a_topic_that_is_slow_to_go_is_made_anew(cluster, new_topic):
    """Under ZooKeeper a topic is refused for a while after the brokers have ceased to name it."""
    topic = Topic(Cluster(cluster.settings), new_topic().name)
    produce(topic, [("k", "1")])
    slow = SlowToDelete(topic.cluster.admin, refusals=3)
    topic.cluster.admin = slow
    assert topic.reset(2).end_offsets() == {0: 0, 1: 0}
    assert slow.refusals < 0


@pytest.mark.parametrize(
    "question",
    [
        lambda topic: topic.partitions,
        lambda topic: topic.end_offsets(),
        lambda topic: topic.describe(),
        lambda topic: topic.settings(),
        lambda topic: topic.set(retention_ms=5),
        lambda topic: topic.add_partitions(3),
        lambda topic: produce(topic, [("k", "v")]),
        lambda topic: read(topic),
    ],
)
def test_a_topic_that_is_not_there_is_named_with_those_near(new_topic, question):
    """Every question to it gives the same error, which names what is spelt almost so."""
    near = new_topic()
    with pytest.raises(TopicError, match="There is no topic") as caught:
        question(Topic(near.cluster, near.name[:-1] + "O"))
    assert near.name in caught.value.expected


def test_a_topic_that_is_there_is_not_made_twice(new_topic):
    """`create` does not touch what somebody else may have filled."""
    with pytest.raises(TopicError, match="already exists"):
        new_topic().create()


@pytest.mark.parametrize("partitions", [0, -1, 1.5, True, "3"])
def test_a_reset_that_cannot_be_done_deletes_nothing(new_topic, partitions):
    """A wrong number of partitions leaves the topic as it was."""
    topic = new_topic()
    produce(topic, [("k", "1")])
    with pytest.raises(UsageError, match="argument partitions"):
        topic.reset(partitions)
    assert topic.end_offsets() == {0: 1}


def test_a_setting_that_kafka_does_not_know_is_refused(new_topic):
    """The error has Kafka's own words about it."""
    with pytest.raises(TopicError, match="colour"):
        new_topic(colour="blue")


def test_a_topic_has_the_settings_that_it_was_given(new_topic):
    """Those of its making, those changed afterwards, and nothing of Kafka's defaults."""
    topic = new_topic(cleanup_policy="compact")
    topic.set(segment_ms=1000, retention_ms=5000)
    settings = topic.settings()
    assert settings.pop("message.timestamp.after.max.ms") == str(2**63 - 1)
    assert settings == {
        "cleanup.policy": "compact",
        "segment.ms": "1000",
        "retention.ms": "5000",
    }


def test_what_is_set_is_said_at_once_however_it_was_written(new_topic):
    """Kafka says numbers, lists and truths in its own way; to set the same again is no change."""
    topic = new_topic()
    written = {
        "min_cleanable_dirty_ratio": "0.50",
        "cleanup_policy": "compact, delete",
        "preallocate": True,
    }
    for _ in range(2):
        topic.set(**written)
        settings = topic.settings()
        assert float(settings["min.cleanable.dirty.ratio"]) == 0.5
        assert settings["cleanup.policy"].replace(" ", "") == "compact,delete"
        assert settings["preallocate"].lower() == "true"


def test_describe_tells_what_each_partition_holds(new_topic):
    """One row a partition, its records counted between its offsets."""
    topic = new_topic(2)
    produce(topic, [Record("k", b"1", partition=1)] * 3)
    rows = topic.describe().drop(columns="leader").to_dict("records")
    assert rows == [
        {"partition": 0, "start": 0, "end": 0, "records": 0},
        {"partition": 1, "start": 0, "end": 3, "records": 3},
    ]


def test_partitions_can_be_added_but_not_taken_away(new_topic):
    """The new ones can be written to at once; fewer is an error before Kafka is asked."""
    topic = new_topic(2)
    topic.add_partitions(4)
    assert produce(topic, [Record("k", b"1", partition=3)]).partitions == {3: 1}
    with pytest.raises(UsageError, match="cannot be taken away"):
        topic.add_partitions(3)


def test_events_of_any_time_are_kept(new_topic):
    """Those of 2013 are not deleted, and those of tomorrow are not refused."""
    topic = new_topic()
    sent = [Event("old", THEN), Event("new", datetime.now(UTC) + timedelta(days=400))]
    assert produce(topic, sent).acknowledged == 2
    topic.set(segment_ms=100)
    assert read(topic).events["event_id"].tolist() == ["old", "new"]


def test_retention_that_is_asked_for_is_obeyed(new_topic):
    """With a retention of its own a topic loses what is old; the log then begins later."""
    topic = new_topic(retention_ms=100)
    produce(topic, [Event("old", THEN)])
    until(lambda: topic.start_offsets() == {0: 1}, what="deletion of the old record")
    assert topic.describe()["records"].tolist() == [0]


def test_a_moment_leads_to_offsets(new_topic):
    """The first record of that moment or later; the end where none is so young."""
    topic = new_topic(2)
    hours = [THEN + timedelta(hours=n) for n in range(3)]
    produce(topic, [Record("k", b"1", milliseconds(at), partition=0) for at in hours])
    assert topic.offsets_at(hours[1]) == {0: 1, 1: 0}
    assert topic.offsets_at(hours[2] + timedelta(hours=1)) == {0: 3, 1: 0}
    assert topic.offsets_at(datetime(1960, 1, 1, tzinfo=UTC)) == {0: 0, 1: 0}


def test_topics_are_listed_by_prefix_without_kafka_s_own(new_topic):
    """Only those that begin so, each with its number of partitions."""
    second, first = new_topic(3), new_topic(1)
    listed = topics(second.cluster, second.name[:-2])
    assert listed.to_dict("list") == {"topic": [second.name, first.name], "partitions": [3, 1]}
    assert not any(name.startswith("__") for name in topics(second.cluster)["topic"])
    assert [*topics(second.cluster, "no such prefix").columns] == ["topic", "partitions"]


def test_several_may_make_one_topic_at_once(cluster, new_topic):
    """Each of them finds it made, and nobody fails because another was first."""
    name = new_topic().name
    Topic(cluster, name).delete()
    with ThreadPoolExecutor(4) as pool:
        made = [pool.submit(Topic(cluster, name).made) for _ in range(4)]
    assert [one.result().partitions for one in made] == [[0]] * 4
