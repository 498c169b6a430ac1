"""A desk within the test's own process, over topics of the suite's broker."""

import pytest

from eventlab.log import Topic
from eventlab.sql.server.commands import CommandLog
from eventlab.sql.server.desk import Desk


@pytest.fixture
def orders(new_topic):
    """The name of an empty topic."""
    return new_topic(partitions=2).name


@pytest.fixture
def command_topic(cluster, new_topic):
    """A topic that is not there yet."""
    topic = new_topic()
    topic.delete()
    return topic


@pytest.fixture
def new_desk(cluster, command_topic, tmp_path):
    """What begins a desk on what earlier ones of the test have left; the last is closed."""
    desks = []

    def begin():
        for desk in desks:
            desk.close()
        reports = []
        desk = Desk(
            lambda name: Topic(cluster, name),
            CommandLog(command_topic),
            tmp_path,
            lambda: {name: len(one.partitions) for name, one in cluster.metadata().topics.items()},
            reports.append,
        )
        desk.reports = reports
        desks.append(desk)
        desk.begin()
        return desk

    yield begin
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(new_desk):
    """A desk of which nothing was asked yet."""
    return new_desk()


@pytest.fixture
def create(orders):
    """The statement that begins it all."""
    return (
        f"CREATE STREAM s (k STRING KEY, n INT) WITH (KAFKA_TOPIC='{orders}', VALUE_FORMAT='JSON');"
    )
