"""One home and one broker for the whole suite, apart from the learner's own; one to be stopped."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from eventlab.broker import join, prepare
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic

# A busy machine is no fault of an example; seconds are never what a test here asserts.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

FRAGILE = pytest.mark.xdist_group("fragile broker")

_HOME = pytest.StashKey[str]()
_SEAT = pytest.StashKey[object]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the suite a home of its own that shares the cache, before any worker starts."""
    if hasattr(config, "workerinput"):
        return
    prepare()
    home = Path(tempfile.mkdtemp(prefix="eventlab tests é "))
    (home / "cache").symlink_to(cache_folder(), target_is_directory=True)
    config.stash[_HOME] = str(home)
    os.environ["EVENTLAB_HOME"] = str(home)
    for name in ("EVENTLAB_BOOTSTRAP_SERVERS", "EVENTLAB_KAFKA_CONFIG", "EVENTLAB_JAVA"):
        os.environ.pop(name, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Hold the broker for as long as any worker runs, so that it is started once."""
    if _HOME in session.config.stash and not session.config.option.collectonly:
        session.config.stash[_SEAT] = join("the test suite")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the broker, and return only when no process is left."""
    if _SEAT in config.stash:
        config.stash[_SEAT].end()
    if _HOME in config.stash:
        shutil.rmtree(config.stash[_HOME])


@pytest.fixture(scope="session")
def broker():
    """Return a seat at the suite's broker; no test may stop it."""
    seat = join("a test worker")
    yield seat
    seat.close()


@pytest.fixture(scope="session")
def cluster(broker) -> Cluster:
    """Return the suite's cluster, which no test may stop."""
    return Cluster(broker.client_settings)


@pytest.fixture
def new_topic(cluster, request) -> Callable[..., Topic]:
    """Return what makes an empty topic that no other test has."""
    name = "test." + re.sub(r"[^\w.-]", "_", request.node.nodeid.partition("tests/")[2])[:200]
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
