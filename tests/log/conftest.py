"""The suite's broker for most tests, and one that a test may stop."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from eventlab.broker import join
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic

# A busy machine is no fault of an example; seconds are never what a test here asserts.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

FRAGILE = pytest.mark.xdist_group("fragile broker")


@pytest.fixture(scope="session")
def cluster(broker) -> Cluster:
    """Return the suite's cluster, which no test may stop."""
    return Cluster(broker.client_settings)


@pytest.fixture
def new_topic(cluster, request) -> Callable[..., Topic]:
    """Return what makes an empty topic that no other test has."""
    name = "log." + re.sub(r"[^\w.-]", "_", request.node.name)[:200]
    made: list[Topic] = []

    def make(partitions: int = 1, **settings) -> Topic:
        topic = Topic(cluster, f"{name}.{len(made)}")
        made.append(topic.reset(partitions, {k.replace("_", "."): v for k, v in settings.items()}))
        return topic

    return make


@pytest.fixture(scope="session")
def fragile_home(tmp_path_factory) -> Path:
    """Return a home of its own that shares the suite's cache."""
    home = tmp_path_factory.mktemp("fragile")
    (home / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def fragile_seat(fragile_home):
    """Return a seat at a broker that a test may stop; its tests are marked FRAGILE."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_HOME", str(fragile_home))
        seat = join("tests that stop the broker")
    yield seat
    seat.end()


@pytest.fixture
def fragile(fragile_seat, fragile_home, monkeypatch) -> Iterator:
    """Return the broker that a test may stop, running."""
    monkeypatch.setenv("EVENTLAB_HOME", str(fragile_home))
    fragile_seat.start()
    yield fragile_seat
    fragile_seat.start()
