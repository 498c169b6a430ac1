"""One home and one broker for the whole suite, apart from the learner's own; one to be stopped.

What a test needs stands on it as a marker: `broker` (Apache Kafka, or the Java that runs it),
`browser`, `database` (a PostgreSQL), `notebook` (a Jupyter kernel), `processes` (it, or its whole
module, starts some and waits for them), `long`. The broker starts with the first test that is
marked so, which a run of the unmarked ones (`make check`) never reaches.
"""

import gc
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import hypothesis
import pytest

from eventlab import Lab
from eventlab.broker import end_local, join, prepare
from eventlab.course.kernel import kernel_environment
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic
from eventlab.processes.forking import Forking
from eventlab.services import machinery
from tests.properties import AT_MOST, FIRST_ANSWER, examples

# What several test modules assert by says what it found, as an assertion in a test does.
_MODULES = {f"tests.{path.stem}" for path in Path(__file__).parent.glob("[a-z]*")}
pytest.register_assert_rewrite(*_MODULES - set(sys.modules))

# Chapters are walked in a browser too.
pytest_plugins = ["tests.browser.fixtures"]

# A busy machine is no fault of an example; seconds are never what a test here asserts.
hypothesis.settings.register_profile("unhurried", deadline=None)
# For a first answer (make check); make test has the examples that the tests ask for.
hypothesis.settings.register_profile(FIRST_ANSWER, examples(AT_MOST))
hypothesis.settings.load_profile("unhurried")

FRAGILE = pytest.mark.xdist_group("fragile broker")

# A test that uses one of these needs the broker, whether it is marked or not.
_BRINGS_A_BROKER = {"broker", "fragile_seat"}
_HOME = pytest.StashKey[str]()
_OF_THE_LEARNER = [
    "EVENTLAB_BOOTSTRAP_SERVERS",
    "EVENTLAB_KAFKA_CONFIG",
    "EVENTLAB_JAVA",
    "EVENTLAB_SCHEMA_REGISTRY",
    "EVENTLAB_POSTGRES",
]


def pytest_configure(config: pytest.Config) -> None:
    """Give the suite a home of its own that shares the cache, before any worker starts."""
    if hasattr(config, "workerinput"):
        return
    prepare()
    home = Path(tempfile.mkdtemp(prefix="eventlab tests é "))
    (home / "cache").symlink_to(cache_folder(), target_is_directory=True)
    config.stash[_HOME] = str(home)
    os.environ["EVENTLAB_HOME"] = str(home)
    os.environ.update(kernel_environment())  # for the tests that start a kernel by Jupyter alone
    for name in _OF_THE_LEARNER:
        os.environ.pop(name, None)


def pytest_collection_finish() -> None:
    """Leave what every test needs out of Python's garbage collection: a fifth of their time."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let a worker with all that its tests have made end at once, without looking for cycles."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the broker if one was started, and return only when no process is left."""
    if _HOME not in config.stash:
        return
    end_local("the test suite")
    shutil.rmtree(config.stash[_HOME])


@pytest.hookimpl(tryfirst=True)  # pytest chooses by marker in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs the broker by the fixtures that it uses."""
    for item in items:
        if _BRINGS_A_BROKER.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.broker)
    # In a fresh clone mypy takes half a minute, beside which the other worker runs all the units.
    items.sort(key=lambda item: item.path.name != "test_types.py")


@pytest.fixture(autouse=True)
def _kafka_for_those_who_are_marked(request, monkeypatch) -> None:
    """Hold the broker for who is marked; let nobody else start Kafka, whose marker is forgotten."""
    if request.node.get_closest_marker("broker"):
        request.getfixturevalue("broker")
    else:
        monkeypatch.setenv("EVENTLAB_JAVA", "/no/java/for/a/test/that/is/not/marked/broker")


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


class _Lent(Forking):
    """Fork from a template that does not end with one of those who use it."""

    def stop(self) -> None:
        """Leave it to the next."""


@pytest.fixture(scope="session")
def template() -> Iterator[Forking]:
    """Return what forks the services of every lab of a test worker: it imports once for all."""
    lent = _Lent([*machinery._MODULES, *machinery._WHERE_USED])
    yield lent
    Forking.stop(lent)


@pytest.fixture
def lab(request, monkeypatch, template) -> Iterator[Lab]:
    """Return a lab with a chapter's name of its own, short enough for one."""
    monkeypatch.setattr(machinery, "Forking", lambda _modules: template)
    name = request.node.nodeid
    words = request.node.name[5:30].replace("[", "-").replace("]", "")
    with Lab(chapter=f"{words}-{crc32(name.encode())}") as lab:
        yield lab


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
