"""Groups, their members and how far they are behind, in both protocols."""

import sys
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException

from eventlab.errors import BrokerError, LogError
from eventlab.log import Cluster, Record, Topic, groups, lag, members, produce
from tests.waiting import until

LOADING = KafkaError(KafkaError.COORDINATOR_LOAD_IN_PROGRESS)
groups_module = sys.modules[groups.__module__]

PROTOCOLS = ("classic", "consumer")


@contextmanager
def consumer(topic: Topic, protocol: str, **more):
    settings = topic.cluster.settings | {
        "group.id": topic.name,
        "group.protocol": protocol,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "client.id": "reader",
    }
    one = Consumer(settings | more)
    one.subscribe([topic.name])
    yield one
    one.close()


def write(topic: Topic, *partitions: int) -> None:
    produce(topic, [Record(None, b"{}", partition=number) for number in partitions])


def assigned(consumers: list[Consumer], count: int) -> None:
    """Let the consumers take part until all have their partitions."""
    taken = []

    def all_have_theirs() -> bool:
        taken.extend(message for one in consumers for message in one.consume(10, 0.05))
        return all(len(one.assignment()) == count for one in consumers)

    until(all_have_theirs)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_members_tell_who_reads_what(new_topic, protocol):
    """Two members share four partitions; each partition has one row, with its reader."""
    topic = new_topic(4)
    with ExitStack() as stack:
        both = [stack.enter_context(consumer(topic, protocol)) for _ in range(2)]
        assigned(both, 2)
        until(lambda: len(members(topic.cluster, topic.name)) == 4)
        frame = members(topic.cluster, topic.name)
    assert sorted(frame["partition"]) == [0, 1, 2, 3]
    assert set(frame["topic"]) == {topic.name}
    assert frame.groupby("member").size().tolist() == [2, 2]
    assert set(frame["client"]) == {"reader"}


def test_a_member_without_partitions_is_shown(new_topic):
    """Of two members of a group on one partition, one waits: it has a row of its own."""
    topic = new_topic(1)
    with consumer(topic, "consumer") as first, consumer(topic, "consumer") as second:

        def both_are_in() -> bool:
            for one in (first, second):
                one.consume(1, 0.05)
            return members(topic.cluster, topic.name)["member"].nunique() == 2

        until(both_are_in)
        frame = members(topic.cluster, topic.name)
    assert sorted(frame["partition"].isna()) == [False, True]
    assert frame["partition"].dtype == "Int64"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_lag_counts_what_is_not_committed(new_topic, protocol):
    """By partition, also of those never committed, while members read and after they have left."""
    topic = new_topic(3)
    write(topic, 0, 0, 0)
    with consumer(topic, protocol) as one:
        assert len(until(lambda: one.consume(3, 1.0))) == 3
        one.commit(asynchronous=False)
        write(topic, 0, 1, 1)
        during = lag(topic.cluster, topic.name)
    after = lag(topic.cluster, topic.name)
    for frame in (during, after):
        assert frame["topic"].tolist() == [topic.name] * 3
        assert frame["partition"].tolist() == [0, 1, 2]
        assert frame["committed"].fillna(-1).tolist() == [3, -1, -1]
        assert frame["end"].tolist() == [4, 2, 0]
        assert frame["lag"].tolist() == [1, 2, 0]


def test_a_group_outlives_its_topic(new_topic):
    """A group whose topic was deleted is behind on nothing."""
    topic = new_topic()
    write(topic, 0)
    with consumer(topic, "classic") as one:
        until(lambda: one.consume(1, 1.0))
        one.commit(asynchronous=False)
    topic.delete()
    frame = lag(topic.cluster, topic.name)
    assert [*frame.columns] == ["topic", "partition", "committed", "end", "lag"]
    assert len(frame) == 0


def test_groups_are_listed_by_prefix(new_topic):
    """Each with its state and its protocol; before and after the member is there."""
    topic = new_topic()
    with consumer(topic, "consumer") as one:
        assigned([one], 1)
        until(lambda: groups(topic.cluster, topic.name)["state"].tolist() == ["STABLE"])
        assert groups(topic.cluster, topic.name)["type"].tolist() == ["CONSUMER"]
    until(lambda: groups(topic.cluster, topic.name)["state"].tolist() == ["EMPTY"])
    assert [*groups(topic.cluster, "no such").columns] == ["group", "state", "type"]


@pytest.mark.parametrize("question", [lag, members])
def test_a_group_that_nobody_knows_is_an_error(cluster, question):
    """It says how a group comes to be."""
    with pytest.raises(LogError, match=r"There is no group nobody.*group.id"):
        question(cluster, "nobody")


def test_a_broker_that_is_away_is_one_error(monkeypatch):
    """Kafka's own error does not come through."""
    monkeypatch.setattr(sys.modules["eventlab.log.groups"], "ANSWER_SECONDS", 0.2)
    with pytest.raises(BrokerError, match=r"did not list its groups"):
        groups(Cluster({"bootstrap.servers": "127.0.0.1:1"}))


class Loading:
    """An admin client whose broker still loads its groups: it refuses the first questions."""

    def __init__(self, admin, refusals: int):
        self._admin = admin
        self.refusals = refusals

    def _refused(self) -> Future | None:
        self.refusals -= 1
        if self.refusals < 0:
            return None
        refused = Future()
        refused.set_exception(KafkaException(LOADING))
        return refused

    def list_consumer_groups(self, **options):
        if self._refused() is None:
            return self._admin.list_consumer_groups(**options)
        listing = Future()
        listing.set_result(SimpleNamespace(valid=[], errors=[LOADING]))
        return listing

    def describe_consumer_groups(self, names, **options):
        refused = self._refused()
        if refused is None:
            return self._admin.describe_consumer_groups(names, **options)
        return {names[0]: refused}


def test_groups_that_are_still_loaded_are_waited_for(new_topic):
    """A Kafka that has just started lists and describes them a moment later."""
    topic = new_topic()
    with consumer(topic, "classic") as one:
        assigned([one], 1)
        apart = Cluster(topic.cluster.settings)
        apart.admin = Loading(apart.admin, refusals=3)
        assert groups(apart, topic.name)["group"].tolist() == [topic.name]
        apart.admin.refusals = 3
        assert len(members(apart, topic.name)) == 1


def test_groups_that_are_never_loaded_are_an_error(cluster, monkeypatch):
    """It says what Kafka said."""
    monkeypatch.setattr(groups_module, "ANSWER_SECONDS", 0.1)
    apart = Cluster(cluster.settings)
    apart.admin = Loading(apart.admin, refusals=10_000)
    with pytest.raises(LogError, match=r"did not list its groups: .* COORDINATOR_LOAD_IN_PROGRESS"):
        groups(apart)
    with pytest.raises(LogError, match=r"did not describe the group g: .* COORDINATOR_LOAD"):
        members(apart, "g")
