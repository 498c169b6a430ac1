"""The topics through which queries pass rows on: they end with their queries."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest
from confluent_kafka import KafkaError, KafkaException

from eventlab.errors import BrokerError
from eventlab.log import Topic
from eventlab.sql.running.standing import Layout
from eventlab.sql.server import between
from eventlab.sql.server.between import TopicsBetween

pytestmark = pytest.mark.broker


@pytest.fixture
def known(cluster, new_topic):
    """Two topics that are known, and what was reported."""
    reports = []
    topics = TopicsBetween("_sql", lambda name: Topic(cluster, name), reports.append)
    names = [new_topic().name, new_topic().name]
    for name in names:
        topics.note(Layout(2, topic=name))
    topics.note(Layout(2))
    topics.note(None)
    return topics, names, reports


def test_a_query_has_a_topic_of_its_own_name():
    """No two queries of any id share it."""
    topics = TopicsBetween("_sql", Topic, print)
    assert topics.name("CTAS_T_1") == "_sql.CTAS_T_1.repartition"


def test_the_longest_name_of_a_table_is_not_too_long_for_a_topic():
    """The number at the end of the query's id tells one from another."""
    topics = TopicsBetween("_eventlab_sql_default", Topic, print)
    names = [topics.name(f"CTAS_{'T' * 219}_{number}") for number in (1, 21)]
    assert [len(name) for name in names] == [249, 249]
    assert [name[-16:] for name in names] == ["TT_1.repartition", "T_21.repartition"]


def test_only_those_of_queries_stay(cluster, known):
    """What is gone already is gone."""
    topics, names, reports = known
    topics.keep([SimpleNamespace(layout=Layout(2, topic=names[0]))])
    assert [Topic(cluster, name).exists for name in names] == [True, False]
    topics.keep([])
    topics.keep([])
    assert [Topic(cluster, name).exists for name in names] == [False, False]
    assert reports == []


def test_what_cannot_be_deleted_now_is_later(cluster, known, monkeypatch):
    """And it is said."""

    def refuse(_topic):
        raise BrokerError("Kafka is away", expected="an answer", found="none", remedy="Wait.")

    topics, names, reports = known
    with monkeypatch.context() as away:
        away.setattr(Topic, "delete", refuse)
        topics.keep([])
    assert len(reports) == 2
    topics.keep([])
    assert not any(Topic(cluster, name).exists for name in names)


def test_what_cannot_be_deleted_of_a_topic_is_told_when_it_is_refused_again(known, monkeypatch):
    """A broker that has just started refuses it once, which is nothing to tell."""
    monkeypatch.setattr(between, "_PURGE_SECONDS", 0.0)
    topics, names, reports = known
    topic = topics._open_topic(names[0])
    for number in (0, 1):
        refused = Future()
        refused.set_exception(KafkaException(KafkaError(KafkaError._NOENT)))
        topics._answers.append((topic, refused))
        topics.purge([])
        assert len(reports) == number
    assert "Kafka did not delete the records" in reports[0]
    topics.purge([])
    assert len(reports) == 1
