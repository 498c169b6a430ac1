"""A desk within the test's own process, over topics of the suite's broker."""

import pytest

from eventlab.log import Topic
from eventlab.sql.server.commands import CommandLog
from eventlab.sql.server.desk import Desk
from tests.sql.server.live_desk import LiveDesk


@pytest.fixture
def orders(new_topic):
    """The name of an empty topic."""
    return new_topic(partitions=2).name


@pytest.fixture
def command_topic(cluster, new_topic):
    """A topic that is not there yet; what is made of the same name is gone afterwards."""
    name = f"_{new_topic().name}"
    yield Topic(cluster, f"{name}_commands")
    for found in cluster.metadata().topics:
        if found.startswith(name):
            Topic(cluster, found).delete()


@pytest.fixture
def another_desk(cluster, command_topic, tmp_path):
    """What begins a desk beside those that are there; all are closed."""
    desks = []

    def begin(port=None):
        reports = []
        desk = Desk(
            lambda name: Topic(cluster, name),
            CommandLog(command_topic),
            tmp_path,
            lambda: {name: len(one.partitions) for name, one in cluster.metadata().topics.items()},
            reports.append,
            f"127.0.0.1:{port or len(desks) + 1}",
        )
        desk.reports = reports
        desks.append(desk)
        desk.commands.begin()
        return desk

    yield begin
    for desk in desks:
        desk.close()


@pytest.fixture
def new_desk(another_desk):
    """What begins a desk on what earlier ones of the test have left, which are closed."""
    desks = []

    def begin():
        for desk in desks:
            desk.close()
        desks.append(another_desk(9))
        return desks[-1]

    return begin


@pytest.fixture
def new_live_desk(another_desk):
    """What begins a desk that looks at the others by itself, in a thread of its own."""
    live = []

    def begin():
        live.append(LiveDesk(another_desk))
        return live[-1]

    yield begin
    for one in live:
        one.close()


@pytest.fixture
def stores(tmp_path):
    """What returns the names of what parts of queries know."""
    others = {"lock", "servers", "tasks"}
    return lambda: {path.name for path in tmp_path.iterdir()} - others


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
